"""Calendar: book, move, cancel, count, accept a proposed time."""

from __future__ import annotations

from random import Random

from banbury.gyms.contract import Action
from banbury.gyms.desk import actions as do
from banbury.gyms.desk import times
from banbury.gyms.desk.cast import Person
from banbury.gyms.desk.goals.calendar import Cancelled, Held
from banbury.gyms.desk.goals.goal import Goal
from banbury.gyms.desk.goals.mail import Sent, Told
from banbury.gyms.desk.goals.people import Answered
from banbury.gyms.desk.kind import Dial, Draft, Kind
from banbury.gyms.desk.scene import Scene

_WINDOWS = (
    ("09:00", "17:00"), ("09:00", "12:00"), ("13:00", "17:00"), ("10:00", "16:00"),
    ("11:00", "15:00"), ("09:00", "15:00"), ("12:00", "17:00"),
)  # fmt: skip


def _when(days: list[str], after: str, before: str) -> str:
    if len(days) == 1:
        return f"on {days[0]} between {after} and {before}"
    return f"between {days[0]} and {days[-1]}, within {after} to {before} of a working day"


def _free_times(people: list[Person], days: list[str], last: str, minutes: int) -> list[Action]:
    emails = tuple(p.email for p in people)
    return [do.FindFreeTimes(emails, day, minutes) for day in days if day <= last]


def _book(rng: Random, dial: Dial) -> Draft | None:
    scene = Scene(rng, dial["noise"])
    people = rng.sample(scene.colleagues, dial["people"])
    days = scene.days(rng.randint(1, 8), dial["days"])
    minutes, title = rng.choice((30, 45, 60, 90)), scene.titles[0]
    after, before = rng.choice(_WINDOWS[dial["days"] > 1 :])
    scene.engage([scene.me, *people], days, dial["each"])
    free = scene.free([scene.me, *people], minutes, days, after, before)
    if not free:
        return None
    emails = tuple(p.email for p in people)
    day, at = free[0]
    when = _when(days, after, before)
    return Draft(
        {"minutes": minutes, "people": [p.name for p in people], "when": when, "title": title},
        scene.world(),
        Goal((Held(emails, minutes, tuple(days), after, before, title),), may_tell=emails),
        (
            *(do.FindContacts(p.name) for p in people),
            *_free_times(people, days, day, minutes),
            do.CreateMeeting(title, f"{day} {at}", minutes, emails),
            do.Done(),
        ),
    )


BOOK = Kind(
    skill="desk.calendar.book",
    title="book a meeting at a time at which everybody is free",
    dials={
        "easy": {"noise": 1, "people": 1, "days": 1, "each": 1},
        "medium": {"noise": 2, "people": 2, "days": 1, "each": 2},
        "hard": {"noise": 3, "people": 4, "days": 4, "each": 3},
    },
    draw=_book,
    seen=(
        "Book a meeting of {minutes} minutes with {people} {when}. Its title is {title}. Nobody "
        "may have another meeting then.",
        "Set up {title}, {minutes} minutes, with {people}, {when}, when all of us are free.",
        "I need {minutes} minutes with {people} for {title}, {when}. Choose a time at which all "
        "are free.",
        "Invite {people} to {title} {when}: {minutes} minutes, without a clash for anybody.",
    ),
    unseen=(
        "Find {minutes} free minutes {when} for me and {people}, and put {title} there.",
        "{title} with {people} should take place {when} and take {minutes} minutes; avoid clashes "
        "with other meetings. Put it into the calendar.",
        "Please arrange {title} ({minutes} minutes) with {people} {when}; everyone must be free.",
    ),
)


def _move(rng: Random, dial: Dial) -> Draft | None:
    scene = Scene(rng, dial["noise"])
    people = rng.sample(scene.colleagues, dial["people"])
    old, *days = scene.days(rng.randint(1, 6), 1 + dial["days"])
    minutes, title = rng.choice((30, 45, 60)), scene.titles[0]
    after, before = rng.choice(_WINDOWS[dial["days"] > 1 :])
    here = scene.free([scene.me, *people], minutes, [old])
    if not here:
        return None
    meeting = scene.meeting(title, old, rng.choice(here)[1], minutes, people)
    scene.engage([scene.me, *people], [old, *days], dial["each"])
    free = scene.free([scene.me, *people], minutes, days, after, before)
    if not free:
        return None
    emails = tuple(p.email for p in people)
    day, at = free[0]
    held = Held(emails, minutes, tuple(days), after, before, meeting=meeting.id)
    return Draft(
        {"title": title, "old": old, "when": _when(days, after, before)},
        scene.world(),
        Goal((held,), may_tell=emails),
        (
            do.ListMeetings(old),
            *_free_times(people, days, day, minutes),
            do.MoveMeeting(meeting.id, f"{day} {at}"),
            do.Done(),
        ),
    )


