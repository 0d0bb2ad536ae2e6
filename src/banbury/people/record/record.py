"""The parts of a person's record, each read from where it is kept.

Whatever the house keeps of people is a row of `PARTS`, so that nothing is left out of the export.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.accounts import Caller
from banbury.accounts.consent import Consents
from banbury.accounts.people import People
from banbury.accounts.sessions import Sessions
from banbury.accounts.tokens import ApiTokens
from banbury.people.cases import Cases, Tellings
from banbury.people.evidence import Ledger, Objections
from banbury.people.interviews import Interviews
from banbury.people.interviews.transcripts import Transcripts
from banbury.people.offers import Offers, Profiles, Standings
from banbury.people.offers.languages import named
from banbury.people.record import masked
from banbury.people.resumes import Resumes
from banbury.people.signals import Case
from banbury.people.standing.standing import OTHER, unsigned
from banbury.store import House

Part = Callable[[House, str], object]


def record(house: House, account: str) -> dict[str, Any]:
    """Return all that the house keeps about a person, as plain values, by part.

    Raises:
        UnknownName: there is no such account.
    """
    made = {name: msgspec.to_builtins(part(house, account)) for name, part in PARTS.items()}
    return {"made_ns": clock.wall_ns(), **made}


def _account(house: House, account: str) -> object:
    held = People(house, Sessions(house)).account(account)
    told = msgspec.structs.asdict(held)
    told["password"] = "set; only its hash is kept" if held.password else "none"
    return told


def _labs(house: House, account: str) -> object:
    query = (
        "SELECT p.lab, p.name AS pseudonym, m.role, m.joined_ns FROM pseudonym p LEFT JOIN member "
        "m ON m.lab = p.lab AND m.account = p.account WHERE p.account = CAST(:a AS uuid) "
        "ORDER BY p.lab"
    )
    return _rows(house, query, account)


def _profile(house: House, account: str) -> object:
    held = Profiles(house).get(account)
    if held is None:
        return None
    return {**msgspec.structs.asdict(held), "languages": [named(c) for c in held.languages]}


def _beliefs(house: House, account: str) -> object:
    kept, ledger = Profiles(house).beliefs(account), Ledger(house)
    now = clock.wall_ns()
    return {
        skill: {"kept": belief, "now": ledger.belief(account, skill, now)}
        for skill, belief in kept.items()
    }


def _standings(house: House, account: str) -> object:
    standings = Standings(house)
    query = sa.text(
        "SELECT DISTINCT skill FROM standing_result WHERE account = CAST(:a AS uuid) ORDER BY 1"
    )
    skills = house.run(lambda c: c.execute(query, {"a": account}).scalars().all())
    names = sorted({*skills, *standings.skills(account)})
    return [
        {
            "standing": unsigned(standings.get(account, s)),
            "results": masked.results(standings.results(account, s)),
        }
        for s in names
    ]


def _signals(house: House, account: str) -> object:
    return [
        {
            "lab": one.lab, "campaign": one.campaign, "made_ns": one.made_ns,
            "state": one.state, "case": _unsigned(one.case), "evidence": one.evidence,
        }
        for one in Cases(house).about(account)
    ]  # fmt: skip


def _unsigned(case: Case) -> Case:
    """Return a case without the accounts of those who decided it."""
    moves = tuple(
        m if m.by == case.accused else msgspec.structs.replace(m, by=OTHER) for m in case.moves
    )
    return msgspec.structs.replace(case, moves=moves)


def _sessions(house: House, account: str) -> object:
    found = Sessions(house).of(Caller(account=account))
    return [{"agent": s.agent, "created_ns": s.created_ns, "seen_ns": s.seen_ns} for s in found]


def _tokens(house: House, account: str) -> object:
    return ApiTokens(house, Sessions(house)).of(account)


def _passkeys(house: House, account: str) -> object:
    return _rows(
        house, "SELECT created_ns, used_ns FROM passkey WHERE account = CAST(:a AS uuid)", account
    )


def _hours(house: House, account: str) -> object:
    return house.grants.hours(account)


def _rows(house: House, query: str, account: str) -> list[dict[str, Any]]:
    rows = house.run(lambda c: c.execute(sa.text(query), {"a": account}).mappings().all())
    return [dict(row) for row in rows]


PARTS: Mapping[str, Part] = {
    "what is left out": lambda house, account: masked.WHY,
    "account": _account,
    "labs": _labs,
    "consents": lambda house, account: Consents(house).of(account),
    "profile": _profile,
    "skills stated": lambda house, account: Profiles(house).stated(account),
    "résumé": lambda house, account: Resumes(house).get(account),
    "beliefs": _beliefs,
    "interviews": lambda house, account: Interviews(house).of(account),
    "recordings written down": lambda house, account: Transcripts(house).of(account),
    "evidence": lambda house, account: masked.evidence(Ledger(house).of(account)),
    "objections": lambda house, account: masked.objections(Objections(house).of(account)),
    "standings": _standings,
    "offers": lambda house, account: Offers(house).mine(account),
    "hours": _hours,
    "signals": _signals,
    "told for fairness": lambda house, account: Tellings(house).get(account),
    "sessions": _sessions,
    "tokens": _tokens,
    "passkeys": _passkeys,
}
"""What the export holds, in the order in which it is read; a part that is new is a row here."""
