"""Gymnasium: make an environment for each episode, step it once, write a line."""

import json
import random
import resource
import sys
import time
from pathlib import Path

import gymnasium


class Sums(gymnasium.Env):
    action_space = gymnasium.spaces.Text(64)
    observation_space = gymnasium.spaces.Text(128)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        dice = random.Random(seed)
        self.a, self.b = dice.randrange(10**6), dice.randrange(10**6)
        return f"What is {self.a} + {self.b}? Answer with the number alone.", {}

    def step(self, action):
        return "", float(action == str(self.a + self.b)), True, False, {}


gymnasium.register("Sums-v0", entry_point=Sums)
count, folder = int(sys.argv[1]), Path(sys.argv[2]) / "saved"
folder.mkdir()
begun = time.process_time()
with (folder / "episodes.jsonl").open("w") as out:
    for n in range(count):
        env = gymnasium.make("Sums-v0", disable_env_checker=True)
        prompt, _ = env.reset(seed=n)
        inner = env.unwrapped
        answer = str(inner.a + inner.b)
        _, reward, *_ = env.step(answer)
        assert reward == 1.0
        out.write(json.dumps({"prompt": prompt, "answer": answer, "reward": reward}) + "\n")
        env.close()
cost = time.process_time() - begun
print(json.dumps({"cpu_s": cost, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
