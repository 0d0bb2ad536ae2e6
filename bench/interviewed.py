"""People who are interviewed at the running server, with words of their own in all that they say.

Each has a résumé; answers in writing and aloud, with a transcript; defends an answer; appeals; and
leaves a second interview in its midst, with a recording of which half was sent.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple, Protocol

import httpx
import msgspec

from banbury.accounts import Accounts
from banbury.accounts.codes import csrf_of
from banbury.errors import BanburyError
from banbury.people.interviews import Interviews
from banbury.store import House
from banbury.web.app import make
from banbury.web.serve import Served

WHOLE, LEFT = "interview.email_judgement", "interview.python_repair"
MOST = 40


class Speaker(Protocol):
    """Somebody with an account, who plants words."""

    id: str

    def word(self, kind: str) -> str:
        """Return a new word that was planted."""
        ...


class Said(NamedTuple):
    """Where an interview is kept, whole or left, and the words that were said in it."""

    lab: str
    episode: str
    words: tuple[str, ...]


def held(house: House, people: Iterable[Speaker]) -> dict[str, Said]:
    """Interview everybody; return what is kept of the one that ended, by account."""
    accounts = Accounts(house)
    with Served(make(house)) as served:
        for one in people:
            code = accounts.sessions.start(one.id, "a browser")
            headers = {"origin": served.origin, "x-csrf-token": csrf_of(code)}
            with httpx.Client(base_url=served.origin, headers=headers, timeout=60) as client:
                client.cookies.set("banbury", code)
                client.put("/api/resume", content=one.word("resume").encode()).raise_for_status()
                _whole(client, one)
                _left(client, one)
    accounts.close()
    return {one.id: _kept(house, one.id) for one in people}


def readable(house: House, kept: Iterable[Said]) -> int:
    """Return how many interviews can be read through the store."""
    count = 0
    for one in kept:
        with suppress(BanburyError):
            count += bool(_words(house, one.lab, one.episode))
    return count


def _whole(client: httpx.Client, one: Speaker) -> None:
    """Answer every question: in writing, once aloud; then appeal."""
    id = _begun(client, WHOLE)
    spoken = _recorded(client, id, one.word("spoken"))
    answers = _answers(one, spoken)
    scene = client.post(f"/api/interviews/{id}/open", json={}).json()
    for _ in range(MOST):
        if scene.get("over"):
            break
        scene = _act(client, id, scene, next(answers) if _open(scene) else _key(scene, one))
    assert scene.get("over") == "done", scene
    appeal = {"reason": one.word("objection")}
    client.post(f"/api/interviews/{id}/appeal", json=appeal).raise_for_status()


def _left(client: httpx.Client, one: Speaker) -> None:
    """Begin another, answer once, send half a recording, and go away."""
    id = _begun(client, LEFT)
    _recorded(client, id, one.word("halfway"), whole=False)
    scene = client.post(f"/api/interviews/{id}/open", json={}).json()
    _act(client, id, scene, one.word("midst"))


def _begun(client: httpx.Client, skill: str) -> str:
    made = client.post("/api/interviews", json={"skill": skill, "agreed": True, "voice": True})
    made.raise_for_status()
    return str(made.json()["id"])


def _answers(one: Speaker, spoken: str) -> Iterator[str]:
    """Yield answers to open questions: the last of an interview is the defence of one's own."""
    yield f"[spoken {spoken} 12 s]\n{one.word('transcript')} is what was said aloud."
    while True:
        yield f"I would ask {one.word('written')} first, since it is not known who decides."


def _recorded(client: httpx.Client, id: str, word: str, *, whole: bool = True) -> str:
    data = (word + "-").encode() * 200
    first, asked = f"/api/interviews/{id}/voice", {"media": "audio/webm", "number": 0}
    told = client.post(first, params={**asked, "size": len(data)}).json()
    sent = data if whole else data[: len(data) // 2]
    path = f"{first}/{told['upload']}"
    told = client.post(path, params={"offset": 0}, content=sent).raise_for_status().json()
    return str(told.get("sha256", ""))


def _act(client: httpx.Client, id: str, scene: dict[str, Any], text: str) -> dict[str, Any]:
    body = {"number": scene["number"], "action": {"do": "answer", "text": text}}
    sent = client.post(f"/api/interviews/{id}/act", json=body).raise_for_status()
    return dict(sent.json())


def _question(scene: dict[str, Any]) -> dict[str, Any]:
    seen = [o for e in scene["exchanges"] for o in e["observations"] if o.get("data")]
    return dict(msgspec.json.decode(seen[-1]["data"]))


def _open(scene: dict[str, Any]) -> bool:
    return bool(_question(scene)["kind"] == "open")


def _key(scene: dict[str, Any], one: Speaker) -> str:
    """Return an answer to a question that a program marks: words, where it takes any."""
    return "a" if _question(scene)["kind"] == "choice" else one.word("marked")


def _kept(house: House, account: str) -> Said:
    [done] = [i for i in Interviews(house).of(account) if i.episode]
    return Said(done.lab, done.episode, _words(house, done.lab, done.episode))


def _words(house: House, lab: str, episode: str) -> tuple[str, ...]:
    steps = house.lab(lab, create=False).read(episode).actions()
    return tuple(msgspec.json.decode(s.payload).get("text", "") for s in steps)
