"""Who may do what: one table of verb x thing x role x membership, and the one way to ask it."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from banbury.accounts.caller import Caller, Role
from banbury.errors import InputError

Verb = Literal[
    "see", "make", "change", "remove", "work", "review", "start", "invite", "export", "enter"
]
Thing = Literal[
    "account",
    "agreement",
    "appeals",
    "campaigns",
    "cases",
    "deliveries",
    "episodes",
    "events",
    "first",
    "footage",
    "frame",
    "health",
    "hearings",
    "inbox",
    "interviews",
    "invitations",
    "items",
    "jobs",
    "join",
    "lab",
    "labs",
    "lineage",
    "login",
    "media",
    "offers",
    "openings",
    "passkeys",
    "people",
    "prediction",
    "releases",
    "reviews",
    "schema",
    "seat",
    "sessions",
    "signals",
    "skills",
    "stages",
    "static",
    "tasks",
    "told",
    "tokens",
    "uploads",
]
Membership = Literal["open", "signed in", "session", "operator", "lab"]
"""Who is asked at all: anyone, whoever is signed in, not even a token, the machine's operator,
members of the lab that the path names."""
Reach = Literal["all", "own"]
Answer = Literal["all", "own", "sign in", "absent", "no"]
"""What the table says: yes, yes for the caller's own; 401; 404; 403."""
ROLES: tuple[Role, ...] = get_args(Role)
ANYTHING = "*"


class May(msgspec.Struct, frozen=True):
    """What a route does: one verb on one thing."""

    verb: Verb
    thing: Thing

    def __str__(self) -> str:
        return f"{self.verb}:{self.thing}"


class Rule(msgspec.Struct, frozen=True):
    """One row of the table.

    Attributes:
        membership: who is asked at all.
        roles: for things of a lab, how far each role reaches; a role that is not there may not.
    """

    membership: Membership
    roles: dict[Role, Reach] = {}


def _lab(*roles: Role, own: tuple[Role, ...] = ()) -> Rule:
    everything: dict[Role, Reach] = dict.fromkeys(roles, "all")
    return Rule("lab", {**everything, **dict.fromkeys(own, "own")})


_OPEN, _SIGNED, _SESSION = Rule("open"), Rule("signed in"), Rule("session")
_OPERATOR = Rule("operator")
_OWNER = _lab("owner")
_MAKERS = _lab("owner", "researcher")
_STAFF = _lab("owner", "researcher", "reviewer")
_STAFF_AND_OWN = _lab("owner", "researcher", "reviewer", own=("expert",))
_MEMBERS = _lab("owner", "researcher", "reviewer", "expert")
_ALL_THEIR_OWN = _lab(own=("owner", "researcher", "reviewer", "expert"))

TABLE: dict[tuple[Verb, Thing], Rule] = {
    # Anyone, signed in or not.
    ("see", "static"): _OPEN,
    ("see", "health"): _OPEN,
    ("see", "schema"): _OPEN,
    ("see", "frame"): _OPEN,
    ("see", "login"): _OPEN,
    ("enter", "login"): _OPEN,
    ("see", "first"): _OPEN,
    ("enter", "first"): _OPEN,
    ("see", "join"): _OPEN,
    ("enter", "join"): _OPEN,
    # Whoever is signed in, for themselves.
    ("see", "labs"): _SIGNED,
    ("see", "inbox"): _SIGNED,
    ("see", "offers"): _SIGNED,
    ("change", "offers"): _SESSION,
    ("see", "hearings"): _SIGNED,
    ("change", "hearings"): _SESSION,
    ("see", "told"): _SESSION,
    ("change", "told"): _SESSION,
    ("see", "prediction"): _SIGNED,
    ("see", "interviews"): _SIGNED,
    ("work", "interviews"): _SESSION,
    ("see", "account"): _SIGNED,
    ("change", "account"): _SESSION,
    ("see", "sessions"): _SESSION,
    ("remove", "sessions"): _SESSION,
    ("see", "passkeys"): _SESSION,
    ("make", "passkeys"): _SESSION,
    ("remove", "passkeys"): _SESSION,
    ("see", "tokens"): _SESSION,
    ("make", "tokens"): _SESSION,
    ("remove", "tokens"): _SESSION,
    # Who runs the machine.
    ("make", "labs"): _OPERATOR,
    ("see", "appeals"): _OPERATOR,
    ("change", "appeals"): _OPERATOR,
    ("see", "cases"): _OPERATOR,
    ("change", "cases"): _OPERATOR,
    ("change", "items"): _OPERATOR,
    # Members of the lab.
    ("see", "lab"): _MEMBERS,
    ("change", "lab"): _OWNER,
    ("see", "events"): _MEMBERS,
    ("see", "skills"): _STAFF,
    ("change", "skills"): _MAKERS,
    ("see", "episodes"): _STAFF_AND_OWN,
    ("export", "episodes"): _MAKERS,
    ("see", "media"): _STAFF_AND_OWN,
    ("see", "footage"): _STAFF_AND_OWN,
    ("see", "tasks"): _STAFF,
    ("make", "tasks"): _MAKERS,
    ("change", "tasks"): _MAKERS,
    ("remove", "tasks"): _MAKERS,
    ("export", "tasks"): _MAKERS,
    ("see", "campaigns"): _MEMBERS,
    ("make", "campaigns"): _MAKERS,
    ("change", "campaigns"): _MAKERS,
    ("remove", "campaigns"): _MAKERS,
    ("export", "campaigns"): _MAKERS,
    ("see", "openings"): _MAKERS,
    ("make", "openings"): _MAKERS,
    ("remove", "openings"): _MAKERS,
    ("see", "signals"): _MAKERS,
    ("start", "signals"): _MAKERS,
    ("see", "agreement"): _STAFF,
    ("see", "seat"): _MEMBERS,
    ("work", "seat"): _ALL_THEIR_OWN,
    ("see", "reviews"): _STAFF_AND_OWN,
    ("review", "reviews"): _STAFF,
    ("change", "reviews"): _ALL_THEIR_OWN,
    ("see", "uploads"): _STAFF_AND_OWN,
    ("make", "uploads"): _lab("owner", "researcher", own=("reviewer", "expert")),
    ("change", "uploads"): _ALL_THEIR_OWN,
    ("remove", "uploads"): _lab("owner", "researcher", own=("reviewer", "expert")),
    ("review", "interviews"): _STAFF,
    ("see", "releases"): _STAFF,
    ("make", "releases"): _MAKERS,
    ("export", "releases"): _MAKERS,
    ("see", "deliveries"): _OWNER,
    ("see", "lineage"): _STAFF,
    ("see", "stages"): _STAFF,
    ("start", "stages"): _MAKERS,
    ("see", "jobs"): _STAFF,
    ("start", "jobs"): _MAKERS,
    ("remove", "jobs"): _MAKERS,
    ("see", "people"): _MAKERS,
    ("change", "people"): _OWNER,
    ("remove", "people"): _OWNER,
    ("invite", "people"): _OWNER,
    ("see", "invitations"): _OWNER,
    ("remove", "invitations"): _OWNER,
}
"""`hearings` are cases about oneself, `cases` those about others, which whoever runs the machine
decides, `signals` what a lab sees of those in its campaigns; `told` is what one chooses to tell of
one's groups. `change reviews` is to dispute a mend of one's own work; one's own media are
those that the tasks of one's own leases name; one's own uploads are begun for a task that one holds
and that asks for files, and go on (`change`) whatever becomes of it."""


