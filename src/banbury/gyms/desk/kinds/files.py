"""Files: share with those who meet, tidy up, total, revoke."""

from __future__ import annotations

from random import Random

from banbury.gyms.contract import Action
from banbury.gyms.desk import actions as do
from banbury.gyms.desk.goals.files import Moved, Shared, Written
from banbury.gyms.desk.goals.goal import Goal
from banbury.gyms.desk.kind import Dial, Draft, Kind
from banbury.gyms.desk.scene import Scene

_DOCS = ("plan", "budget", "schedule", "summary", "figures", "agenda")


def _share(rng: Random, dial: Dial) -> Draft | None:
    scene = Scene(rng, dial["noise"])
    people = rng.sample(scene.colleagues, dial["people"])
    guests = rng.sample(scene.others, dial["guests"])
    day, title = scene.day(rng.randint(1, 8)), scene.titles[0]
    free = scene.free([scene.me, *people], 60, [day])
    if not free:
        return None
    scene.meeting(title, day, rng.choice(free)[1], 60, [*people, *guests])
    project, doc = scene.projects[0], rng.choice(_DOCS)
    folder = f"/projects/{project.lower()}"
    before = rng.sample([c for c in scene.colleagues if c not in people], dial["before"])
    path = f"{folder}/{doc}.txt"
    scene.file(path, f"{project}: {doc}\nFor the house only.", shared=before)
    for other in rng.sample([d for d in _DOCS if d != doc], 2):
        scene.file(f"{folder}/{other}.txt", f"{project}: {other}")
    emails = tuple(p.email for p in people)
    kept = [p.email for p in before]
    return Draft(
        {"doc": doc, "project": project, "title": title, "day": day},
        scene.world(),
        Goal((Shared(path, tuple(sorted({*kept, *emails}))),), may_tell=emails),
        (do.ListMeetings(day), do.ListFiles(folder), do.ShareFile(path, emails), do.Done()),
    )


SHARE = Kind(
    skill="desk.files.share",
    title="share a file with the colleagues in a meeting, and with no guest",
    dials={
        "easy": {"noise": 1, "people": 1, "guests": 0, "before": 0},
        "medium": {"noise": 2, "people": 2, "guests": 1, "before": 1},
        "hard": {"noise": 4, "people": 5, "guests": 3, "before": 2},
    },
    draw=_share,
    seen=(
        "Share the {doc} of project {project} with the colleagues who take part in {title} on "
        "{day}, but with nobody outside the house.",
        "Those of our house who are in the meeting {title} on {day} should be able to read the "
        "{doc} of {project}. Guests from outside must not.",
        "Let every colleague in {title} on {day} read the {project} {doc}; outsiders must not see "
        "it.",
        "For {title} on {day}: share the {doc} of {project} with all colleagues in it, not with "
        "people of other firms.",
    ),
    unseen=(
        "Give the colleagues invited to {title} on {day} access to the {doc} of {project}. People "
        "from outside get none.",
        "Make the {project} {doc} readable for all our people in {title} ({day}), and for no "
        "outsider.",
        "Whoever of our own staff attends {title} on {day} needs the {doc} of project {project}; "
        "share it with them alone.",
    ),
)


def _tidy(rng: Random, dial: Dial) -> Draft:
    scene = Scene(rng, dial["noise"])
    project, other = scene.projects[:2]
    named = bool(dial["named"])
    numbers = rng.sample(range(100, 999), dial["items"] + dial["decoys"])
    mine: list[str] = []
    scans: list[str] = []
    for n, number in enumerate(numbers):
        about = project if n < dial["items"] else other
        path = f"/scans/{about.lower() if named else 'scan'}-{number}.txt"
        scene.file(path, f"Scan {number}\nProject: {about}\nPages: {rng.randrange(1, 30)}")
        scans.append(path)
        if about is project:
            mine.append(path)
    folder = f"/projects/{project.lower()}/part-{rng.randint(1, 40)}"
    scene.file(f"{folder}/readme.txt", f"All that belongs to {project}.")
    moves = {path: f"{folder}/{path.rpartition('/')[2]}" for path in sorted(mine)}
    looks = () if named else tuple(do.ReadFile(path) for path in sorted(scans))
    return Draft(
        {"project": project, "folder": folder, "source": "/scans"},
        scene.world(),
        Goal((Moved(moves),)),
        (
            do.ListFiles("/scans"),
            *looks,
            *(do.MoveFile(old, new) for old, new in moves.items()),
            do.Done(),
        ),
    )


TIDY = Kind(
    skill="desk.files.tidy",
    title="move the files of a project to where they belong",
    dials={
        "easy": {"noise": 1, "items": 1, "decoys": 1, "named": 1},
        "medium": {"noise": 2, "items": 3, "decoys": 3, "named": 1},
        "hard": {"noise": 2, "items": 4, "decoys": 2, "named": 0},
    },
    draw=_tidy,
    seen=(
        "Move all scans in {source} that belong to project {project} into {folder}; they keep "
        "their names.",
        "The scans of {project} in {source} belong into {folder}. Move them under the same names.",
        "Tidy up {source}: what is about {project} goes to {folder}, with its name unchanged.",
        "Put each file in {source} that is of project {project} into {folder}, under its own name.",
    ),
    unseen=(
        "Everything of {project} that lies in {source} should be in {folder} instead, names as "
        "they are.",
        "Sort out {source}: take the files of project {project} over to {folder} without renaming.",
        "{folder} misses the scans of {project} that still lie in {source}. Bring them there, file "
        "names unchanged.",
    ),
)


