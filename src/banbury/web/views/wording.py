"""What a stage's form says of its chief fields, to somebody who has read no document."""

from __future__ import annotations

from banbury.web.jobs.form import Field

_MODEL = (
    "smollm2 is a small model to begin with. Else the id or folder of a Hugging Face model, "
    "http://host/v1#MODEL for one that a server answers for, or checkpoint:NAME for one that was "
    "trained here."
)
_WORDS: dict[tuple[str, str], tuple[str, str]] = {
    ("probe", "model"): ("Model", _MODEL),
    ("probe", "skills"): (
        "Skills to look at",
        "One a line. A name such as reasoning.add is one skill, office.email all that are below "
        "it. Choose below if you do not know their names.",
    ),
    ("probe", "name"): (
        "Name of this probe",
        "The next stages find it by this name. The same name again goes on where it was stopped.",
    ),
    ("probe", "most"): (
        "Tasks of each skill, at most",
        "Fewer are given where it is clear earlier on which side of the threshold a skill lies.",
    ),
    ("gaps", "model"): ("Model", "The one that was probed. It tries again with solved examples."),
    ("gaps", "probe"): ("Probe", "Whose failures are looked into."),
    ("source", "map"): ("Diagnosis", "The gaps that it found are what is worked on."),
    ("source", "count"): ("Gaps to work on", "The most worthwhile ones of the diagnosis."),
    ("source", "name"): ("Name of what is made", "The review finds it by this name."),
    ("source", "train"): ("Examples for each gap", "Solved by the gym's own reference."),
    ("mine", "repositories"): (
        "Repositories",
        "https addresses, one a line, such as https://github.com/pallets/click. What was mined "
        "before is not mined again.",
    ),
    ("mine", "since"): ("Fixes since", "A date such as 2022-01-01."),
    ("mine", "until"): ("Fixes before", "A date; empty for today."),
    ("mine", "limit"): (
        "Fixes of a repository, at most",
        "The newest first. Each takes about half a minute of a core, more where tests are slow.",
    ),
    ("mine", "release"): (
        "Name of a release",
        "If given, every task's reference solution is played and reviewed, and those that are "
        "accepted are frozen under this name.",
    ),
    ("review", "run"): (
        "What is reviewed",
        "What the source made, or campaign:NAME for the accepted answers of a campaign.",
    ),
    ("release", "name"): ("Name of the release", "The same name again makes its next version."),
    ("release", "run"): ("What is released", "What was reviewed before."),
    ("train", "release"): ("Release", "The data to train on."),
    ("train", "model"): ("Model", "The base, which stays as it is: adapters are put beside it."),
    ("train", "others"): (
        "Other skills",
        "One a line. By their tasks the router learns what it should leave to the base.",
    ),
    ("compare", "before"): ("Before", "The base, such as smollm2."),
    ("compare", "after"): ("After", "The repaired one, such as checkpoint:NAME."),
    ("compare", "source"): ("Source", "It reserved the tasks on which both are measured."),
    ("compare", "guard"): (
        "Must not get worse",
        "Other skills, one a line: it is tested that they did not suffer.",
    ),
}


def words(stage: str, field: Field) -> tuple[str, str]:
    """Return the label and the hint of a stage's field."""
    return _WORDS.get((stage, field.name)) or (field.label, field.hint)
