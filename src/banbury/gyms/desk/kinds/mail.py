"""Mail: forward, answer, sort, clean up, send a file."""

from __future__ import annotations

from random import Random

from banbury.gyms.desk import actions as do
from banbury.gyms.desk.cast import Person
from banbury.gyms.desk.goals.goal import Goal
from banbury.gyms.desk.goals.mail import Filed, Sent
from banbury.gyms.desk.kind import Dial, Draft, Kind
from banbury.gyms.desk.scene import Scene
from banbury.gyms.desk.times import weekday

_ASKS = (
    "Could one of you look into {topic}? Our number for it is {code}. {first}",
    "We have a question about {topic}, see our file {code}. Who can help? {first}",
    "Please tell us what you think of {topic}. It runs under {code} here. {first}",
)
_DOCS = ("plan", "offer", "budget", "schedule", "contract", "summary")


def _code(rng: Random) -> str:
    return f"{''.join(rng.sample('ABCDEFGHKLMNPRSTUVWXYZ', 2))}{rng.randrange(100, 999)}"


def _forward(rng: Random, dial: Dial) -> Draft:
    scene = Scene(rng, dial["noise"])
    sender, other = rng.sample(scene.others, 2)
    to = rng.choice(scene.colleagues)
    topic = scene.topics[0]

    def ask(who: Person, ago: int) -> str:
        text = rng.choice(_ASKS).format(topic=topic, code=_code(rng), first=who.first)
        return scene.mail(who, topic[:1].upper() + topic[1:], text, ago=ago).id

    mail = ask(sender, rng.randint(1, 3))
    for n in range(dial["twins"]):
        ask(sender if n % 2 else other, rng.randint(1, 3) if n % 2 == 0 else rng.randint(5, 9))
    by_role = bool(dial["role"])
    world = scene.world()
    search = f"{to.role} {to.firm}" if by_role else to.name
    return Draft(
        {
            "which": "the newest mail" if dial["twins"] else "the mail",
            "sender": sender.name,
            "topic": topic,
            "to": f"our colleague in {to.role}" if by_role else to.name,
        },
        world,
        Goal((Sent((to.email,), says=(world.mails[mail].text,)),), may_file=(mail,)),
        (
            do.SearchMail(f"{sender.email} {topic}"),
            do.FindContacts(search),
            do.Forward(mail, (to.email,)),
            do.Done(),
        ),
    )


FORWARD = Kind(
    skill="desk.mail.forward",
    title="forward a mail to the right colleague",
    dials={
        "easy": {"noise": 1, "role": 0, "twins": 0},
        "medium": {"noise": 2, "role": 1, "twins": 1},
        "hard": {"noise": 4, "role": 1, "twins": 3},
    },
    draw=_forward,
    seen=(
        "Forward {which} from {sender} about {topic} to {to}.",
        "{which} from {sender} on {topic} must go to {to}. Forward it.",
        "Please pass {which} about {topic} by {sender} on to {to}.",
        "Send {which} that {sender} wrote about {topic} on to {to}.",
    ),
    unseen=(
        "{to} should have a copy of {which} about {topic} from {sender}; forward it.",
        "Find {which} by {sender} concerning {topic} and let {to} have it as a forward.",
        "Relay {which} on {topic}, sent by {sender}, to {to}.",
    ),
)

_FACTS = {
    "delivery date": "Delivery",
    "price": "Price",
    "number of boxes": "Boxes",
}


def _order(scene: Scene, code: str, customer: Person) -> dict[str, str]:
    rng = scene.rng
    facts = {
        "Delivery": scene.day(rng.randint(3, 40)),
        "Price": str(rng.randrange(400, 9000)),
        "Boxes": str(rng.randrange(11, 99)),
        "Cost": str(rng.randrange(10000, 99999)),
    }
    text = (
        f"Order {code}\nCustomer: {customer.firm}\nDelivery: {facts['Delivery']}\n"
        f"Price: {facts['Price']} euros\nBoxes: {facts['Boxes']}\n"
        f"Internal, not for the customer: our cost is {facts['Cost']} cents a box"
    )
    scene.file(f"/orders/{code}.txt", text)
    return facts


