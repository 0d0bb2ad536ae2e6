"""The table of an episode: what each seat has not seen yet, and whose move it is."""

from __future__ import annotations

from banbury.errors import GymError
from banbury.gyms.contract import Gym, Observation, Turn


class Table:
    """Whose move it is, in gyms with any number of seats.

    The next to act is a seat that has something unread, and among those the one that acted
    longest ago; where nobody has, the one that acted longest ago. So a gym that shows every
    message to everybody still hears its seats in turn, and one that shows a message to one seat
    decides who acts. What a seat was shown while others acted, it sees when it acts.

    Args:
        gym: the gym; its order of seats breaks ties.
        moves: most moves of one seat.
    """

    def __init__(self, gym: Gym, moves: int) -> None:
        self._gym = gym
        self._left = dict.fromkeys(gym.seats, moves)
        self._unread: dict[str, list[Observation]] = {seat: [] for seat in gym.seats}
        self._order = list(gym.seats)

    def show(self, turn: Turn) -> Turn:
        """Put a turn's observations before their seats.

        Raises:
            GymError: it is no turn, or shows something to a seat that the gym does not have.
        """
        if not isinstance(turn, Turn):
            raise self._broken(f"a step returned {type(turn).__name__}, not a Turn")
        for seat, observations in turn.observations.items():
            if seat not in self._unread:
                raise self._broken(f"a turn shows something to {seat!r}, which is no seat")
            self._unread[seat] += observations
        return turn

    def next(self) -> str | None:
        """Return the seat whose move it is, None where it has no moves left."""
        seat = next((s for s in self._order if self._unread[s]), self._order[0])
        return seat if self._left[seat] else None

    def take(self, seat: str) -> tuple[Observation, ...]:
        """Return what a seat has not seen yet, and count its move."""
        seen, self._unread[seat] = tuple(self._unread[seat]), []
        self._left[seat] -= 1
        self._order.remove(seat)
        self._order.append(seat)
        return seen

    def _broken(self, what: str) -> GymError:
        return GymError(
            what, where=f"gym {self._gym.name!r} {self._gym.version}", do="mend the gym"
        )
