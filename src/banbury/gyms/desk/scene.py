"""A scene: a desk being laid out from dice, with people, mail, meetings, files and noise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from random import Random

from banbury.gyms.desk import cast, times
from banbury.gyms.desk.cast import Person
from banbury.gyms.desk.world import BUILT_IN, Contact, File, Mail, Meeting, World

_FIRST_DAY = date(2026, 1, 5)
_BEGINS = 8 * 60 + 30
"""The minute of the day at which the person sits down."""


class Scene:
    """Lays out one desk.

    Args:
        rng: the dice.
        noise: how much there is beside the task, from 1.
        partners: firms outside the house.

    Attributes:
        me: whose desk it is.
        colleagues: others of the house.
        others: people of partner firms, two a firm.
        today: the day, always a Monday to Thursday.
    """

    def __init__(self, rng: Random, noise: int, partners: int = 3) -> None:
        self.rng = rng
        self._noise = noise
        self._ids = rng.sample(range(100, 1000), 220)
        firsts = rng.sample(cast.FIRST, 9 + 2 * partners)
        lasts = rng.sample(cast.LAST, 9 + 2 * partners)
        self._names = [f"{f} {s}" for f, s in zip(firsts, lasts, strict=True)]
        house = rng.choice(cast.HOUSES)
        roles = rng.sample(cast.ROLES, 7)
        self.me = self._person(house, "assistance")
        self.colleagues = [self._person(house, role) for role in roles]
        self.firms = rng.sample(cast.FIRMS, partners)
        self.others = [
            self._person(firm, role) for firm in self.firms for role in rng.sample(cast.ROLES, 2)
        ]
        weeks = timedelta(weeks=rng.randrange(45), days=rng.randrange(4))
        self.today = str(_FIRST_DAY + weeks)
        self.projects = rng.sample(cast.PROJECTS, 6)
        self.topics = rng.sample(cast.TOPICS, 10)
        self.titles = rng.sample(cast.TITLES, 12)
        self._mails: list[Mail] = []
        self._meetings: list[Meeting] = []
        self._files: dict[str, File] = {}
        self._unknown: set[str] = set()
        self._folders: list[str] = list(BUILT_IN)
        self._appointments()

    @property
    def meetings(self) -> list[Meeting]:
        """Return the meetings so far."""
        return self._meetings

    def _person(self, firm: str, role: str) -> Person:
        name = self._names.pop()
        first, last = name.lower().split()
        phone = f"+44 {self.rng.randrange(20, 99)} {self.rng.randrange(1000000, 9999999)}"
        email = f"{first}.{last}@{firm.lower()}.example"
        return Person(name, email, phone, firm.capitalize(), role)

    def stranger(self, firm: str) -> Person:
        """Return one more person of a firm, who is not in the address book."""
        person = self._person(firm, self.rng.choice(cast.ROLES))
        self._unknown.add(person.email)
        return person

    def namesake(self, of: Person, firm: str) -> Person:
        """Return one more person of a firm, with somebody's first name."""
        self._names[-1] = f"{of.first} {self._names[-1].split()[1]}"
        person = self._person(firm, self.rng.choice(cast.ROLES))
        self.others.append(person)
        return person

    def day(self, ahead: int) -> str:
        """Return the working day so many working days ahead of today, or behind it."""
        day = date.fromisoformat(self.today)
        step = timedelta(days=1 if ahead > 0 else -1)
        for _ in range(abs(ahead)):
            day += step
            while day.weekday() > 4:
                day += step
        return str(day)

    def days(self, first: int, count: int) -> list[str]:
        """Return some working days in a row."""
        return [self.day(first + i) for i in range(count)]

    def folder(self, name: str) -> str:
        """Add a mail folder."""
        self._folders.append(name)
        return name

    def mail(
        self,
        sender: Person,
        subject: str,
        text: str,
        *,
        ago: int | None = None,
        folder: str = "inbox",
        files: Sequence[str] = (),
    ) -> Mail:
        """Put a mail into the mailbox, `ago` working days old."""
        rng = self.rng
        id = f"m{self._ids.pop()}"
        back = rng.randint(1, 12) if ago is None else ago
        hour = rng.randrange(7 * 60, 19 * 60 if back else _BEGINS)
        time = f"{self.day(-back)} {times.clock(hour)}"
        made = Mail(id, folder, sender.email, (self.me.email,), subject, text, time, tuple(files))
        self._mails.append(made)
        return made

    def file(
        self, path: str, text: str, *, owner: Person | None = None, shared: Iterable[Person] = ()
    ) -> File:
        """Put a file down; it is one's own unless somebody else's is named."""
        people = tuple(p.email for p in shared)
        made = File(path, text, (owner or self.me).email, people)
        self._files[path] = made
        return made

    def meeting(
        self,
        title: str,
        day: str,
        start: str,
        minutes: int,
        people: Sequence[Person],
        *,
        organiser: Person | None = None,
    ) -> Meeting:
        """Put a meeting into the calendars of organiser and people."""
        chair = organiser or self.me
        all_of_them = tuple(dict.fromkeys((chair.email, *(p.email for p in people))))
        id = f"c{self._ids.pop()}"
        made = Meeting(id, title, f"{day} {start}", minutes, all_of_them, chair.email)
        self._meetings.append(made)
        return made

    def engage(self, people: Sequence[Person], days: Iterable[str], each: int) -> None:
        """Give each person up to so many meetings of their own on each day, without clashes."""
        rng = self.rng
        for day in days:
            for person in people:
                for _ in range(each):
                    minutes = rng.choice((30, 45, 60, 90))
                    free = self.free([person], minutes, [day])
                    if free:
                        chair = rng.choice([c for c in self.colleagues if c is not person])
                        title, at = rng.choice(self.titles), rng.choice(free)[1]
                        self.meeting(title, day, at, minutes, [person], organiser=person)
                        if rng.random() < 0.3 and self.is_free(chair, day, at, minutes):
                            last = self._meetings[-1]
                            self._meetings[-1] = Meeting(
                                last.id, last.title, last.start, minutes,
                                (*last.people, chair.email), last.organiser,
                            )  # fmt: skip

    def is_free(self, person: Person, day: str, at: str, minutes: int) -> bool:
        """Return whether a person has no meeting then."""
        begin = times.minute(at)
        taken = times.busy(self._meetings, [person.email], day)
        return all(begin + minutes <= a or begin >= b for a, b in taken)

    def free(
        self,
        people: Iterable[Person],
        minutes: int,
        days: Iterable[str],
        after: str = "09:00",
        before: str = "17:00",
    ) -> list[tuple[str, str]]:
        """Return (day, time) at which all of them are free, in order."""
        emails = [p.email for p in people]
        window = times.minute(after), times.minute(before)
        return [
            (day, times.clock(begin))
            for day in days
            for begin in times.starts(times.busy(self._meetings, emails, day), minutes, *window)
        ]

    def world(self) -> World:
        """Return the desk, with noise around what was laid out."""
        self._chatter()
        rng = self.rng
        rng.shuffle(self._mails)
        unread = {m.id for m in self._mails if m.folder == "inbox" and rng.random() < 0.5}
        people = [*self.colleagues, *self.others]
        book = [
            Contact(f"p{self._ids.pop()}", p.name, p.email, p.phone, p.firm, p.role)
            for p in rng.sample(people, len(people))
            if p.email not in self._unknown
        ]
        return World(
            name=self.me.name,
            me=self.me.email,
            now=f"{self.today} {times.clock(_BEGINS)}",
            folders=tuple(self._folders),
            mails={m.id: m for m in self._mails},
            unread=unread,
            meetings={m.id: m for m in sorted(self._meetings, key=lambda m: m.id)},
            files=dict(sorted(self._files.items())),
            contacts={c.id: c for c in book},
        )

    def _chatter(self) -> None:
        rng = self.rng
        for _ in range(3 * self._noise):
            sender = rng.choice([*self.colleagues, *self.others[:4]])
            subject, text = rng.choice(cast.CHATTER)
            words = {
                "topic": rng.choice(self.topics[6:]),
                "project": rng.choice(self.projects[4:]),
                "first": sender.first,
            }
            folder = "archive" if rng.random() < 0.2 else "inbox"
            subject = subject.format(**words)
            self.mail(
                sender, subject[:1].upper() + subject[1:], text.format(**words), folder=folder
            )
        for n in range(2 * self._noise):
            note = rng.choice(cast.NOTES)
            words = {"topic": rng.choice(self.topics[6:]), "project": rng.choice(self.projects[4:])}
            owner = self.me if rng.random() < 0.8 else rng.choice(self.colleagues)
            shared = [self.me] if owner is not self.me else rng.sample(self.colleagues, n % 2)
            path = f"/notes/note-{rng.randrange(100, 999)}.txt"
            self.file(path, note.format(**words), owner=owner, shared=shared)

    def _appointments(self) -> None:
        rng = self.rng
        for n in range(self._noise):
            minutes, day = rng.choice((30, 60)), self.day(rng.randint(1, 6))
            pair = [self.me, rng.choice(self.colleagues)]
            if free := self.free(pair, minutes, [day]):
                _, at = rng.choice(free)
                who = {"organiser": pair[n % 2]}
                title = rng.choice(self.titles[8:])
                self.meeting(title, day, at, minutes, [pair[1], self.me], **who)
