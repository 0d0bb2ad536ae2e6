"""Inspect: one sample for each task, a mock model, exact match, the log written."""

import json
import random
import resource
import sys
import time
from pathlib import Path

from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import exact

count, folder = int(sys.argv[1]), Path(sys.argv[2]) / "saved"
folder.mkdir()
dice = random.Random(7)
samples = []
for _ in range(count):
    a, b = dice.randrange(10**6), dice.randrange(10**6)
    said = f"What is {a} + {b}? Answer with the number alone."
    samples.append(Sample(input=said, target=str(a + b)))


def answer(messages, tools, tool_choice, config):
    words = messages[-1].text.split()
    total = int(words[2]) + int(words[4].rstrip("?"))
    output = ModelOutput.from_content("mockllm/model", str(total))
    output.usage = ModelUsage(input_tokens=20, output_tokens=4)  # else it counts tokens, online
    return output


def evaluate(chosen, into):
    task = Task(dataset=MemoryDataset(chosen), scorer=exact())
    model = get_model("mockllm/model", custom_outputs=answer)
    return eval(task, model=model, log_dir=str(into), display="none", max_connections=100)


evaluate(samples[:20], Path(sys.argv[2]) / "warm")
begun = time.process_time()
(log,) = evaluate(samples, folder)
cost = time.process_time() - begun
assert log.status == "success", log.error.message[:300]
assert next(iter(log.results.scores[0].metrics.values())).value == 1.0
print(json.dumps({"cpu_s": cost, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
