"""Confirming: a person plays the views in step, nudges them, and confirms or refuses."""

from __future__ import annotations

from typing import Any

import msgspec

from banbury.episode import Problem, Record
from banbury.errors import GymError
from banbury.gyms.capture import rest
from banbury.gyms.capture.actions import Confirming, Look, Nudge, Refuse, read_action
from banbury.gyms.capture.views import Pairs, common, decode_pairs
from banbury.gyms.contract import Action, Environment, Observation, Turn

MOVES = 2000
"""Actions after which an episode is cut off."""
PARTS = 3
"""Parts of the common time, in each of which something must have been looked at to confirm."""
LEAST_S = 1.0
"""Seconds that must have been looked at in each part, or the whole part where it is shorter."""

_encode = msgspec.json.Encoder(order="deterministic").encode


class Refused(Exception):
    """An action that cannot be done now; the text says why, and nothing was changed."""


class Found(msgspec.Struct, omit_defaults=True):
    """The state of a task of confirming; `evidence` records it as JSON.

    Attributes:
        nudges_ms: by how much each view is moved against its found clock, by number.
        looked: what was played, in seconds on the reference's clock.
        verdict: `confirmed`, `refused`, or "" while it goes on.
        reason: why it was refused.
        said: the person's words.
    """

    nudges_ms: list[float]
    looked: list[rest.Stretch] = []
    verdict: str = ""
    reason: str = ""
    said: str = ""

    def do(self, action: Confirming, shown: Pairs) -> str:
        """Do an action and return what to say.

        Raises:
            Refused: it cannot be done now.
        """
        if self.verdict:
            raise Refused("this was decided")
        if isinstance(action, Look):
            return self._look(action, shown)
        if isinstance(action, Nudge):
            return self._nudge(action, shown)
        if isinstance(action, Refuse):
            self.verdict, self.reason, self.said = "refused", action.reason, action.said
            return "Refused."
        if common(shown, self.nudges_ms) == (0.0, 0.0):
            raise Refused("the views share no time: move one, or refuse")
        left = unseen(self.looked, common(shown, self.nudges_ms))
        if left:
            raise Refused("play the views first " + " and ".join(left))
        self.verdict = "confirmed"
        return "Confirmed."

    def _look(self, action: Look, shown: Pairs) -> str:
        longest = max(view.duration_s for view in shown.views)
        if not -longest <= action.from_s < action.to_s <= 2 * longest:
            raise Refused("that is no stretch of the views")
        self.looked = rest.joined([*self.looked, (action.from_s, action.to_s)])
        return f"Played {action.from_s:.3f} to {action.to_s:.3f} s."

    def _nudge(self, action: Nudge, shown: Pairs) -> str:
        if action.view >= len(shown.views) or action.view == shown.reference:
            raise Refused("that view cannot be moved")
        self.nudges_ms[action.view] = action.ms
        return f"{shown.views[action.view].name} is moved by {action.ms:g} ms."


class Confirmation(Environment):
    """One group of views, from the first look to the decision.

    Args:
        problem: the task.
        seat: who sits there.
    """

    def __init__(self, problem: Problem, seat: str = "solver") -> None:
        self._task = problem.task
        self._shown = pairs_of(problem)
        self._seat = seat
        self._found = begun(self._shown)
        self._moves = 0

    def opening(self) -> Turn:
        """Show what was found, and the playing copies."""
        public = self._task.public
        text = public.instruction + "\n\n" + words(self._shown)
        shown = Observation(text, data=self.evidence(), media=public.media)
        return Turn({self._seat: (shown,)})

    def step(self, seat: str, action: Action) -> Turn:
        """Do an action; what cannot be done now is said in one sentence."""
        self._moves += 1
        try:
            if not isinstance(action, Confirming):
                raise Refused("this task is for confirming")
            text = self._found.do(action, self._shown)
        except Refused as refusal:
            text = f"Error: {refusal}."
        shown = {self._seat: (Observation(text, "tool", self.evidence()),)}
        over = bool(self._found.verdict)
        return Turn(shown, terminated=over, truncated=self._moves >= MOVES)

    def evidence(self) -> str:
        """Return what was decided so far."""
        return _encode(self._found).decode()

    def snapshot(self) -> bytes:
        """Return what was decided so far."""
        return _encode([self._moves, self._found])

    def restore(self, state: bytes) -> None:
        """Go back to a state that `snapshot` returned."""
        try:
            self._moves, self._found = msgspec.json.decode(state, type=tuple[int, Found])
        except msgspec.MsgspecError as error:
            raise GymError(f"this is no snapshot: {error}", where="capture") from error


class Truth(msgspec.Struct, frozen=True, omit_defaults=True):
    """The secret of a sample.

    Attributes:
        offsets_us: each view's true offset against the reference in microseconds; empty where
            nobody knows.
        related: whether the views show one scene.
        within_ms: how far a confirmed offset may be from the true one.
    """

    offsets_us: tuple[int, ...] = ()
    related: bool = True
    within_ms: int = 20