def may(verb: Verb, thing: Thing) -> dict[str, May]:
    """Return what a route declares: `opt=may("see", "episodes")`.

    Raises:
        InputError: the table has no such row.
    """
    if (verb, thing) not in TABLE:
        raise InputError(
            f"the table of permissions has no row {verb} {thing}",
            do="name a row of accounts/permissions.py, or add one",
        )
    return {"may": May(verb, thing)}


def ask(caller: Caller, verb: Verb, thing: Thing, lab: str = "") -> Answer:
    """Return what the table says to a caller who would do this, in a lab where the row is of labs.

    A lab that the caller is no member of is `absent`, there or not.
    """
    rule = TABLE[verb, thing]
    if rule.membership == "open":
        return "all"
    if not caller.signed_in:
        return "sign in"
    if rule.membership == "lab":
        return _in_lab(caller, verb, thing, rule, lab)
    if rule.membership == "session":
        return "all" if caller.scopes is None else "no"
    if rule.membership == "operator" and not caller.operator:
        return "no"
    return "all" if covers(caller.scopes, verb, thing) else "no"


def allowed(caller: Caller, verb: Verb, thing: Thing, lab: str = "", own: bool = False) -> bool:
    """Say whether a caller may do this; `own` says that the thing is the caller's own."""
    answer = ask(caller, verb, thing, lab)
    return answer == "all" or (answer == "own" and own)


def reaches(caller: Caller, role: Role, lab: str) -> bool:
    """Say whether a caller may do all that a role does in a lab, and so may give it to others."""
    rank = {"all": 2, "own": 1}
    return all(
        rank.get(ask(caller, *row, lab), 0) >= rank[rule.roles[role]]
        for row, rule in TABLE.items()
        if role in rule.roles
    )


def covers(scopes: frozenset[str] | None, verb: Verb, thing: Thing) -> bool:
    """Say whether a token's scopes take in a row.

    A scope is `VERB:THING` with `*` for any, or `role:ROLE` for what that role may do in a lab and
    what anyone who is signed in may see.
    """
    return scopes is None or any(_reach(scope, verb, thing) for scope in scopes)


def checked(scopes: frozenset[str]) -> frozenset[str]:
    """Return scopes if each is one.

    Raises:
        InputError: there is none, or one names no verb, thing or role.
    """
    if not scopes:
        raise InputError("a token needs at least one scope", do="give see:* to read everything")
    for scope in scopes:
        first, _, second = scope.partition(":")
        role = first == "role" and second in ROLES
        row = (first == ANYTHING or first in get_args(Verb)) and (
            second == ANYTHING or second in get_args(Thing)
        )
        if not (role or row):
            raise InputError(
                f"{scope[:60]!r} is no scope",
                do="write VERB:THING, with * for any, or role:ROLE",
            )
    return scopes


def _in_lab(caller: Caller, verb: Verb, thing: Thing, rule: Rule, lab: str) -> Answer:
    role = caller.roles.get(lab)
    if role is None:
        return "absent"
    reach = rule.roles.get(role)
    if reach is None:
        return "no"
    if caller.scopes is None:
        return reach
    granted = {found for s in caller.scopes if (found := _reach(s, verb, thing))}
    if not granted:
        return "no"
    return "all" if reach == "all" and "all" in granted else "own"


def _reach(scope: str, verb: Verb, thing: Thing) -> Reach | None:
    """Return how far one scope reaches in a row, None if not at all."""
    first, _, second = scope.partition(":")
    if first == "role":
        rule = TABLE[verb, thing]
        if rule.membership == "signed in":
            return "all"
        return rule.roles.get(second) if second in ROLES else None
    fits = first in (ANYTHING, verb) and second in (ANYTHING, thing)
    return "all" if fits else None