MOVE = Kind(
    skill="desk.calendar.move",
    title="move a meeting to a time at which everybody is free",
    dials={
        "easy": {"noise": 1, "people": 1, "days": 1, "each": 1},
        "medium": {"noise": 2, "people": 2, "days": 1, "each": 2},
        "hard": {"noise": 3, "people": 4, "days": 4, "each": 3},
    },
    draw=_move,
    seen=(
        "Move the meeting {title} of {old} to a time {when} at which everybody is free.",
        "{title} on {old} cannot take place then. Move it: {when}, without a clash for anybody.",
        "Please put {title}, now on {old}, to a time {when} that suits all who take part.",
        "Reschedule {title} from {old}: {when}, when nobody in it has another meeting.",
    ),
    unseen=(
        "I cannot make {title} on {old}. Find another time {when} that is free for all of us, and "
        "change the meeting.",
        "The meeting {title} planned for {old} should be {when} instead; mind everyone's calendar.",
        "Shift {title} away from {old}. It must lie {when} and clash with nothing.",
    ),
)


def _cancel(rng: Random, dial: Dial) -> Draft | None:
    scene = Scene(rng, dial["noise"])
    day = scene.day(rng.randint(1, 8))
    for n in range(dial["own"] + dial["others"]):
        people = rng.sample(scene.colleagues, dial["people"])
        free = scene.free([scene.me, *people], 45, [day])
        if not free:
            return None
        chair = None if n < dial["own"] else people[0]
        at = rng.choice(free)[1]
        scene.meeting(scene.titles[n], day, at, 45, [*people, scene.me], organiser=chair)
    me = scene.me.email
    own = [m for m in scene.meetings if m.start.startswith(day) and m.organiser == me]
    if len({m.title for m in own}) < len(own) or len(own) > 4:
        return None
    goal = [Told(tuple(p for p in m.people if p != me), (m.title,)) for m in own]
    everybody = {p for m in own for p in m.people} - {me}
    solution: list[Action] = [do.ListMeetings(day)]
    for m in own:
        to = tuple(p for p in m.people if p != me)
        text = f"{m.title} on {day} does not take place. I am sorry."
        solution += [do.CancelMeeting(m.id), do.SendMail(to, f"{m.title} is cancelled", text)]
    return Draft(
        {"day": day, "weekday": times.weekday(day), "firm": scene.firms[0]},
        scene.world(),
        Goal((Cancelled(tuple(m.id for m in own)), *goal), tuple(sorted(everybody))),
        (*solution, do.Done()),
    )


CANCEL = Kind(
    skill="desk.calendar.cancel",
    title="cancel one's own meetings of a day and tell those invited",
    dials={
        "easy": {"noise": 1, "own": 1, "others": 0, "people": 1},
        "medium": {"noise": 2, "own": 2, "others": 1, "people": 2},
        "hard": {"noise": 3, "own": 4, "others": 2, "people": 3},
    },
    draw=_cancel,
    seen=(
        "I must go to {firm} on {weekday}, {day}. Cancel the meetings of that day that I organise, "
        "and write to all who were invited, naming the title of the meeting.",
        "I am at {firm} on {day} ({weekday}), so cancel every meeting that I organise then. Tell "
        "each person invited by mail which meeting, by its title, is off.",
        "On {day}, a {weekday}, I visit {firm}. Call off the meetings I organise then, and send "
        "the people in them a mail with the title of each.",
        "{weekday}, {day}, is for {firm}: call off the meetings that are mine, and let everybody "
        "in them know by mail which one it is, by title.",
    ),
    unseen=(
        "My meetings on {day} ({weekday}), those I invited to, must give way to {firm}. Cancel "
        "them and mail the participants the title of what was cancelled.",
        "{firm} needs me on {weekday}, {day}. Free that day of meetings that I organise. The "
        "people invited must get a mail that names the title.",
        "I travel to {firm} on {weekday}, {day}. Please cancel what I organise then, and inform "
        "those invited to each, by title, in writing.",
    ),
)

_LENGTHS = (15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 70, 75, 80, 90, 100, 110)


def _count(rng: Random, dial: Dial) -> Draft | None:
    scene = Scene(rng, dial["noise"])
    person, *rest = rng.sample(scene.colleagues, 4)
    days = scene.days(rng.randint(1, 6), dial["days"])
    for n in range(dial["with"] + dial["without"]):
        people = [person, rest[n % 3]] if n < dial["with"] else [rest[n % 3]]
        minutes = rng.choice(_LENGTHS)
        if free := scene.free([scene.me, *people], minutes, days):
            day, at = rng.choice(free)
            chair = rng.choice([scene.me, *people])
            scene.meeting(scene.titles[n], day, at, minutes, [*people, scene.me], organiser=chair)
    both = {scene.me.email, person.email}
    total = sum(m.minutes for m in scene.meetings if m.start[:10] in days and both <= set(m.people))
    span = f"on {days[0]}" if len(days) == 1 else f"from {days[0]} to {days[-1]}"
    reach = times.days_between(days[0], days[-1])
    return Draft(
        {"person": person.name, "span": span},
        scene.world(),
        Goal((Answered(str(total)),)),
        (do.FindContacts(person.name), do.ListMeetings(days[0], reach), do.Done(str(total))),
    )


