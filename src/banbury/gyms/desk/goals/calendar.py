"""Parts about the calendar: held, cancelled."""

from __future__ import annotations

from collections.abc import Iterator

from banbury.gyms.desk import times
from banbury.gyms.desk.changes import NEW, Change
from banbury.gyms.desk.goals.part import Part, holds, plain
from banbury.gyms.desk.world import Meeting, World


class Held(Part, frozen=True):
    """A meeting with exactly these people at a time at which all of them are free.

    Attributes:
        people: addresses, without one's own.
        minutes: its length.
        days: on one of these.
        after: not before this time of the day, as HH:MM.
        before: over by this time of the day, as HH:MM.
        title: a text that its title must hold, "" for any.
        meeting: the meeting that is to be moved there, "" for a new one.
    """

    people: tuple[str, ...]
    minutes: int
    days: tuple[str, ...]
    after: str
    before: str
    title: str = ""
    meeting: str = ""

    def missing(self, start: World, end: World) -> str:
        """Say that there is no such meeting."""
        if self._found(start, end):
            return ""
        what = self.meeting or f"a meeting of {self.minutes} minutes with {', '.join(self.people)}"
        days = self.days[0] if len(self.days) == 1 else f"{self.days[0]} to {self.days[-1]}"
        return f"{what} is not on {days}, {self.after} to {self.before}, when all are free"

    def explains(self, start: World, end: World) -> Iterator[Change]:
        """Explain the meeting, or its new time."""
        if found := self._found(start, end):
            yield "meetings", found.id, "start" if self.meeting else NEW

    def _found(self, start: World, end: World) -> Meeting | None:
        if self.meeting:
            candidates = [m for m in [end.meetings.get(self.meeting)] if m is not None]
        else:
            candidates = [m for id, m in end.meetings.items() if id not in start.meetings]
        return next((m for m in candidates if self._fits(end, m)), None)

    def _fits(self, end: World, m: Meeting) -> bool:
        begin, over = times.span(m)
        return (
            not m.cancelled
            and sorted(m.people) == sorted({end.me, *self.people})
            and m.minutes == self.minutes
            and m.start[:10] in self.days
            and times.minute(self.after) <= begin
            and over <= times.minute(self.before)
            and holds(plain(m.title), self.title)
            and self._free(end, m, begin, over)
        )

    def _free(self, end: World, meeting: Meeting, begin: int, over: int) -> bool:
        others = [m for m in end.meetings.values() if m.id != meeting.id]
        taken = times.busy(others, meeting.people, meeting.start[:10])
        return all(over <= a or begin >= b for a, b in taken)


class Cancelled(Part, frozen=True):
    """These meetings are cancelled."""

    meetings: tuple[str, ...]

    def missing(self, start: World, end: World) -> str:
        """Name those that are not."""
        left = [id for id in self.meetings if not end.meetings[id].cancelled]
        return f"{', '.join(left)} not cancelled" if left else ""

    def explains(self, start: World, end: World) -> Iterator[Change]:
        """Explain those that are."""
        return (("meetings", id, "cancelled") for id in self.meetings)
