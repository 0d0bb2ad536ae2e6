"""What is left of a person who was erased: of planted words, of copies, of the work that may stay.

A house with two labs and people whose words are unique tokens: names, addresses, browsers, names
of tokens, invitations, profiles, appeals, free text answers, reasons of reviews, names of files,
and the bytes of recordings; and of interviews, held at the running server: a résumé, answers in
writing and aloud with a transcript, the defence of an answer, an appeal, and one that was left in
its midst. A back-up is taken; then one person for each consent is erased. Every token is looked for
in dumps of all databases, in every file of the store (the database's files and its log included),
and in the back-up from before: plain, UTF-16, base64 and hexadecimal, and inside of zstd, gzip and
Parquet. A token planted in plain sight says that the search can find.

Copies are counted here, apart from the store, as they are made. What may stay is read again.

Run: make bench NAME=erasing      (about two minutes)
"""

import argparse
import base64
import gzip
import io
import os
import re
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import zstandard

import interviewed
from banbury import store
from banbury.accounts import Accounts, Caller
from banbury.accounts.consent import LEVELS, Consents
from banbury.arena import answer
from banbury.arena import review as decide
from banbury.cycle.release import export, release
from banbury.cycle.review import review
from banbury.cycle.source.importing import export_tasks, import_tasks, read_plan
from banbury.errors import BanburyError, Erased
from banbury.people.erasing import Erasures
from banbury.people.offers import Standings
from banbury.people.offers.words import Words
from banbury.people.standing.finding import Result
from banbury.store import House, Lab
from banbury.store.backup import back_up, program
from banbury.store.queue import Campaign
from figures import Row, row, tell
from workbench import LAB as CROWD
from workbench import accounts as crowd

LABS, TASKS, CROWDED = ("alpha", "beta"), 6, 30_000
MARK = "zqmarkqz"
"""In every planted word, so that a file without any is passed over soon."""
CONTROL = f"control{MARK}plainsight0"
_HEX = re.compile(rb"\\\\x([0-9a-f]{16,})")


class Person:
    """Somebody with words of their own, everywhere; `words` are all that were planted."""

    def __init__(self, house: House, level: str) -> None:
        self.level = level
        self.words: list[str] = []
        self.names: dict[str, str] = {}
        self.answers: dict[str, str] = {}
        self.copies: Counter[str] = Counter()
        accounts = Accounts(house)
        owner = accounts.people.by_email("owner@bench.example")
        assert owner is not None
        self.email = f"{self.word('mail')}@bench.example"
        boss = Caller(
            account=owner.id, name="Owner", roles=dict.fromkeys(LABS, "owner"), via="session"
        )
        made = accounts.links.invite(boss, LABS[0], "expert", self.email)
        code = made.path.removeprefix("/join/")
        self.id = accounts.links.join(code, self.email, self.word("name"), self.word("hash"))
        accounts.members.join(LABS[1], self.id, "reviewer")
        caller = accounts.sessions.caller(accounts.sessions.start(self.id, self.word("agent")))
        accounts.tokens.make(caller, self.word("token"), ["see:*"], 5)
        accounts.links.invite(boss, LABS[1], "expert", f"{self.word('again')}@bench.example")
        self.names = dict(caller.pseudonyms)
        Words(house).put(self.id, "about", self.word("profile"))
        bad = [Result(f"g{n}", "gold", 0.0, 0.8) for n in range(20)]
        Standings(house).add(self.id, "bench.skill", bad)
        Standings(house).act(self.id, "bench.skill", "appeal", self.id, self.word("appeal"))
        for lab in LABS:
            Consents(house).say(self.id, lab, level if level in LEVELS else "all")  # type: ignore[arg-type]
        accounts.close()

    def word(self, kind: str) -> str:
        """Plant a new word."""
        made = f"{kind}{MARK}{self.level}{os.urandom(6).hex()}q"
        self.words.append(made)
        return made

    def works(self, lab: Lab, owner: str) -> None:
        """Answer in free text, send a recording, and have it accepted."""
        who = self.names[lab.name]
        for lease in lab.queue.claim("work", who, "", 2):
            text = self.word("answer")
            said = {
                "do": "label",
                "results": {"mood": {"choices": ["good"]}, "why": {"text": text}},
            }
            got = answer(lab, lease.id, msgspec.json.encode(said), submission=lease.id)
            self.answers[got.episode] = text
        data = (self.word("voice") + "-" + self.word("frame")).encode() * 50
        sent = lab.uploads.create(self.word("file") + ".wav", len(data), who, media="audio/x-wav")
        lab.uploads.append(sent.id, 0, data)
        lab.uploads.finish(sent.id)
        for lease in lab.queue.claim("work", owner, "", 10, ("review",)):
            decide(lab, lease.id, "accept", submission=lease.id)

    def reviews(self, lab: Lab, author: "Person") -> None:
        """Look at what somebody else made, with a reason of one's own."""
        who = self.names[lab.name]
        for lease in lab.queue.claim("work", who, "", 1, ("review",)):
            decide(lab, lease.id, "return", submission=lease.id, reasons=[self.word("reason")])


