"""What the database says reaches the log, and a person gets one kind sentence."""

import pytest

from banbury.episode import new_id
from banbury.errors import Unkept


def test_what_the_database_refuses_is_said_kindly_and_kept_in_the_log(site, caplog):
    with site.as_("owner") as client:
        said = client.get("/labs/site/footage?campaign=%00", headers={"accept": "text/html"})
        plain = client.get("/api/labs/site/footage?campaign=%00").json()
    assert said.status_code == 400 and plain["what"].startswith("this could not be kept")
    for words in (said.text, str(plain)):
        assert "PostgreSQL" not in words and "store refuses" not in words
    assert "PostgreSQL text fields cannot contain NUL" in caplog.text


def test_an_account_that_the_house_does_not_know_is_no_foreign_key_to_a_person(house):
    lab = house.lab("kindly")
    with pytest.raises(Unkept, match="foreign key"):
        house.grants.take(new_id(), lab.name, "spring")
