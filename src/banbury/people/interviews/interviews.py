"""Interviews of people: which are open to them, the tries, where each lives, what came of it."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.accounts.members import called
from banbury.episode import Problem, digest, new_id
from banbury.errors import InputError, UnknownName
from banbury.gyms import wording
from banbury.gyms.interview.bank import Bank, banks
from banbury.gyms.interview.gym import MINUTES, TRIES, InterviewGym
from banbury.people.ability import tries as rules
from banbury.people.interviews import seen
from banbury.people.interviews.banks import Banks, Held
from banbury.people.interviews.room import opened
from banbury.store import House, Lab
from banbury.store.keyring import work_key

DAY_NS = 86_400 * 10**9
WAITS_NS = (0, 7 * DAY_NS, 30 * DAY_NS)
"""How long after the end of a try the next one opens: a try tells little unless one has learnt."""
ATTEMPTS = 3
"""How often a try that the machine failed at is begun again."""
GYM = InterviewGym()


class Interview(msgspec.Struct, frozen=True):
    """One try of one person at the interview of a skill.

    Attributes:
        id: UUIDv7.
        account: whose.
        skill: dotted path.
        number: of the try, 1 to 3.
        attempt: how often the machine failed at it.
        lab: where it lives.
        pseudonym: what the person is called there.
        task: id of the task.
        bank: hash of the bank, with its keys and rubrics.
        voice: whether they agreed that their voice may be recorded.
        began_ns: UTC nanoseconds.
        ended_ns: likewise, None while it goes on.
        episode: id of the record, "" while it goes on.
        believed: id of the judgement that beliefs rest on, "" before there is one.
    """

    id: str
    account: str
    skill: str
    number: int
    attempt: int
    lab: str
    pseudonym: str
    task: str
    bank: str
    voice: bool
    began_ns: int
    ended_ns: int | None = None
    episode: str = ""
    believed: str = ""

    @property
    def key(self) -> str:
        """Return the name of the key of what the person says in it."""
        return work_key(self.lab, self.pseudonym)


class Offered(msgspec.Struct, frozen=True):
    """A skill in which a person can be interviewed.

    Attributes:
        skill: dotted path.
        title: a few words.
        about: what is measured, for the person.
        minutes: that it takes.
        lab: whose bank it is, "" for one that is everybody's.
        tries: those begun, the first one first.
        left: how many more there are.
        opens_ns: when the next one opens; None where there is none, or one goes on.
        going: id of the one that goes on, "" if none does.
        why: why it cannot measure this person, "" where it can.
    """

    skill: str
    title: str
    about: str
    minutes: int
    lab: str
    tries: tuple[Interview, ...]
    left: int
    opens_ns: int | None
    going: str
    why: str = ""


_COLUMNS = (
    "id::text, account::text, skill, number, attempt, lab, pseudonym, task, bank, voice, "
    "began_ns, ended_ns, episode, believed"
)
_MINE = f"SELECT {_COLUMNS} FROM interview WHERE account = CAST(:a AS uuid) ORDER BY skill, number"
_NEW = f"""
INSERT INTO interview (id, account, skill, number, attempt, lab, pseudonym, task, bank, agreed,
    voice, began_ns) VALUES (:id, CAST(:account AS uuid), :skill, :number, 0, :lab, :pseudonym,
    :task, :bank, :agreed, :voice, :now) RETURNING {_COLUMNS}
