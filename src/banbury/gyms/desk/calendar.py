"""The calendar tools."""

from __future__ import annotations

from datetime import date, timedelta

from msgspec.structs import replace

from banbury.gyms.desk import actions as do
from banbury.gyms.desk import times
from banbury.gyms.desk.refusal import Refused, addresses, line, plural
from banbury.gyms.desk.world import Meeting, World

_DAYS = 31
_LONGEST = 8 * 60


def list_meetings(world: World, action: do.ListMeetings) -> str:
    """Return the meetings of some days as lines."""
    if not 1 <= action.days <= _DAYS:
        raise Refused(f"list 1 to {_DAYS} days")
    first = date.fromisoformat(_day(action.day))
    try:
        last = str(first + timedelta(days=action.days))
    except OverflowError:
        raise Refused("there are no such days") from None
    found = sorted(
        (m for m in world.meetings.values() if action.day <= m.start < last and _mine(world, m)),
        key=lambda m: (m.start, m.id),
    )
    spoken = f"on {action.day}" if action.days == 1 else f"from {action.day} on"
    head = f"{plural(len(found), 'meeting')} {spoken}{':' if found else '.'}"
    return "\n".join([head, *map(_row, found)])


def find_free_times(world: World, action: do.FindFreeTimes) -> str:
    """Return the times of a day at which all are free."""
    day, minutes = _day(action.day), _length(action.minutes)
    people = {world.me, *addresses(action.people, none=True)}
    for one in sorted(people):
        if not world.inside(one):
            raise Refused(f"the calendar of {one} cannot be seen, only those of {world.domain}")
    if date.fromisoformat(day).weekday() > 4:
        return f"{day} is a {times.weekday(day)}; nobody works."
    taken = times.busy(world.meetings.values(), people, day)
    free = [times.clock(b) for b in times.starts(taken, minutes)]
    if not free:
        return f"There is no time on {day} at which all are free for {minutes} minutes."
    return f"All are free on {day} for {minutes} minutes from: {', '.join(free)}."


def create_meeting(world: World, action: do.CreateMeeting) -> str:
    """Put a new meeting into the calendar."""
    start, minutes = _start(world, action.start, action.minutes)
    people = tuple(dict.fromkeys((world.me, *addresses(action.people, none=True))))
    # Ids that a world starts with have three digits, so these never meet them.
    id = f"c{sum(len(i) < 4 for i in world.meetings) + 1}"
    title = line(action.title, "title")
    world.meetings[id] = Meeting(id, title, start, minutes, people, world.me)
    return f"Meeting {id} is in the calendar: {start}, {minutes} minutes, {', '.join(people)}."


def move_meeting(world: World, action: do.MoveMeeting) -> str:
    """Move a meeting to another time."""
    meeting = _own(world, action.meeting)
    start, _ = _start(world, action.start, meeting.minutes)
    world.meetings[meeting.id] = replace(meeting, start=start)
    return f"Meeting {meeting.id} starts at {start} now."


def cancel_meeting(world: World, action: do.CancelMeeting) -> str:
    """Cancel a meeting."""
    meeting = _own(world, action.meeting)
    world.meetings[meeting.id] = replace(meeting, cancelled=True)
    return f"Meeting {meeting.id} is cancelled."


def _mine(world: World, meeting: Meeting) -> bool:
    return world.me in meeting.people and not meeting.cancelled


def _own(world: World, id: str) -> Meeting:
    meeting = world.meetings.get(id)
    if meeting is None or not _mine(world, meeting):
        raise Refused(f"you have no meeting {id[:80]!r}; see list_meetings")
    if meeting.organiser != world.me:
        raise Refused(f"meeting {id} is organised by {meeting.organiser}; only they may change it")
    return meeting


def _day(text: str) -> str:
    if not times.is_day(text):
        raise Refused(f"{text[:80]!r} is no date; write YYYY-MM-DD")
    return text


def _length(minutes: int) -> int:
    if not 5 <= minutes <= _LONGEST:
        raise Refused(f"a meeting takes 5 to {_LONGEST} minutes")
    return minutes


def _start(world: World, text: str, minutes: int) -> tuple[str, int]:
    start = text.strip().replace("T", " ")[:16]
    if not times.is_moment(start):
        raise Refused(f"{text[:80]!r} is no date and time; write YYYY-MM-DD HH:MM")
    if start < world.now:
        raise Refused(f"{start} has passed; it is {world.now}")
    if times.minute(start[11:]) + _length(minutes) > 24 * 60:
        raise Refused("a meeting ends on the day on which it begins")
    return start, minutes


def _row(meeting: Meeting) -> str:
    people = ", ".join(meeting.people)
    return (
        f"{meeting.id} | {meeting.start} | {meeting.minutes} minutes | {meeting.title} | "
        f"with {people} | invited by {meeting.organiser}"
    )