def _said(mood: str, why: str) -> bytes:
    results = {"mood": {"choices": [mood]}, "why": {"text": why}}
    return msgspec.json.encode({"do": "label", "results": results})


def made(home: Path) -> tuple[House, dict[str, Person]]:
    """Return a house with two labs, an owner and four people; one of them stays."""
    house = store.open(str(home))
    accounts = Accounts(house)
    owner = accounts.people.add("owner@bench.example", "Owner", operator=True)
    for name in LABS:
        lab = house.lab(name)
        accounts.members.join(name, owner, "owner")
        rows = home.parent / f"{name}.jsonl"
        lines = (f'{{"text":"message {n} of {name}"}}\n' for n in range(TASKS * 4))
        rows.write_text("".join(lines))
        into = Campaign("work", "labelling", "work", review=1.0)
        import_tasks(
            lab, rows, read_plan("choice mood: good, bad; transcription why"), campaign=into
        )
        lab.put_artifact("note", "control", {"words": CONTROL})
    bosses = {m.account: m.pseudonym for m in accounts.members.page(LABS[0]).people}
    people = {level: Person(house, level) for level in (*LEVELS, "stays")} if bosses else {}
    accounts.close()
    return house, people


def lived(house: House, people: dict[str, Person], folder: Path) -> Counter[tuple[str, str]]:
    """Let people work and copies leave; return how many of them hold work of each, by lab."""
    accounts = Accounts(house)
    copies: Counter[tuple[str, str]] = Counter()
    for name in LABS:
        lab = house.lab(name)
        [owner] = [m.pseudonym for m in accounts.members.page(name, role="owner").people]
        listed = list(people.values())
        for one, other in zip(listed, listed[1:] + listed[:1], strict=True):
            for lease in lab.queue.claim("work", one.names[name], "", 1):
                text = one.word("returned")
                said = {
                    "do": "label",
                    "results": {"mood": {"choices": ["bad"]}, "why": {"text": text}},
                }
                answer(lab, lease.id, msgspec.json.encode(said), submission=lease.id)
            other.reviews(lab, one)
        for one in listed:
            one.works(lab, owner)
        ids = list(lab.queue.accepted("work"))
        checked = review(lab, episodes=ids, name="work")
        released = release(lab, "work", episodes=checked.accepted)
        export(lab, released, folder / f"{name}-parquet")
        export(lab, released, folder / f"{name}-trl", "trl")
        export_tasks(lab, folder / f"{name}.jsonl", "jsonl", campaign="work")
        # Counted from the files that lie outside, not from the store's own list.
        outside = (folder / f"{name}.jsonl").read_text()
        for one in listed:
            if any(word in outside for word in one.words):
                copies[one.level, name] += 4
    accounts.close()
    return copies