def _total(rng: Random, dial: Dial) -> Draft:
    scene = Scene(rng, dial["noise"])
    firm, other = scene.firms[:2]
    named = bool(dial["named"])
    numbers = rng.sample(range(1000, 9999), dial["items"] + dial["decoys"])
    total = 0
    invoices: dict[str, str] = {}
    for n, number in enumerate(numbers):
        sender = firm if n < dial["items"] else other
        amount = rng.randrange(20, 900)
        total += amount if sender is firm else 0
        path = f"/invoices/{sender.lower() if named else 'invoice'}-{number}.txt"
        due = scene.day(rng.randint(1, 20))
        text = f"Invoice {number}\nFrom: {sender}\nAmount: {amount} euros\nDue: {due}"
        invoices[path] = sender
        scene.file(path, text)
    target = f"/reports/{firm.lower()}-{rng.randrange(1, 53)}.txt"
    looks = [p for p, sender in sorted(invoices.items()) if sender is firm or not named]
    return Draft(
        {"firm": firm, "source": "/invoices", "target": target},
        scene.world(),
        Goal((Written(target, str(total)),)),
        (
            do.ListFiles("/invoices"),
            *map(do.ReadFile, looks),
            do.WriteFile(target, str(total)),
            do.Done(),
        ),
    )


TOTAL = Kind(
    skill="desk.files.total",
    title="add up a firm's invoices into a new file",
    dials={
        "easy": {"noise": 1, "items": 2, "decoys": 1, "named": 1},
        "medium": {"noise": 2, "items": 4, "decoys": 2, "named": 1},
        "hard": {"noise": 2, "items": 5, "decoys": 3, "named": 0},
    },
    draw=_total,
    seen=(
        "Add up the amounts of all invoices from {firm} in {source} and write the sum, the number "
        "alone, into a new file {target}.",
        "Write a file {target} that holds nothing but the total in euros, as a number, of the "
        "invoices from {firm} in {source}.",
        "What do the invoices from {firm} in {source} come to? Put the number, and nothing else, "
        "into {target}.",
        "Sum up {firm}'s invoices (see {source}) and save the number alone as {target}.",
    ),
    unseen=(
        "I need {target}: just the number of euros that all invoices of {firm} in {source} make "
        "together.",
        "Go through {source}, total what {firm} charges, and put the bare number into {target}.",
        "Create {target} with the sum of {firm}'s invoice amounts from {source}, only the digits.",
    ),
)


def _revoke(rng: Random, dial: Dial) -> Draft | None:
    scene = Scene(rng, dial["noise"])
    project = scene.projects[0]
    folder = f"/projects/{project.lower()}/part-{rng.randint(1, 40)}"
    firm = scene.firms[0]
    one = bool(dial["one_firm"])
    parts: list[Shared] = []
    acts: list[Action] = []
    for n, doc in enumerate(rng.sample(_DOCS, dial["items"] + 1)):
        inside = rng.sample(scene.colleagues, rng.randint(0, 2))
        outside = rng.sample(scene.others, rng.randint(1, 2)) if n < dial["items"] else []
        path = f"{folder}/{doc}.txt"
        scene.file(path, f"{project}: {doc}", shared=[*inside, *outside])
        gone = [p for p in outside if p.firm == firm or not one]
        if gone:
            kept = [p.email for p in [*inside, *outside] if p not in gone]
            parts.append(Shared(path, tuple(kept)))
            acts.append(do.UnshareFile(path, tuple(p.email for p in gone)))
    elsewhere = scene.projects[1].lower()
    scene.file(f"/projects/{elsewhere}/plan.txt", "A plan.", shared=scene.others[:2])
    if not parts:
        return None
    return Draft(
        {"folder": folder, "whom": f"people at {firm}" if one else "people outside the house"},
        scene.world(),
        Goal(tuple(parts)),
        (do.ListFiles(folder), *acts, do.Done()),
    )


REVOKE = Kind(
    skill="desk.files.revoke",
    title="stop sharing the files of a folder with outsiders",
    dials={
        "easy": {"noise": 1, "items": 1, "one_firm": 0},
        "medium": {"noise": 2, "items": 3, "one_firm": 0},
        "hard": {"noise": 4, "items": 5, "one_firm": 1},
    },
    draw=_revoke,
    seen=(
        "Stop sharing the files in {folder} with {whom}; everybody else keeps what they may read.",
        "No file in {folder} may be shared with {whom} any more. Leave the rest as it is.",
        "Take {whom} off all files in {folder}, and change nothing for others.",
        "See to it that {whom} can read nothing in {folder} any longer; all others still can.",
    ),
    unseen=(
        "Withdraw from {whom} the right to read files in {folder}. Others are not concerned.",
        "{folder} is no longer meant for {whom}: end the sharing with them, and only with them.",
        "Check who may read the files in {folder} and remove {whom}, nobody else.",
    ),
)

KINDS = (SHARE, TIDY, TOTAL, REVOKE)
