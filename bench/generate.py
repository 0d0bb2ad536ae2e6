"""Generation from the small model: our packed batches against `transformers.generate`.

One process, one thread, greedy, fp32, SmolLM2-135M-Instruct. Figures are tokens written per CPU
second, so that another program on the machine disturbs them little. The peer pads its batch on
the left, the usual way. A row with no `must` is measured, not promised.

Run: make bench NAME=generate        (about two minutes on one core)
"""

import sys
import time
from typing import Any

import numpy as np
import torch

from banbury.actors.checkpoint import find_model
from banbury.actors.weights import Completion, Request, Weights
from banbury.gyms import registry
from figures import Row, row, tell

SEED = 4
TOKENS = 16


def figure(name: str, value: float, unit: str, must: str | None = None, **more: Any) -> Row:
    return row(name, value, unit, must, seed=SEED, **more)


def prompts(count: int) -> list[list[dict[str, str]]]:
    """Real tasks of several gyms, mixed, in an order of the seed's."""
    skills = [s for s in sorted(registry.skills()) if not s.startswith("rg.")][:8]
    texts: list[str] = []
    for skill in skills:
        gym, _ = registry.skill(skill)
        tasks = gym.tasks(skill, seed=SEED)
        texts += [next(tasks).task.public.instruction for _ in range(-(-count // len(skills)))]
    order = np.random.default_rng(SEED).permutation(len(texts))[:count]
    return [[{"role": "user", "content": texts[i]}] for i in order]


def peer(weights: Weights, plain: Any, asked: list[list[dict[str, str]]]) -> list[list[int]]:
    """The ids that transformers writes, cut behind the end of the turn."""
    ids = [weights.prompt(messages) for messages in asked]
    width = max(map(len, ids))
    stop = weights.tokenizer.eos_token_id
    padded = torch.tensor([[stop] * (width - len(row)) + row for row in ids])
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in ids])
    with torch.inference_mode():
        out = plain.generate(
            input_ids=padded,
            attention_mask=mask,
            max_new_tokens=TOKENS,
            do_sample=False,
            pad_token_id=stop,
        )
    written = [list(r) for r in out[:, width:].tolist()]
    return [r[: r.index(stop) + 1] if stop in r else r for r in written]


def ours(weights: Weights, asked: list[list[dict[str, str]]], **options: Any) -> list[Completion]:
    requests = [Request(m, TOKENS, seed=i, **options) for i, m in enumerate(asked)]
    return weights.generate(requests)


def measured(work: Any, *args: Any, **options: Any) -> tuple[float, Any]:
    begun = time.process_time()
    result = work(*args, **options)
    return time.process_time() - begun, result


def main() -> int:
    folder = find_model("smollm2")
    weights = Weights(folder, threads=1)
    plain = Weights(folder, threads=1).model
    plain.set_attn_implementation("sdpa")
    rows: list[Row] = []
    ours(weights, prompts(4))
    for count in (1, 16, 64):
        asked = prompts(count)
        seconds, answers = measured(ours, weights, asked)
        written = sum(len(a.ids) for a in answers)
        other_seconds, other = measured(peer, weights, plain, asked)
        theirs = sum(map(len, other)) / other_seconds
        rate = written / seconds
        length = float(np.mean([len(a.prompt_ids) for a in answers]))
        text = f"{count} different prompts of {length:.0f} tokens on average"
        rows.append(
            figure(f"{text}", rate, "tokens per CPU s", peer={"transformers": round(theirs, 3)})
        )
        must = ">= 1.5" if count == 64 else None
        rows.append(
            figure(f"{count} prompts: times as fast as transformers", rate / theirs, "x", must)
        )
        same = sum(a.ids.tolist() == b for a, b in zip(answers, other, strict=True))
        rows.append(figure(f"{count} prompts: equal answers", same / count, "share"))
    asked = [m for m in prompts(8) for _ in range(8)]
    seconds, answers = measured(ours, weights, asked, temperature=1.0)
    rate = sum(len(a.ids) for a in answers) / seconds
    rows.append(figure("8 samples of each of 8 prompts", rate, "tokens per CPU s"))
    asked = prompts(48)
    together = ours(weights, asked)
    alone = [ours(weights, [m])[0] for m in asked[:16]]
    differ = sum(
        a.ids.tobytes() != b.ids.tobytes() or a.logprobs.tobytes() != b.logprobs.tobytes()
        for a, b in zip(alone, together, strict=False)
    )
    rows.append(figure("answers of 16 that change in company of 47", differ, "answers", "<= 0"))
    return tell("generate", rows)


if __name__ == "__main__":
    sys.exit(main())