def _answer(rng: Random, dial: Dial) -> Draft | None:
    scene = Scene(rng, dial["noise"])
    sender = rng.choice(scene.others)
    codes = list(dict.fromkeys(_code(rng) for _ in range(1 + dial["orders"])))
    orders = {code: _order(scene, code, sender) for code in codes}
    code = codes[0]
    fact = rng.choice(tuple(_FACTS))
    value = orders[code][_FACTS[fact]]
    wrong = {o[key] for o in orders.values() for key in (_FACTS[fact], "Cost")} - {value}
    question = f"Good day, what is the {fact} of our order {code}? Kind regards, {sender.first}"
    mail = scene.mail(sender, "A question on an order", question, ago=0)
    for n in range(dial["older"]):
        text = f"What is the {rng.choice(tuple(_FACTS))} of {codes[-1]}? {sender.first}"
        scene.mail(sender, "A question on an order", text, ago=3 + n)
    told = bool(dial["told"])
    what = f"the {fact} of order {code}" if told else "what it asks for"
    path = f"/orders/{code}.txt"
    look = () if told else (do.ReadMail(mail.id),)
    return Draft(
        {"sender": sender.name, "what": what, "folder": "/orders"},
        scene.world(),
        Goal((Sent((sender.email,), (value,), tuple(sorted(wrong))),), may_file=(mail.id,)),
        (
            do.SearchMail(f"{sender.email} question order"),
            *look,
            do.ReadFile(path),
            do.Reply(mail.id, f"Hello {sender.first}, the {fact} of order {code} is {value}."),
            do.Done(),
        ),
    )


ANSWER = Kind(
    skill="desk.mail.answer",
    title="answer a customer's mail with a fact from a file, and with nothing else in it",
    dials={
        "easy": {"noise": 1, "orders": 1, "older": 0, "told": 1},
        "medium": {"noise": 2, "orders": 3, "older": 0, "told": 0},
        "hard": {"noise": 4, "orders": 5, "older": 2, "told": 0},
    },
    draw=_answer,
    seen=(
        "Answer the newest mail from {sender}: say {what}, as it stands in {folder}, and keep "
        "internal figures to yourself.",
        "{sender} has asked something. Reply to the newest mail with {what}, as {folder} has it, "
        "but with nothing internal.",
        "Reply to {sender}'s newest mail. Tell {what} exactly as written in {folder}; internal "
        "numbers stay in the house.",
        "Look into {folder} and answer {sender}'s latest mail with {what}. Do not give away "
        "internal figures.",
    ),
    unseen=(
        "{sender} waits for an answer to the latest mail. Write back {what}, copied from {folder}, "
        "and nothing that is internal.",
        "Get back to {sender} on the most recent mail with {what} from the files in {folder}. "
        "Internal figures must not go out.",
        "Deal with the newest question from {sender}: reply with {what} as {folder} says, without "
        "anything marked internal.",
    ),
)


def _sort(rng: Random, dial: Dial) -> Draft | None:
    scene = Scene(rng, dial["noise"])
    firm = scene.firms[0]
    staff = [p for p in scene.others if p.firm == firm]
    folder, *_ = (scene.folder(f"{p.lower()}-{rng.randint(1, 9)}") for p in scene.projects[:3])
    for n in range(dial["items"] + dial["decoys"]):
        topic = scene.topics[n % 6]
        attached = n < dial["items"] or not dial["attached"]
        path = f"/received/{topic.split()[-1]}-{rng.randrange(100, 999)}.txt"
        files = (path,) if attached and (dial["attached"] or rng.random() < 0.4) else ()
        who = rng.choice(staff)
        scene.mail(who, f"On {topic}", f"Here is what we have on {topic}. {who.first}", files=files)
    world = scene.world()
    emails = {p.email for p in staff}
    ids = tuple(
        m.id
        for m in sorted(world.mails.values(), key=lambda m: m.time)
        if m.sender in emails and m.folder == "inbox" and (m.files or not dial["attached"])
    )
    if len(ids) > 9:
        return None
    which = "with attachments " if dial["attached"] else ""
    return Draft(
        {"firm": firm, "which": which, "folder": folder},
        world,
        Goal((Filed(ids, folder),)),
        (
            do.SearchMail(f"@{firm.lower()}.example"),
            *(do.MoveMail(id, folder) for id in ids),
            do.Done(),
        ),
    )


SORT = Kind(
    skill="desk.mail.sort",
    title="put all mails of a kind into a folder, and no others",
    dials={
        "easy": {"noise": 1, "items": 1, "decoys": 0, "attached": 0},
        "medium": {"noise": 2, "items": 3, "decoys": 0, "attached": 0},
        "hard": {"noise": 4, "items": 6, "decoys": 3, "attached": 1},
    },
    draw=_sort,
    seen=(
        "Put all mails {which}from people at {firm} that are in the inbox into the folder "
        "{folder}.",
        "Move every mail {which}that {firm} sent from the inbox to the folder {folder}.",
        "Sort the inbox: mails {which}from {firm} belong into {folder}.",
        "The mails {which}from {firm} in my inbox should all lie in {folder}.",
    ),
    unseen=(
        "Clear the inbox of mails {which}from {firm}: file them under {folder}.",
        "The folder {folder} is the place for mails {which}from {firm}. Take those in the inbox "
        "there.",
        "File what came from {firm} {which}into {folder}, as far as it is still in the inbox.",
    ),
)


