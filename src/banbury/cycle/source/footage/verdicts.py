"""Verdicts: what a scene's footage came to, as a judgement beside each film episode."""

from __future__ import annotations

from collections.abc import Sequence

from banbury.episode import Judgement, canonical, digest
from banbury.gyms.capture.problems import GYM
from banbury.store import Artifact, Lab
from banbury.store.footage import Share, Standing

JUDGE = f"{GYM}/footage"


def give(
    lab: Lab, made: Artifact, standing: Standing, shares: Sequence[Share], judge_hash: str
) -> None:
    """Add a judgement to each film episode; the same artifact judges once, however often asked.

    The score is the share of a wearer's footage that counts: what people confirmed, and until they
    have, nothing. The components say how much is good.
    """
    lab.judge(
        [
            Judgement(
                id=_after(made, share.episode),
                episode=share.episode,
                judge=JUDGE,
                judge_hash=judge_hash,
                score=_part(share.counted_ms, share.filmed_ms),
                passed=share.counted_ms > 0,
                components={
                    "good": _part(share.good_ms, share.filmed_ms),
                    "counted": _part(share.counted_ms, share.filmed_ms),
                },
                evidence=_evidence(made, standing, share),
                created_ns=made.created_ns,
            )
            for share in shares
            if share.episode
        ]
    )


def _evidence(made: Artifact, standing: Standing, share: Share) -> str:
    return canonical(
        {
            "sidecar": f"{made.name} version {made.version}",
            "state": standing.state,
            "reason": standing.reason,
            "filmed_s": share.filmed_ms / 1000,
            "good_s": share.good_ms / 1000,
            "counted_s": share.counted_ms / 1000,
            "lost_s": {reason: ms / 1000 for reason, ms in share.lost.items()},
        }
    ).decode()


def _part(ms: int, of: int) -> float:
    return min(1.0, ms / of) if of > 0 else 0.0


def _after(made: Artifact, episode: str) -> str:
    """Return a UUIDv7 that is always the same for a sidecar and an episode.

    Of two verdicts the one with the later id counts. Ids never go back where the clock does, so
    the sidecar's own id tells the time here; a later version of it is later.
    """
    milliseconds = int(made.id.replace("-", "")[:12], 16) + made.version
    rest = digest(made.id.encode(), episode.encode())
    variant = f"{int(rest[3], 16) & 3 | 8:x}"
    text = f"{milliseconds:012x}7{rest[:3]}{variant}{rest[4:19]}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
