"""The desk as an environment: one action, one answer of a tool."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from banbury.episode import Task
from banbury.errors import GymError
from banbury.gyms.contract import Action, Environment, Observation, Turn
from banbury.gyms.desk import actions as do
from banbury.gyms.desk import address_book, calendar, changes, drive, mailbox, times
from banbury.gyms.desk.refusal import LINE, Refused
from banbury.gyms.desk.world import World

MOVES = 60
"""Actions after which an episode is cut off; no reference needs more than 13."""

TOOLS: dict[type[Action], Callable[[World, Any], str]] = {
    do.ListMail: mailbox.list_mail,
    do.SearchMail: mailbox.search_mail,
    do.ReadMail: mailbox.read_mail,
    do.Reply: mailbox.reply,
    do.Forward: mailbox.forward,
    do.SendMail: mailbox.send_mail,
    do.MoveMail: mailbox.move_mail,
    do.ArchiveMail: mailbox.archive_mail,
    do.DeleteMail: mailbox.delete_mail,
    do.ListMeetings: calendar.list_meetings,
    do.FindFreeTimes: calendar.find_free_times,
    do.CreateMeeting: calendar.create_meeting,
    do.MoveMeeting: calendar.move_meeting,
    do.CancelMeeting: calendar.cancel_meeting,
    do.ListFiles: drive.list_files,
    do.ReadFile: drive.read_file,
    do.WriteFile: drive.write_file,
    do.MoveFile: drive.move_file,
    do.ShareFile: drive.share_file,
    do.UnshareFile: drive.unshare_file,
    do.FindContacts: address_book.find_contacts,
    do.AddContact: address_book.add_contact,
    do.UpdateContact: address_book.update_contact,
}

SYSTEM = (
    "You are {name} ({me}), at your desk at {firm}. It is {weekday}, {now}, and this time stands "
    "still. Working hours are 09:00 to 17:00, Monday to Friday. Do the task that you are given "
    "with your mailbox, calendar, files and address book, one action at a time, and change "
    "nothing else. Colleagues have addresses at {domain}; everybody else is outside the house. "
    "When all is done, use done."
)

_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_decode = msgspec.msgpack.Decoder(World).decode


class Desk(Environment):
    """One desk, from its opening to the end of its task.

    Args:
        task: what is asked.
        start: the world as it is found; it is not changed.
        seat: who sits there.
    """

    def __init__(self, task: Task, start: World, seat: str = "solver") -> None:
        self._task = task
        self._start = start
        self._world = start.copy()
        self._seat = seat

    def opening(self) -> Turn:
        """Say who one is and what is to be done."""
        w = self._world
        system = SYSTEM.format(
            name=w.name,
            me=w.me,
            firm=w.domain.partition(".")[0].capitalize(),
            domain=w.domain,
            weekday=times.weekday(w.now[:10]),
            now=w.now,
        )
        shown = (Observation(system, "system"), Observation(self._task.public.instruction))
        return Turn({self._seat: shown})

    def step(self, seat: str, action: Action) -> Turn:
        """Use a tool; what it cannot do, it says in one sentence."""
        world = self._world
        world.moves += 1
        if isinstance(action, do.Done):
            world.answer, world.finished = action.answer[:LINE], True
            return Turn(terminated=True)
        tool = TOOLS.get(type(action))
        try:
            if tool is None:
                raise Refused(f"there is no tool {type(action).__name__!r}")
            text = tool(world, action)
        except Refused as refusal:
            text = f"Error: {refusal}."
        shown = {self._seat: (Observation(text, "tool"),)}
        return Turn(shown, truncated=world.moves >= MOVES)

    def evidence(self) -> str:
        """Return what is different now from the start."""
        return changes.encode(changes.between(self._start, self._world))

    def snapshot(self) -> bytes:
        """Return the whole world."""
        return _encode(self._world)

    def restore(self, state: bytes) -> None:
        """Go back to a world that `snapshot` returned."""
        try:
            self._world = _decode(state)
        except msgspec.MsgspecError as error:
            raise GymError(f"this is no snapshot of a desk: {error}", where="desk") from error
