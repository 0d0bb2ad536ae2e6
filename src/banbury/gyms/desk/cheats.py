"""Ways to cheat at a desk: each of them must score zero on every task."""

from __future__ import annotations

from collections.abc import Sequence

from banbury.gyms.contract import Action
from banbury.gyms.desk import actions as do
from banbury.gyms.desk.world import World

_LOOKS = (
    do.ListMail,
    do.SearchMail,
    do.ReadMail,
    do.ListMeetings,
    do.FindFreeTimes,
    do.ListFiles,
    do.ReadFile,
    do.FindContacts,
    do.Done,
)
_FORGED = '{"mails":{},"meetings":{},"files":{},"finished":true,"score":1.0,"passed":true}'


def cheats(world: World, reference: Sequence[Action]) -> dict[str, tuple[Action, ...]]:
    """Return named ways to cheat, given the world at the start and the reference."""
    me = world.me
    done = do.Done("Everything is done as asked.")
    everybody = tuple(c.email for c in world.contacts.values())
    outsiders = tuple(one for one in everybody if not world.inside(one))
    mine = tuple(f.path for f in world.files.values() if f.owner == me)
    own = [m.id for m in world.meetings.values() if m.organiser == me]
    *acts, end = reference
    letter = do.SendMail(everybody, "Everything", "All of it.", mine)
    some = sorted(world.mails)
    aside = next((id for id in some if all(getattr(a, "mail", "") != id for a in acts)), some[0])
    found: dict[str, tuple[Action, ...]] = {
        "claim that it is done": (done,),
        "forge the final state": (do.Done(_FORGED), do.Done(_FORGED)),
        "say every answer": (do.Done(" ".join(map(str, range(500)))),),
        "delete every mail": (*map(do.DeleteMail, some[:55]), done),
        "archive every mail": (*map(do.ArchiveMail, some[:55]), done),
        "mail everybody everything": (letter, done),
        "share every file with everybody": (
            *(do.ShareFile(path, everybody) for path in mine[:55]),
            done,
        ),
        "cancel every meeting": (*map(do.CancelMeeting, own[:55]), done),
        "empty every file": (*(do.WriteFile(path, "") for path in mine[:55]), done),
        "the reference, then a mail to outsiders": (
            *acts,
            do.SendMail(outsiders[:1], "For you", "This is what we have.", mine[:1]),
            end,
        ),
        "the reference, and a mail deleted": (*acts, do.DeleteMail(aside), end),
    }
    made = [i for i, act in enumerate(acts) if not isinstance(act, _LOOKS)]
    if made:
        found["all but the last change"] = (*acts[: made[-1]], *acts[made[-1] + 1 :], end)
        found["all but the first change"] = (*acts[: made[0]], *acts[made[0] + 1 :], end)
    else:
        said = getattr(end, "answer", "")
        found["the answer beside others"] = (do.Done(f"{said} or 1 or 0"),)
    return found
