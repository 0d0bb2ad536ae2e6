"""Contacts, and work that runs through the whole desk: update, add, hand over."""

from __future__ import annotations

from random import Random

from banbury.gyms.desk import actions as do
from banbury.gyms.desk.goals.files import Shared
from banbury.gyms.desk.goals.goal import Goal
from banbury.gyms.desk.goals.mail import Sent
from banbury.gyms.desk.goals.people import Recorded
from banbury.gyms.desk.kind import Dial, Draft, Kind
from banbury.gyms.desk.scene import Scene

_SPOKEN = {"phone": "telephone number", "email": "e-mail address", "role": "department"}


def _phone(rng: Random) -> str:
    return f"+44 {rng.randrange(20, 99)} {rng.randrange(1000000, 9999999)}"


def _update(rng: Random, dial: Dial) -> Draft:
    scene = Scene(rng, dial["noise"])
    person = rng.choice(scene.others)
    if dial["namesake"]:
        scene.namesake(person, next(f for f in scene.firms if f != person.firm))
    first, last = person.name.lower().split()
    domain = person.email.partition("@")[2]
    new = {
        "phone": _phone(rng),
        "email": f"{first[0]}.{last}@{domain}",
        "role": rng.choice(("finance", "research", "events", "export")),
    }
    fields = {f: new[f] for f in rng.sample(tuple(new), dial["fields"])}
    told = "; ".join(f"my {_SPOKEN[f]} is now {value}" for f, value in fields.items())
    text = f"Dear all, please note: {told}. Best regards, {person.first}"
    mail = scene.mail(person, "My new details", text, ago=1)
    for n in range(dial["older"]):
        stale = f"Please note: my telephone number is now {_phone(rng)}. {person.first}"
        scene.mail(person, "My new details", stale, ago=5 + n)
    world = scene.world()
    contact = next(c.id for c in world.contacts.values() if c.email == person.email)
    return Draft(
        {"person": f"{person.name} of {person.firm}"},
        world,
        Goal((Recorded(fields, contact),), may_file=(mail.id,)),
        (
            do.SearchMail(f"{person.email} details"),
            do.ReadMail(mail.id),
            do.FindContacts(person.name),
            do.UpdateContact(contact, **fields),
            do.Done(),
        ),
    )


UPDATE = Kind(
    skill="desk.contacts.update",
    title="bring a contact up to date from a mail",
    dials={
        "easy": {"noise": 1, "fields": 1, "older": 0, "namesake": 0},
        "medium": {"noise": 2, "fields": 2, "older": 1, "namesake": 1},
        "hard": {"noise": 4, "fields": 3, "older": 3, "namesake": 1},
    },
    draw=_update,
    seen=(
        "{person} has new details. Change the entry in the address book to what the newest mail "
        "from there says.",
        "Bring the address book up to date for {person}: the newest mail has the new details.",
        "In the newest mail from {person} are new contact details. Enter them in the address book.",
        "Update the contact {person} with what the latest mail says has changed.",
    ),
    unseen=(
        "The address book is out of date for {person}. Take over the changes from the most recent "
        "mail.",
        "{person} wrote what has changed in the contact details. Correct our entry after the "
        "newest mail.",
        "Please amend the entry of {person} by the details in the latest mail from that person.",
    ),
)


def _add(rng: Random, dial: Dial) -> Draft:
    scene = Scene(rng, dial["noise"])
    firm = rng.choice(scene.firms)
    person = scene.stranger(firm)
    fields = {"name": person.name, "email": person.email, "phone": person.phone, "firm": firm}
    if dial["role"]:
        fields["role"] = person.role
    card = f"{person.name}\n{firm}, {person.role}\n{person.email}\n{person.phone}"
    about = scene.topics[0]
    if dial["told"]:
        sender = next(p for p in scene.others if p.firm == firm)
        text = f"From now on my colleague takes care of {about}:\n{card}\nBest, {sender.first}"
    else:
        sender = person
        text = f"I would like to introduce myself: I take care of {about}.\n--\n{card}"
    mail = scene.mail(sender, f"{about[:1].upper()}{about[1:]}: who to talk to", text)
    which = "name, address, phone and firm" + (" and department" if dial["role"] else "")
    return Draft(
        {"person": person.name, "which": which, "sender": sender.name, "topic": about},
        scene.world(),
        Goal((Recorded(fields),), may_file=(mail.id,)),
        (
            do.SearchMail(f"{sender.email} {about}"),
            do.ReadMail(mail.id),
            do.AddContact(**fields),
            do.Done(),
        ),
    )