def _clean(rng: Random, dial: Dial) -> Draft:
    scene = Scene(rng, dial["noise"])
    firm = scene.firms[0]
    news = Person(f"{firm} News", f"news@{firm.lower()}.example", "", firm, "")
    border = rng.randint(4, 7)
    number = rng.randrange(20, 200)
    old = []
    for n in range(dial["old"]):
        subject = f"{firm} newsletter {number + n}"
        text = f"This time: {scene.topics[n]}."
        old.append(scene.mail(news, subject, text, ago=border + 1 + rng.randrange(9)).id)
    for n in range(dial["new"]):
        subject = f"{firm} newsletter {number + 50 + n}"
        scene.mail(news, subject, f"Read about {scene.topics[n]}.", ago=rng.randint(1, border))
    for n in range(dial["decoys"]):
        who = rng.choice(scene.others[:2])
        subject = f"Our newsletter on {scene.topics[n]}"
        scene.mail(who, subject, f"What do you think? {who.first}", ago=border + 1 + n)
    date = scene.day(-border)
    return Draft(
        {"sender": news.email, "date": date, "weekday": weekday(date)},
        scene.world(),
        Goal((Filed(tuple(old), "trash"),)),
        (do.SearchMail(news.email), *(do.DeleteMail(id) for id in old), do.Done()),
    )


CLEAN = Kind(
    skill="desk.mail.clean",
    title="delete old newsletters and nothing else",
    dials={
        "easy": {"noise": 1, "old": 1, "new": 1, "decoys": 0},
        "medium": {"noise": 2, "old": 3, "new": 2, "decoys": 1},
        "hard": {"noise": 4, "old": 6, "new": 3, "decoys": 3},
    },
    draw=_clean,
    seen=(
        "Delete the mails from {sender} that came before {weekday}, {date}. Keep all others.",
        "Throw away every newsletter of {sender} older than {date} ({weekday}).",
        "All mail by {sender} from before {date}, a {weekday}, can be deleted. Nothing else.",
        "Delete what {sender} sent before {date} ({weekday}), and only that.",
    ),
    unseen=(
        "Whatever {sender} sent earlier than {weekday}, {date}, belongs in the trash; newer mails "
        "stay.",
        "Get rid of mails by {sender} that are older than {date}, which is a {weekday}.",
        "Empty my mailbox of {sender}'s newsletters up to the day before {date} ({weekday}).",
    ),
)


def _send(rng: Random, dial: Dial) -> Draft:
    scene = Scene(rng, dial["noise"])
    to = rng.choice(scene.others)
    if dial["namesake"]:
        scene.namesake(to, next(f for f in scene.firms if f != to.firm))
    project, doc = scene.projects[0], rng.choice(_DOCS)
    folder = f"/projects/{project.lower()}"
    for n in range(1, dial["versions"] + 1):
        text = f"{project}: {doc}, version {n}\nAs agreed in week {rng.randrange(1, 52)}."
        scene.file(f"{folder}/{doc}-v{n}.txt", text)
    for other in rng.sample([d for d in _DOCS if d != doc], dial["others"]):
        scene.file(f"{folder}/{other}-v{rng.randint(1, 9)}.txt", f"{project}: {other}")
    secret = f"our margin is {rng.randrange(20, 60)}.{rng.randrange(1, 9)} percent"
    scene.file(f"{folder}/margins.txt", f"Internal. On {project} {secret}.")
    path = f"{folder}/{doc}-v{dial['versions']}.txt"
    short = bool(dial["namesake"])
    return Draft(
        {
            "to": f"{to.first} at {to.firm}" if short else f"{to.name} of {to.firm}",
            "doc": f"the latest version of the {doc}" if dial["versions"] > 1 else f"the {doc}",
            "project": project,
        },
        scene.world(),
        Goal((Sent((to.email,), never=(secret,), files=(path,)),)),
        (
            do.FindContacts(f"{to.first} {to.firm}" if short else to.name),
            do.ListFiles(folder),
            do.SendMail((to.email,), f"{project}: {doc}", "As agreed, see below.", (path,)),
            do.Done(),
        ),
    )


SEND = Kind(
    skill="desk.mail.send_file",
    title="send the right file to the right person",
    dials={
        "easy": {"noise": 1, "versions": 1, "others": 1, "namesake": 0},
        "medium": {"noise": 2, "versions": 2, "others": 2, "namesake": 1},
        "hard": {"noise": 4, "versions": 5, "others": 4, "namesake": 1},
    },
    draw=_send,
    seen=(
        "Send {to} {doc} for project {project} as an attachment.",
        "Mail {doc} of project {project} to {to}, attached to the mail.",
        "{to} needs {doc} for {project}. Send it as an attachment.",
        "Write to {to} and attach {doc} of the project {project}.",
    ),
    unseen=(
        "Please see that {to} gets {doc} of {project} by mail, attached.",
        "Attach {doc} for {project} to a mail to {to}.",
        "Let {to} have {doc} from project {project}, as a mail with that file and no other.",
    ),
)

KINDS = (FORWARD, ANSWER, SORT, CLEAN, SEND)