COUNT = Kind(
    skill="desk.calendar.minutes",
    title="add up the minutes of one's meetings with a colleague",
    dials={
        "easy": {"noise": 1, "days": 1, "with": 2, "without": 1},
        "medium": {"noise": 2, "days": 3, "with": 4, "without": 3},
        "hard": {"noise": 4, "days": 7, "with": 8, "without": 4},
    },
    draw=_count,
    seen=(
        "How many minutes of meetings do I have {span} in which {person} takes part? Answer with "
        "the number.",
        "Add up the minutes of my meetings {span} with {person}. The answer is the number alone.",
        "For how many minutes in all am I in meetings with {person} {span}? Give the number.",
        "{person} and I meet {span}: how many minutes altogether? Answer with the number alone.",
    ),
    unseen=(
        "Tell me the total number of minutes that I sit in meetings with {person} {span}.",
        "What is the sum of minutes of all my meetings {span} that {person} attends too?",
        "Count the minutes that my calendar has with {person} {span}, and give the number only.",
    ),
)


def _accept(rng: Random, dial: Dial) -> Draft | None:
    scene = Scene(rng, dial["noise"])
    sender = rng.choice(scene.others)
    minutes, topic = rng.choice((30, 45, 60)), scene.topics[0]
    days = scene.days(rng.randint(1, 6), dial["days"])
    scene.engage([scene.me], days, dial["each"])
    offers = sorted(
        {
            (rng.choice(days), times.clock(rng.randrange(9 * 60, 17 * 60 - minutes + 1, 30)))
            for _ in range(dial["offers"])
        }
    )
    free = [o for o in offers if scene.is_free(scene.me, *o, minutes)]
    if len(offers) < dial["offers"] or not free or (dial["busy"] and free[0] == offers[0]):
        return None
    said = [f"{day} {at}" for day, at in offers]
    mail = scene.mail(
        sender,
        f"Shall we meet about {topic}?",
        f"I would like to meet for {minutes} minutes about {topic}. I can offer "
        f"{', '.join(said[:-1])} or {said[-1]}. {sender.first}",
        ago=0,
    )
    day, at = free[0]
    over = times.clock(times.minute(at) + minutes)
    others = tuple(s for s in said if s != f"{day} {at}")
    looks = [do.ListMeetings(d) for d in dict.fromkeys(d for d, _ in offers) if d <= day]
    return Draft(
        {"sender": sender.name, "topic": topic},
        scene.world(),
        Goal(
            (
                Held((sender.email,), minutes, (day,), at, over),
                Sent((sender.email,), (f"{day} {at}",), others),
            ),
            may_file=(mail.id,),
        ),
        (
            do.SearchMail(f"{sender.email} {topic}"),
            do.ReadMail(mail.id),
            *looks,
            do.CreateMeeting(f"On {topic}", f"{day} {at}", minutes, (sender.email,)),
            do.Reply(mail.id, f"Let us meet on {day} {at}. You have an invitation."),
            do.Done(),
        ),
    )


ACCEPT = Kind(
    skill="desk.calendar.accept",
    title="book the first proposed time that is free, and answer with it",
    dials={
        "easy": {"noise": 1, "days": 1, "each": 1, "offers": 2, "busy": 0},
        "medium": {"noise": 2, "days": 2, "each": 2, "offers": 3, "busy": 1},
        "hard": {"noise": 3, "days": 4, "each": 4, "offers": 5, "busy": 1},
    },
    draw=_accept,
    seen=(
        "{sender} proposes times for a meeting about {topic}. Book the first of them at which I am "
        "free, and reply with that time alone, as YYYY-MM-DD HH:MM.",
        "Take the earliest of the times that {sender} offers for {topic} and that is free for me: "
        "put the meeting into the calendar and answer with the time as YYYY-MM-DD HH:MM.",
        "Answer {sender}'s mail about {topic}: say the first offered time that I have free, as "
        "YYYY-MM-DD HH:MM and no other, and book it.",
        "See the mail from {sender} on {topic}. Book the first time offered without a clash in my "
        "calendar, and write back that time (YYYY-MM-DD HH:MM).",
    ),
    unseen=(
        "{sender} wants to meet about {topic}. Agree to the earliest proposed time that fits my "
        "calendar: book it and reply with it, written YYYY-MM-DD HH:MM.",
        "Settle the meeting on {topic} with {sender}: the first proposed time that I can make goes "
        "into the calendar and, as YYYY-MM-DD HH:MM, into your reply.",
        "Of the times {sender} suggests for {topic}, accept the first one I am free at. Book it, "
        "and confirm it by reply in the form YYYY-MM-DD HH:MM.",
    ),
)

KINDS = (BOOK, MOVE, CANCEL, COUNT, ACCEPT)
