"""verifiers: a single-turn environment, a client that answers at once, results saved."""

import asyncio
import json
import random
import resource
import sys
import time
from pathlib import Path

import verifiers as vf
from datasets import Dataset
from openai.types.chat import ChatCompletion
from verifiers.clients import OpenAIChatCompletionsClient

count, folder = int(sys.argv[1]), Path(sys.argv[2]) / "saved"


def tasks(number: int) -> Dataset:
    dice = random.Random(7)
    pairs = [(dice.randrange(10**6), dice.randrange(10**6)) for _ in range(number)]
    asked = [f"What is {a} + {b}? Answer with the number alone." for a, b in pairs]
    return Dataset.from_dict({"question": asked, "answer": [str(a + b) for a, b in pairs]})


class Instant(OpenAIChatCompletionsClient):
    """Adds the two numbers of the last message."""

    async def get_native_response(self, prompt, model, sampling_args, tools=None, **kwargs):
        words = prompt[-1]["content"].split()
        text = str(int(words[2]) + int(words[4].rstrip("?")))
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        usage = {"prompt_tokens": 20, "completion_tokens": 4, "total_tokens": 24}
        return ChatCompletion.model_validate({
            "id": "1", "object": "chat.completion", "created": 1, "model": model,
            "choices": [choice], "usage": usage,
        })  # fmt: skip

    async def close(self):
        pass


def right(completion, answer) -> float:
    last = completion[-1]
    said = last["content"] if isinstance(last, dict) else last.content
    return float(said == answer)


def evaluate(number: int, into: Path):
    env = vf.SingleTurnEnv(eval_dataset=tasks(number), rubric=vf.Rubric(funcs=[right]))
    return asyncio.run(
        env.evaluate(
            Instant(object()),
            "instant",
            max_concurrent=100,
            results_path=into,
            save_results=True,
            on_progress=lambda *_: None,
        )
    )


evaluate(20, Path(sys.argv[2]) / "warm")
begun = time.process_time()
out = evaluate(count, folder)
cost = time.process_time() - begun
rewards = [o["reward"] for o in out["outputs"]]
assert rewards == [1.0] * count, rewards[:5]
print(json.dumps({"cpu_s": cost, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
