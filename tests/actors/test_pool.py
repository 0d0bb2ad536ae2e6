"""Workers answer as one process would, carry errors home, and stay in step after them."""

import os
import signal
import subprocess
import sys

import pytest

from banbury.actors.pool import Pool
from banbury.actors.weights import Request, Weights
from banbury.cycle.train.lora import Example, adapter_bytes, sft
from banbury.errors import ActorError, TrainError

pytestmark = pytest.mark.slow  # each worker imports torch


def asked(count, adapter=None):
    return [
        Request([{"role": "user", "content": "mail " * (i % 9)}], 4, float(i % 2), 1.0, i, adapter)
        for i in range(count)
    ]


def text(answers):
    return [(a.text, a.ids.tobytes(), a.logprobs.tobytes(), a.finish) for a in answers]


def words(weights, talk, *said):
    return [talk(word) for word in said]


def identity(weights, talk):
    return os.getpid()


def divide(weights, talk, by):
    return 1 / by


def learn(weights, talk, examples, rate):
    return sft(weights, talk, examples, steps=3, batch=1, rate=rate, seed=0, name="learned")


@pytest.fixture(scope="module")
def weights(tiny_folder):
    return Weights(tiny_folder, threads=1)


@pytest.fixture(scope="module")
def pool(tiny_folder):
    opened = Pool(tiny_folder, workers=2)
    yield opened
    opened.close()


@pytest.mark.parametrize("count", [0, 1, 3, 4, 17])
def test_the_pool_answers_as_one_process_does(pool, weights, count):
    assert text(pool.generate(asked(count))) == text(weights.generate(asked(count)))


def test_an_adapter_reaches_every_worker(pool, weights):
    example = Example([{"role": "user", "content": "mail"}], "orders")
    trained = pool.run(learn, [example], 5e-3)
    assert trained == learn(weights, lambda message: None, [example], 5e-3)
    pool.add_adapter("gap.one", trained.adapter)
    weights.load_adapter("gap.one", trained.adapter)
    assert adapter_bytes(weights, "gap.one") == trained.adapter
    mixed = [*asked(6), *asked(6, "gap.one")]
    assert text(pool.generate(mixed)) == text(weights.generate(mixed))


def test_a_job_talks_with_the_process_that_asked(pool):
    assert pool.run(words, 1, 2, 3, talk=lambda word: word * 10) == [10, 20, 30]
    assert pool.run(words, 1) == [None]


def test_jobs_run_on_all_workers(pool):
    assert set(pool.map(identity, [()] * 8)) <= {w._process.pid for w in pool._workers}


def test_an_error_keeps_its_kind_and_the_worker_goes_on(pool):
    with pytest.raises(TrainError, match="nothing to train on"):
        pool.run(learn, [], 1e-3)
    with pytest.raises(ActorError, match="ZeroDivisionError"):
        pool.run(divide, 0)
    with pytest.raises(ActorError, match="no adapter 'missing'"):
        pool.generate(asked(8, "missing"))
    assert pool.map(divide, [(1,), (2,), (4,), (8,)]) == [1, 0.5, 0.25, 0.125]


def test_workers_stay_in_step_when_nobody_can_answer_a_job(pool):
    def refuse(word):
        raise LookupError(word)

    for _ in range(3):
        with pytest.raises(LookupError, match="one"):
            pool.run(words, "one", "two", talk=refuse)
    assert pool.map(divide, [(1,), (2,), (4,)]) == [1, 0.5, 0.25]


def test_a_worker_that_was_killed_is_an_error(tiny_folder):
    pool = Pool(tiny_folder, workers=1)
    try:
        os.kill(pool.run(identity), signal.SIGKILL)
        with pytest.raises(ActorError, match="has died"):
            pool.run(identity)
    finally:
        pool.close()


def test_a_folder_without_a_model_is_an_error(tmp_path):
    with pytest.raises(ActorError, match="no model can be loaded"):
        Pool(tmp_path, workers=1)


ENDLESS = """
import sys
from pathlib import Path
from banbury.actors.pool import Pool

def endless(weights, talk):
    talk("at work")
    while True:
        weights.tokenizer_hash.encode()

def told(word):
    print(word, flush=True)

if __name__ == "__main__":
    Pool(Path(sys.argv[1]), workers=1).run(endless, talk=told)
"""


def test_a_busy_worker_ends_with_a_parent_that_was_killed(tiny_folder, tmp_path):
    script = tmp_path / "endless.py"
    script.write_text(ENDLESS)
    parent = subprocess.Popen(
        [sys.executable, str(script), str(tiny_folder)], stdout=subprocess.PIPE, text=True
    )
    with parent.stdout as said:
        assert said.readline() == "at work\n"
        parent.kill()
        parent.wait()
        # The worker holds the other end of this line: it ends when the worker does.
        assert said.read() == ""
