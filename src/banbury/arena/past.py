"""The past of an episode: its recorded moves, made again without asking anybody."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import msgspec

from banbury.actors.policy import Move, Recalls, Session
from banbury.arena.scribe import COST, MAIN
from banbury.episode import GYM, Cost, Step
from banbury.errors import Interrupted
from banbury.gyms.contract import Action, Environment, Observation, Turn

_FAULT = {"fault", "raw"}


def moves_of(steps: Sequence[Step], seat: str, actions: Any) -> list[Move]:
    """Return the moves of one seat, faults and their notes included, without token ids.

    Raises:
        Interrupted: a move is none of this gym's any more.
    """
    moves: list[Move] = []
    for step in steps:
        if step.actor == GYM or step.seat != seat:
            continue
        try:
            if step.kind == "action":
                moves.append(Move(msgspec.json.decode(step.payload, type=actions)))
            elif step.track == COST:
                cost = msgspec.json.decode(step.payload, type=Cost)
                moves[-1] = msgspec.structs.replace(moves[-1], cost=cost)
            elif step.kind == "note":
                notes = msgspec.json.decode(step.payload, type=dict[str, str])
                if notes.keys() == _FAULT:
                    moves.append(Move(None, notes["raw"], notes["fault"]))
                else:
                    moves[-1] = msgspec.structs.replace(moves[-1], notes=notes)
        except (msgspec.MsgspecError, IndexError) as error:
            raise Interrupted(
                f"step {step.seq} is no move of this gym: {error}",
                do="play it with the version of the gym that recorded it",
            ) from error
    return moves


class Resumed:
    """A session that makes its recorded moves first, and is told of them."""

    def __init__(self, session: Session, moves: Sequence[Move], person: bool) -> None:
        self._session = session
        self._moves = deque(moves)
        self._person = person
        self._seen: tuple[Observation, ...] = ()

    async def act(self, observations: Sequence[Observation]) -> Move:
        """Return the next recorded move; behind the last one, ask.

        Raises:
            Interrupted: the session cannot be told what it did.
        """
        if not self._moves:
            seen, self._seen = (*self._seen, *observations), ()
            return await self._session.act(seen)
        move = self._moves.popleft()
        if isinstance(self._session, Recalls):
            self._session.recall(observations, move)
        elif self._person:
            self._seen += tuple(observations)
        else:
            raise Interrupted(
                f"{type(self._session).__name__} cannot be told what it did before",
                do="give its sessions a method `recall`",
            )
        return move


class Rejoined(Environment):
    """An environment whose recorded turns are told from the journal, and not made again.

    Args:
        steps: the journal.
        live: the environment, standing where the journal ends.
    """

    def __init__(self, steps: Sequence[Step], live: Environment) -> None:
        self._turns = deque(_turns(steps))
        self._live = live

    def opening(self) -> Turn:
        """Return the recorded opening."""
        return self._turns.popleft() if self._turns else self._live.opening()

    def step(self, seat: str, action: Action) -> Turn:
        """Return the next recorded turn; behind the last one, act."""
        return self._turns.popleft() if self._turns else self._live.step(seat, action)

    def evidence(self) -> str:
        """Return the final state."""
        return self._live.evidence()

    def close(self) -> None:
        """Release what the task held."""
        self._live.close()


def _turns(steps: Sequence[Step]) -> list[Turn]:
    """Return the turns that answered the opening and each action."""
    answers: dict[int | None, list[Step]] = {None: []}
    for step in steps:
        if step.kind == "action":
            answers[step.seq] = []
        elif step.actor == GYM and step.track == MAIN and step.reply_to in answers:
            answers[step.reply_to].append(step)
    return [_turn(answer) for answer in answers.values()]


def _turn(steps: Sequence[Step]) -> Turn:
    shown: dict[str, tuple[Observation, ...]] = {}
    reward: float | None = None
    ends = _Ends()
    for step in steps:
        if step.kind == "observation":
            seen = msgspec.json.decode(step.payload, type=Observation)
            shown[step.seat] = (*shown.get(step.seat, ()), seen)
        elif step.kind == "reward":
            reward = msgspec.json.decode(step.payload, type=float)
        elif step.kind == "control":
            ends = msgspec.json.decode(step.payload, type=_Ends)
    return Turn(shown, reward, ends.terminated, ends.truncated)


class _Ends(msgspec.Struct):
    terminated: bool = False
    truncated: bool = False