"""


class Interviews:
    """The interviews of a house."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._banks = Banks(house)

    def offered(self, account: str, labs: Collection[str] = ()) -> list[Offered]:
        """Return the skills in which a person can be interviewed.

        Args:
            account: whose.
            labs: of which they are a member; their banks are shown too.
        """
        mine = self.of(account)
        held = [h for h in self._banks.all().values() if not h.lab or h.lab in labs]
        return [
            _offered(h, [i for i in mine if i.skill == h.bank.skill], self._unfit(h, account))
            for h in held
        ]

    def unfit(self, interview: Interview) -> str:
        """Return why an interview cannot measure whose it is any more, "" where it can."""
        if interview.skill in banks():
            return ""
        held = self._banks.authored().get(interview.skill)
        return self._unfit(held, interview.account) if held else ""

    def _unfit(self, held: Held, account: str) -> str:
        """Those that come with Banbury are published with their keys: they bar nobody."""
        if not held.private:
            return ""
        all_ = self._house.run(lambda c: seen.sees_all(c, held.lives, account))
        return seen.STAFF if all_ else ""

    def of(self, account: str) -> list[Interview]:
        """Return all interviews of a person, by skill and try."""
        rows = self._house.run(lambda c: c.execute(sa.text(_MINE), {"a": account}).all())
        return [Interview(*row) for row in rows]

    def get(self, id: str, account: str = "") -> Interview:
        """Return an interview, where an account is given only if it is theirs.

        Raises:
            UnknownName: there is none of this id.
        """
        query = sa.text(
            f"SELECT {_COLUMNS} FROM interview WHERE id::text = :id "
            "AND (:a = '' OR account::text = :a)"
        )
        given = {"id": id, "a": account}
        row = self._house.run(lambda c: c.execute(query, given).one_or_none())
        if row is None:
            raise UnknownName("interview", id[:64], ())
        return Interview(*row)

    def in_lab(self, lab: str, limit: int = 200) -> list[Interview]:
        """Return the newest interviews that live in a lab."""
        query = sa.text(
            f"SELECT {_COLUMNS} FROM interview WHERE lab = :lab ORDER BY id DESC LIMIT :limit"
        )
        given = {"lab": lab, "limit": limit}
        return [Interview(*r) for r in self._house.run(lambda c: c.execute(query, given).all())]

    def waiting(self, limit: int = 1000) -> list[Interview]:
        """Return interviews whose open answers wait for somebody to grade them, oldest first."""
        query = sa.text(f"SELECT {_COLUMNS} FROM interview WHERE waits ORDER BY id LIMIT :limit")
        rows = self._house.run(lambda c: c.execute(query, {"limit": limit}).all())
        return [Interview(*row) for row in rows]

    def begin(
        self,
        account: str,
        skill: str,
        *,
        agreed: str,
        voice: bool = False,
        resume: bool = False,
        labs: Collection[str] = (),
    ) -> Interview:
        """Begin the next try, or return the one that goes on.

        Args:
            account: whose.
            skill: dotted path.
            agreed: the words to which the person agreed; their hash is kept.
            voice: whether their voice may be recorded.
            resume: whether a model, if there is one, may ask about their résumé at the end.
            labs: of which they are a member.

        Raises:
            UnknownName: there is no such interview for them.
            InputError: all tries are used, the next one is not open yet, or they have seen what
                would be asked.
        """
        held = self._banks.all().get(skill)
        if held is None or (held.lab and held.lab not in labs):
            raise UnknownName("skill", skill, [o.skill for o in self.offered(account, labs)])
        if why := self._unfit(held, account):
            raise InputError(why, where=skill)
        lab = opened(self._house, held.lives)

        def work(c: sa.Connection) -> Interview:
            lock = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 9))")
            c.execute(lock, {"key": f"{account}/{skill}"})
            rows = c.execute(sa.text(_MINE), {"a": account}).all()
            mine = [i for i in (Interview(*r) for r in rows) if i.skill == skill]
            if mine and mine[-1].ended_ns is None:
                return mine[-1]
            number = _next(mine)
            pseudonym = called(c, lab.name, account)
            known = seen.items(c, lab, pseudonym, skill)
            problem = drawn(held.bank, pseudonym, number, resume, known)
            if known and not seen.enough(problem):
                raise InputError(seen.GRADED, where=skill)
            self._house.keyring.make(work_key(lab.name, pseudonym))
            lab.put_tasks([problem])
            row = {
                "id": new_id(), "account": account, "skill": skill, "number": number,
                "lab": lab.name, "pseudonym": pseudonym, "task": problem.task.id,
                "bank": held.bank.hash, "agreed": bytes.fromhex(digest(agreed.encode())),
                "voice": voice, "now": clock.wall_ns(),
            }  # fmt: skip
            return Interview(*c.execute(sa.text(_NEW), row).one())

        return self._house.run(work)

    def lab(self, interview: Interview) -> Lab:
        """Return the lab in which an interview lives."""
        return self._house.lab(interview.lab, create=False)

    def over(self, interview: Interview, episode: str, *, failed: bool = False) -> Interview:
        """Keep that an interview came to its end; one at which the machine failed begins again.

        After three such failures it ends without a result, and a new try need not be waited for.
        """
        again = failed and interview.attempt + 1 < ATTEMPTS
        change = "attempt = attempt + 1" if again else "ended_ns = :now, episode = :episode"
        query = sa.text(
            f"UPDATE interview SET {change} WHERE id = CAST(:id AS uuid) AND ended_ns IS NULL "
            "AND attempt = :attempt"
        )
        given = {
            "id": interview.id, "attempt": interview.attempt, "now": clock.wall_ns(),
            "episode": "" if failed else episode,
        }  # fmt: skip
        if again:
            given = {"id": given["id"], "attempt": given["attempt"]}
        self._house.run(lambda c: c.execute(query, given))
        return self.get(interview.id)


def drawn(
    bank: Bank, pseudonym: str, number: int, resume: bool = False, known: Collection[str] = ()
) -> Problem:
    """Return the interview of a person, without items that they know; the same for the same try."""
    draw = digest(f"{bank.skill}/{pseudonym}".encode())[:16]
    phrasing = wording.side(bank.skill, {"draw": draw})
    return GYM.interview(bank, draw, TRIES[number - 1], phrasing, resume, known)


def _offered(held: Held, mine: list[Interview], why: str) -> Offered:
    going = next((i.id for i in mine if i.ended_ns is None), "")
    left = rules.MOST - len(mine)
    opens = _opens(mine) if left and not going else None
    bank = held.bank
    return Offered(
        *(bank.skill, bank.title, bank.about, MINUTES, held.lab, tuple(mine), left, opens),
        *(going, why),
    )


def _opens(mine: list[Interview]) -> int:
    """Return when the next try opens."""
    last = max((i.ended_ns or i.began_ns for i in mine if i.episode), default=0)
    return last + WAITS_NS[len(mine)] if last else 0


def _next(mine: list[Interview]) -> int:
    number = rules.next_try(len(mine))
    opens = _opens(mine)
    if opens > clock.wall_ns():
        days = -(-(opens - clock.wall_ns()) // DAY_NS)
        raise InputError(
            "the next try is not open yet",
            where=mine[-1].skill,
            do=f"come back in {days} day{'' if days == 1 else 's'}",
        )
    return number
