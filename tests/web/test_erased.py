"""Pages and the API go on where somebody's work was erased, and say so."""

import pytest
from tests.store.test_sealed import episode

from banbury.episode import Record, Step


@pytest.fixture
def erased(site):
    lab = site.house.lab("site")
    header = episode(lab, "p-leaves", run="erased-pages")
    step = Step(0, "action", 0, "solver", "main", 0, 0, b'{"text":"quince"}')
    lab.write([Record(header, (step,))])
    with site.as_("owner") as client:
        assert "quince" in client.get(f"/labs/site/episodes/{header.id}").text
    lab.erase("p-leaves", "nothing")
    return header.id


def test_an_episode_that_is_erased_is_listed_and_says_why_it_cannot_be_shown(site, erased):
    with site.as_("owner") as client:
        listed = client.get("/labs/site/episodes?run=erased-pages")
        assert listed.status_code == 200 and erased in listed.text
        shown = client.get(f"/labs/site/episodes/{erased}", headers={"accept": "text/html"})
        assert shown.status_code == 410
        assert "erased at their wish" in shown.text and "quince" not in shown.text
        told = client.get(f"/api/labs/site/episodes/{erased}/find?q=quince")
        assert told.status_code == 410 and "erased" in told.json()["what"]