def forms(word: str) -> list[bytes]:
    """Return how a word may lie in a file."""
    plain = word.encode()
    found = [plain, word.encode("utf-16-le"), word.encode("utf-16-be"), plain.hex().encode()]
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + plain)
        found.append(coded[4 if shift else 0 : -4])
    return found


def unpacked(data: bytes) -> Iterator[bytes]:
    """Yield bytes, and what is inside of them where they are packed."""
    yield data
    for begins, opener in ((b"\x28\xb5\x2f\xfd", _zstd), (b"\x1f\x8b\x08", gzip.decompress)):
        at = data.find(begins)
        while at >= 0:
            with suppress(OSError, EOFError, zlib.error, zstandard.ZstdError):
                yield opener(data[at : at + (4 << 20)])
            at = data.find(begins, at + 1)
    if data[:4] == b"PAR1":
        with suppress(Exception):
            yield str(pq.read_table(io.BytesIO(data)).to_pylist()).encode()
    for piece in _HEX.findall(data):
        inner = bytes.fromhex(piece[: len(piece) // 2 * 2].decode())
        yield inner
        if inner[:4] == b"\x28\xb5\x2f\xfd":
            with suppress(zstandard.ZstdError):
                yield _zstd(inner)


def _zstd(data: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(data)


def found(folder: Path, words: list[str]) -> set[str]:
    """Return the words that can be read in any file below a folder; dumps as SQL too."""
    asked = {form: word for word in words for form in forms(word)}
    pattern = re.compile(b"|".join(re.escape(form) for form in sorted(asked)))
    seen, marks = set[str](), forms(MARK)
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        try:
            data = file.read_bytes()
        except FileNotFoundError:
            continue  # The database removed it meanwhile.
        parts = [data]
        if file.suffix == ".dump":
            words_ = [str(program("pg_restore")), "--file=-", str(file)]
            parts.append(subprocess.run(words_, capture_output=True, check=True).stdout)
        for part in parts:
            for inside in unpacked(part):
                if any(form in inside for form in marks):
                    seen |= {asked[m] for m in pattern.findall(inside)}
    return seen


def settled(house: House) -> None:
    """Bring all that the database holds to its files."""
    with house.server.connect(house.server.house) as admin:
        admin.autocommit = True
        admin.execute("CHECKPOINT")


def figures(folder: Path) -> Iterator[Row]:
    """Run it all; yield the rows."""
    home = folder / "home"
    os.environ["BANBURY_KEYS"] = str(folder / "keys")
    house, people = made(home)
    with house:
        copies = lived(house, people, folder / "outside")
        talks = interviewed.held(house, people.values())
        gone = [people[level] for level in LEVELS]
        words = [word for one in gone for word in one.words]
        yield row("planted words of people who are erased", len(words), "")
        yield row("of these readable before, through the store", _readable(house, gone), "")
        heard = [talks[one.id] for one in gone]
        yield row("interviews of them readable before", interviewed.readable(house, heard), "")
        back_up(house, folder / "before")
        erasures, listed = Erasures(house), Counter[tuple[str, str]]()
        for one in gone:
            for part in erasures.plan(one.id).labs:
                listed[one.level, part.lab] = len(part.delivered)
        begun = time.process_time()
        done = [erasures.erase(one.id).done for one in gone]
        yield row("people erased", sum(done), "", f"== {len(gone)}")
        yield row("CPU time to erase one", (time.process_time() - begun) / len(gone), "s")
        right = sum(listed[key] == n for key, n in copies.items() if key[0] in LEVELS)
        many = sum(1 for key in copies if key[0] in LEVELS)
        yield row("lists of copies that name every copy outside", right / many, "", "== 1")
        settled(house)
        back_up(house, folder / "after")
        allowed = _allowed(people)
        for name, where in (
            ("files of the store, log included", home),
            ("dumps and files of today's back-up", folder / "after"),
            ("the back-up from before", folder / "before"),
        ):
            seen = found(where, [*words, CONTROL])
            yield row(f"words planted in plain sight found in {name}", CONTROL in seen, "", ">= 1")
            left = {w for w in seen if w != CONTROL}
            wrong = sorted({w.replace(MARK, " ").removesuffix(w[-13:]) for w in left - allowed})
            said = f"words that may not stay readable in {name}"
            yield row(said, len(left - allowed), "", "== 0", seen=wrong)
        yield from stays(house, people)
        left = interviewed.readable(house, heard)
        yield row("interviews of who was erased that can be read", left, "", "== 0", of=len(heard))
        kept = interviewed.readable(house, [talks[people["stays"].id]])
        yield row("interviews of who stayed that can be read", kept, "", "== 1")
    yield from lists(folder / "crowd")


def _allowed(people: dict[str, Person]) -> set[str]:
    """Return the words that may stay by consent."""
    kinds = {
        "answers": ("answer", "returned"),
        "nothing": (),
        "all": ("answer", "returned", "voice", "frame", "file", "reason"),
    }
    return {
        word
        for level, begins in kinds.items()
        for word in people[level].words
        if word.startswith(tuple(begins)) and begins
    }


def _readable(house: House, gone: list[Person]) -> int:
    count = 0
    for one in gone:
        for name in LABS:
            for episode, text in one.answers.items():
                with suppress(BanburyError):
                    steps = house.lab(name).read(episode).actions()
                    count += any(text.encode() in s.payload for s in steps)
    return count


def stays(house: House, people: dict[str, Person]) -> Iterator[Row]:
    """Yield what is there of the work: all that may stay, and nothing else."""
    for level in (*LEVELS, "stays"):
        one, kept, erased = people[level], 0, 0
        for episode, text in one.answers.items():
            for name in LABS:
                try:
                    steps = house.lab(name).read(episode).actions()
                    kept += any(text.encode() in s.payload for s in steps)
                except Erased:
                    erased += 1
                except BanburyError:
                    continue
        want = 0 if level == "nothing" else len(one.answers)
        said = "of who stayed" if level == "stays" else f"with consent to `{level}`"
        yield row(f"answers that can be read {said}", kept, "", f"== {want}", of=len(one.answers))
    accounts = Accounts(house)
    named = [m.name for lab in LABS for m in accounts.members.page(lab, whole=True).people]
    left = sum(
        name in one.words for one in people.values() if one.level != "stays" for name in named
    )
    yield row("erased people whom a list still names", left, "", "== 0")
    accounts.close()


def lists(home: Path) -> Iterator[Row]:
    """Yield what lists of 30,000 people cost, whose names only the process can read."""
    with store.open(f"banbury://{home}?durable=no") as house:
        crowd(house, CROWDED, 1)
        accounts = Accounts(house)
        for name, ask in (
            (
                "first page, opened for the first time",
                lambda: accounts.members.page(CROWD, whole=True),
            ),
            ("first page, again", lambda: accounts.members.page(CROWD, whole=True)),
            ("first search", lambda: accounts.members.page(CROWD, "p123", whole=True)),
            ("search, again", lambda: accounts.members.page(CROWD, "p2999", whole=True)),
        ):
            begun = time.process_time()
            got = ask()
            spent = (time.process_time() - begun) * 1e3
            assert got.people
            yield row(f"list of 30,000: {name}", spent, "ms CPU")
        accounts.people.rename(got.people[0].account, "Somebody Else")
        begun = time.process_time()
        accounts.members.page(CROWD, whole=True)
        spent = (time.process_time() - begun) * 1e3
        yield row("list of 30,000: first page after a change", spent, "ms CPU")
        accounts.close()


def main() -> int:
    """Print the table and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dry", action="store_true", help="write no results")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="banbury-erasing-") as folder:
        rows: list[Any] = list(figures(Path(folder)))
    return tell("erasing", rows, kept=not given.dry)


if __name__ == "__main__":
    sys.exit(main())