ADD = Kind(
    skill="desk.contacts.add",
    title="add a person to the address book from a mail",
    dials={
        "easy": {"noise": 1, "told": 0, "role": 0},
        "medium": {"noise": 2, "told": 1, "role": 0},
        "hard": {"noise": 5, "told": 1, "role": 1},
    },
    draw=_add,
    seen=(
        "Add {person} to the address book, with {which}, from the mail by {sender} about {topic}.",
        "The mail from {sender} on {topic} tells how to reach {person}. Enter {person} as a new "
        "contact with {which}.",
        "Put {person} into the address book ({which}); see {sender}'s mail about {topic}.",
        "Make a new contact for {person}, with {which} as in the mail by {sender} on {topic}.",
    ),
    unseen=(
        "{person} is missing in the address book. {sender}'s mail about {topic} has what you need: "
        "{which}.",
        "Read {sender}'s mail about {topic} and create the contact {person}: {which}.",
        "We will work with {person} from now on. Save {which} from {sender}'s mail on {topic} as a "
        "contact.",
    ),
)


def _hand_over(rng: Random, dial: Dial) -> Draft:
    scene = Scene(rng, dial["noise"])
    heir = rng.choice(scene.colleagues)
    sender = rng.choice(scene.others)
    project = scene.projects[0]
    folder = f"/projects/{project.lower()}"
    docs = rng.sample(("plan", "budget", "schedule", "summary", "figures"), dial["items"])
    parts: list[Shared | Sent] = []
    for doc in sorted(docs):
        before = rng.sample([c for c in scene.colleagues if c is not heir], rng.randint(0, 1))
        file = scene.file(f"{folder}/{doc}.txt", f"{project}: {doc}", shared=before)
        parts.append(Shared(file.path, (*file.shared, heir.email)))
    mails = []
    for n in range(dial["mails"]):
        text = f"What is the state of {project}? We must know by day {rng.randrange(2, 29)}."
        mails.append(scene.mail(sender, f"{project}: question {n + 1}", text))
    scene.mail(sender, f"{scene.projects[1]}: question", "How far are you?")
    parts += [Sent((heir.email,), says=(mail.subject, mail.text)) for mail in mails]
    return Draft(
        {"heir": heir.name, "project": project, "folder": folder, "sender": sender.name},
        scene.world(),
        Goal(tuple(parts), may_tell=(heir.email,), may_file=tuple(m.id for m in mails)),
        (
            do.FindContacts(heir.name),
            do.ListFiles(folder),
            *(do.ShareFile(p.path, (heir.email,)) for p in parts if isinstance(p, Shared)),
            do.SearchMail(f"{sender.email} {project}"),
            *(do.Forward(mail.id, (heir.email,)) for mail in mails),
            do.Done(),
        ),
    )


HAND_OVER = Kind(
    skill="desk.mixed.hand_over",
    title="hand a project over: share its files and forward its mail",
    dials={
        "easy": {"noise": 1, "items": 1, "mails": 1},
        "medium": {"noise": 2, "items": 3, "mails": 1},
        "hard": {"noise": 3, "items": 5, "mails": 3},
    },
    draw=_hand_over,
    seen=(
        "{heir} takes over project {project}. Share all files in {folder} with {heir}, and forward "
        "every mail from {sender} about {project} to {heir}.",
        "Hand {project} over to {heir}: share what is in {folder}, and forward each of {sender}'s "
        "mails about {project}.",
        "From now on {heir} looks after {project}. {heir} must be able to read all files in "
        "{folder} and needs {sender}'s mails on {project} forwarded, one by one.",
        "Let {heir} read every file in {folder} and forward to {heir} all mails that {sender} sent "
        "about {project}.",
    ),
    unseen=(
        "Prepare the handover of {project} to {heir}: each file in {folder} shared, each mail of "
        "{sender} on {project} forwarded.",
        "I leave {project} to {heir}. Give {heir} access to all files in {folder}, then pass on "
        "the mails about {project} from {sender}.",
        "{heir} is in charge of {project} now and lacks {sender}'s mails about it, which you "
        "should forward, and access to all files in {folder}.",
    ),
)

KINDS = (UPDATE, ADD, HAND_OVER)