class Judged(msgspec.Struct, frozen=True):
    """The verdict on a confirmation."""

    score: float
    passed: bool
    components: dict[str, float]
    evidence: dict[str, Any]


def found_of(record: Record, shown: Pairs) -> Found:
    """Return what a record's actions decide, whatever the record says of its state."""
    found = begun(shown)
    for step in record.actions():
        action = read_action(step.payload)
        if isinstance(action, Confirming):
            try:
                found.do(action, shown)
            except Refused:
                continue
    return found


def judge(record: Record, problem: Problem) -> Judged:
    """Return 1 for the right decision, else 0.

    Where the truth is known, unrelated views must be refused as such, and related ones confirmed
    with every view within the tolerance. Where it is not, only the form counts: that it was
    decided, and looked at.
    """
    shown, truth = pairs_of(problem), truth_of(problem)
    found = found_of(record, shown)
    if not truth.offsets_us:
        done = bool(found.verdict)
        said = "only its form: nobody knows the truth"
        return Judged(float(done), done, {"decided": float(done)}, {"judged": said})
    decided = "confirmed" if truth.related else "refused"
    right = found.verdict == decided
    if not truth.related:
        right = right and found.reason == "not the same scene"
    off_ms = max(
        abs(1e3 * _offset(shown, found, number) - 1e-3 * offset)
        for number, offset in enumerate(truth.offsets_us)
        if number != shown.reference
    )
    inside = not truth.related or off_ms <= truth.within_ms
    passed = right and inside
    components = {"decision": float(right), "offsets": float(right and inside)}
    evidence = {"judged": "against the truth", "worst_ms": round(off_ms, 3)}
    return Judged(float(passed), passed, components, evidence)


def begun(shown: Pairs) -> Found:
    """Return the state in which a task begins."""
    return Found([0.0] * len(shown.views))


def pairs_of(problem: Problem) -> Pairs:
    """Return what a task of confirming shows.

    Raises:
        GymError: it shows no two views.
    """
    try:
        shown = decode_pairs(problem.task.public.inputs)
        if len(shown.views) > 1 and 0 <= shown.reference < len(shown.views):
            return shown
        why = "it has fewer than two views, or no reference"
    except msgspec.MsgspecError as error:
        why = str(error)
    raise GymError(
        f"the task shows no views: {why}",
        where=f"task {problem.task.id}",
        do="make it again with `banbury.gyms.capture.problems.confirm`",
    )


def truth_of(problem: Problem) -> Truth:
    """Return the secret of a task.

    Raises:
        GymError: it is of another kind.
    """
    try:
        return _truth(problem.secret.answer or "{}")
    except msgspec.MsgspecError as error:
        where = f"task {problem.task.id}"
        raise GymError(f"the secret holds no truth: {error}", where=where) from error


_truth = msgspec.json.Decoder(Truth).decode


def words(shown: Pairs) -> str:
    """Return what was found in words, for actors without a screen."""
    lines = [f"The views were found to be {shown.verdict}."]
    for number, view in enumerate(shown.views):
        clock = "not placed"
        if number == shown.reference:
            clock = "the reference"
        elif view.pieces:
            first = view.pieces[0]
            clock = f"offset {first.offset_s:+.4f} s, drift {first.drift_ppm:+.2f} ppm"
        lines.append(f"{number}. {view.name}, {view.duration_s:.1f} s: {clock}")
    for pair in shown.pairs:
        for one in pair.methods:
            answer = f"{one.offset_s:+.4f} s" if one.found else "found nothing"
            lines.append(f"{pair.a} and {pair.b}, {one.name}: {answer}. {one.why}".strip())
    return "\n".join([*lines, *shown.reasons])


def _offset(shown: Pairs, found: Found, number: int) -> float:
    """Return a view's offset at the reference's beginning, as it was confirmed."""
    pieces = shown.views[number].pieces
    return (pieces[0].offset_s if pieces else 0.0) + found.nudges_ms[number] / 1000.0


def unseen(looked: list[rest.Stretch], shared: rest.Stretch) -> list[str]:
    """Return the parts of the shared time that nobody looked at; what was played has no overlap."""
    low, high = shared
    names = ("at the beginning", "in the middle", "at the end")
    part = (high - low) / PARTS
    edges = [(low + i * part, low + (i + 1) * part) for i in range(PARTS)]
    return [name for name, edge in zip(names, edges, strict=True) if not _seen(looked, *edge)]


def _seen(looked: list[rest.Stretch], a: float, b: float) -> bool:
    held = sum(max(0.0, min(b, end) - max(a, start)) for start, end in looked)
    return held >= min(LEAST_S, 0.9 * (b - a))
