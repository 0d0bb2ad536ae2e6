"""The training stage: adapters from a release, one reinforced, a router, a checkpoint.

Two phases share the pool's workers: first an adapter for each gap, then the reinforcement of one
of them beside the joint adapter. Each adapter is kept as soon as it is trained, so a stage that
was killed trains only what is missing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from banbury import clock
from banbury.actors.chat import Sampling
from banbury.actors.checkpoint import find_model, revision
from banbury.actors.local_policy import LocalPolicy
from banbury.actors.pool import Pool
from banbury.actors.reach import see_name
from banbury.arena import Job, Tally, draw, jobs_of, results, run
from banbury.cycle.difficulty import Difficulty, at, sources_of, worked_at
from banbury.cycle.train.backend import backend
from banbury.cycle.train.examples import released, says_only, told_of
from banbury.cycle.train.grpo import Prompt, Reinforced
from banbury.cycle.train.judged import Judged
from banbury.cycle.train.lora import Example, Trained
from banbury.cycle.train.recipe import Recipe
from banbury.cycle.train.router_fit import train_router
from banbury.episode import Blob, Problem, canonical, digest
from banbury.errors import TrainError, UnknownName
from banbury.store import Artifact, Lab

Progress = Callable[[Tally], None]
JOINT = "joint"
_FRESH = 7_919


class Adapter(msgspec.Struct, frozen=True):
    """An adapter that is kept: its blob, and how it came to be."""

    blob: Blob
    about: dict[str, Any]


def train(
    lab: Lab,
    release: Artifact,
    *,
    model: str,
    name: str,
    others: Sequence[str],
    recipe: Recipe | None = None,
    seed: int = 0,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> Artifact:
    """Train from a release and leave a `checkpoint`, told as a copy; also `NAME/joint` if asked.

    Args:
        lab: where the release is.
        release: the `release` artifact.
        model: the base, as `find_model` takes it.
        name: name of the checkpoint.
        others: skills whose prompts belong to the base.
        recipe: how to train.
        seed: of training and of fresh items.
        pool: workers that hold the base already; they are left open.
        progress: called after each step.

    Raises:
        TrainError: the loss is not finite, or there is nothing to route.
        InputError: the base may not be named here, see `reach`.
    """
    recipe = recipe or Recipe()
    begun = clock.mono_ns()
    examples = released(lab, release)
    _check(examples, others, release)
    see_name(model)
    folder = find_model(model)
    told = told_of(lab, release, name)
    base = {"name": model, "revision": revision(folder)}
    # Reinforcement draws one answer to each prompt; where there are tools, one is not enough.
    able = {skill for skill, rows in examples.items() if says_only(lab, rows[0])}
    if not able:
        recipe = msgspec.structs.replace(recipe, grpo_steps=0)
    sources = sources_of(lab, [e.task for rows in examples.values() for e in rows])
    difficulty = worked_at(lab, sources, [*examples, *others])
    watch = _Watch(progress, _total(examples, recipe))
    own = pool or Pool(folder)
    try:
        stage = _Stage(lab, own, base, name, release, recipe, seed, watch, difficulty)
        tuned = stage.supervise(examples)
        rates = stage.validate({s: a for s, a in tuned.items() if s in able})
        chosen, reinforced, joint = stage.reinforce(tuned, rates, examples)
    finally:
        if pool is None:
            own.close()
    training = [a.about for a in tuned.values()]
    adapters = dict(tuned)
    if reinforced:
        training.append(reinforced.about)
        if reinforced.about["kept"]:
            adapters[chosen] = reinforced
    prompts = recipe.router_prompts
    router, confused = train_router(
        lab, release, list(tuned), others, prompts=prompts, seed=seed, difficulty=difficulty
    )
    # The checkpoint comes last: where it is, all that belongs to it is.
    if joint:
        _leave(lab, f"{name}/{JOINT}", base, {JOINT: joint}, [joint.about], release, begun)
    left = _leave(lab, name, base, adapters, training, release, begun, router, confused)
    lab.deliveries.hashed(told, left.body["revision"])
    return left


def _check(
    examples: Mapping[str, Sequence[Example]], others: Sequence[str], release: Artifact
) -> None:
    if len(examples) < 2 and not others:
        raise TrainError(
            "one gap and no other skills: the router has nothing to tell apart",
            where=f"release {release.name!r}",
            do="name skills that belong to the base, such as --others reasoning",
        )


class _Stage:
    """The pool's work on one release."""

    def __init__(
        self,
        lab: Lab,
        pool: Pool,
        base: Mapping[str, str],
        name: str,
        release: Artifact,
        recipe: Recipe,
        seed: int,
        watch: _Watch,
        difficulty: Difficulty = None,
    ) -> None:
        self._lab = lab
        self._pool = pool
        self._base = base
        self._name = name
        self._release = release
        self._recipe = recipe
        self._seed = seed
        self._watch = watch
        self._difficulty = difficulty
        self._used: dict[str, set[str]] = {}

    def supervise(self, examples: Mapping[str, Sequence[Example]]) -> dict[str, Adapter]:
        """Train an adapter for each skill, as many at once as there are workers."""
        self._used = {skill: {e.task for e in rows} for skill, rows in examples.items()}
        with ThreadPoolExecutor(self._pool.size) as threads:
            made = threads.map(
                lambda skill: self._sft(skill, examples[skill], self._recipe.epochs), examples
            )
            return dict(zip(examples, made, strict=True))

    def validate(self, tuned: Mapping[str, Adapter]) -> dict[str, float]:
        """Return each adapter's pass rate on fresh items that are neither released nor reserved."""
        jobs: dict[str, list[Job]] = {}
        for skill, adapter in tuned.items():
            self._pool.add_adapter(skill, self._lab.blobs.read(adapter.blob.sha256))
            policy = self._policy(skill, adapter.blob.sha256)
            jobs[skill] = jobs_of(self._fresh(skill, self._recipe.validation), policy)
        run_name = f"{self._name}/validation"
        run(self._lab, run_name, [j for own in jobs.values() for j in own], tags=("validation",))
        return {skill: _rate(self._lab, run_name, own) for skill, own in jobs.items()}

    def reinforce(
        self,
        tuned: Mapping[str, Adapter],
        rates: Mapping[str, float],
        examples: Mapping[str, Sequence[Example]],
    ) -> tuple[str, Adapter | None, Adapter | None]:
        """Reinforce the adapter with most to learn from, beside training the joint one."""
        skill = max(rates, key=lambda s: (rates[s] * (1 - rates[s]), s), default="")
        everything = [e for s in examples for e in examples[s]]
        with ThreadPoolExecutor(2) as threads:
            joint = reinforced = None
            if self._recipe.joint_epochs:
                joint = threads.submit(self._sft, JOINT, everything, self._recipe.joint_epochs)
            if self._recipe.grpo_steps:
                reinforced = threads.submit(self._grpo, skill, tuned[skill], rates[skill])
            return (
                skill,
                reinforced.result() if reinforced else None,
                joint.result() if joint else None,
            )

    def _sft(self, skill: str, examples: Sequence[Example], epochs: float) -> Adapter:
        kept = self._kept(skill)
        if kept:
            return kept
        begun = clock.mono_ns()
        steps = _steps(len(examples), self._recipe.batch, epochs)
        made: Trained = self._pool.run(
            _sft, list(examples), steps, self._recipe, self._seed, skill, talk=self._watch.talk
        )
        about = {
            "name": skill,
            "method": "sft",
            "examples": made.examples,
            "steps": steps,
            "seconds": (clock.mono_ns() - begun) / 1e9,
            "loss": _curve(made.losses),
        }
        return self._keep(skill, made.adapter, about)

    def _grpo(self, skill: str, start: Adapter, before: float) -> Adapter:
        label = f"{skill}+grpo"
        kept = self._kept(label)
        if kept:
            return kept
        begun = clock.mono_ns()
        recipe = self._recipe
        problems = self._fresh(skill, recipe.validation + recipe.grpo_steps * recipe.grpo_prompts)
        problems = problems[recipe.validation :]
        judged = Judged(
            self._lab,
            f"{self._name}/grpo",
            problems,
            self._policy(skill, start.blob.sha256, temperature=1.0),
            self._watch.talk,
        )
        prompts = [Prompt(p.task.id, _messages(p)) for p in problems]
        data = self._lab.blobs.read(start.blob.sha256)
        made: Reinforced = self._pool.run(
            _grpo, prompts, data, recipe, self._seed, label, talk=judged
        )
        after = self._try(skill, made.adapter)
        about = {
            "name": skill,
            "method": "grpo",
            "examples": len(prompts),
            "steps": recipe.grpo_steps,
            "seconds": (clock.mono_ns() - begun) / 1e9,
            "reward": _curve(made.rewards),
            "signal": made.signal,
            "validation_before": before,
            "validation_after": after,
            "kept": after >= before,
        }
        return self._keep(label, made.adapter, about)

    def _try(self, skill: str, adapter: bytes) -> float:
        """Return the pass rate of a reinforced adapter on the items of its validation."""
        label = f"{skill}+grpo"
        self._pool.add_adapter(label, adapter)
        policy = self._policy(label, digest(adapter))
        jobs = jobs_of(self._fresh(skill, self._recipe.validation), policy)
        run_name = f"{self._name}/validation-grpo"
        run(self._lab, run_name, jobs, tags=("validation",))
        return _rate(self._lab, run_name, jobs)

    def _fresh(self, skill: str, count: int) -> list[Problem]:
        """Draw items that are neither released nor reserved, always the same ones."""
        used = self._used[skill]
        level, seed = at(self._difficulty, skill), self._seed + _FRESH
        more = draw(self._lab, skill, count + len(used), "train", seed=seed, difficulty=level)
        return [p for p in more if p.task.id not in used][:count]

    def _policy(self, adapter: str, sha256: str, temperature: float = 0.0) -> LocalPolicy:
        sampling = Sampling(
            temperature=temperature, max_tokens=self._recipe.max_tokens, seed=self._seed
        )
        name = f"{self._base['name']}+{adapter}"
        return LocalPolicy(self._pool, name, sha256, sampling, adapter=adapter)

    def _kept(self, label: str) -> Adapter | None:
        try:
            held = self._lab.artifact("adapter", f"{self._name}/{label}")
        except UnknownName:
            return None
        if self._release.id not in held.parents:
            return None
        return Adapter(held.blobs["adapter"], held.body)

    def _keep(self, label: str, data: bytes, about: dict[str, Any]) -> Adapter:
        blob = self._lab.blobs.put(data, "application/x-safetensors")
        self._lab.put_artifact(
            "adapter",
            f"{self._name}/{label}",
            about,
            blobs={"adapter": blob},
            parents=[self._release.id],
        )
        return Adapter(blob, about)


class _Watch:
    """Turns the steps of several jobs into one progress line."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._tally = Tally(total=total)
        self._begun = clock.mono_ns()
        self._lock = threading.Lock()

    def talk(self, message: Any) -> None:
        """Count a step that a worker has done."""
        if message[0] == "step":
            with self._lock:
                self._tally.done += 1
                self._tally.seconds = (clock.mono_ns() - self._begun) / 1e9
                if self._progress:
                    self._progress(self._tally)


def _sft(
    weights: Any, talk: Any, examples: list[Example], steps: int, r: Recipe, seed: int, name: str
) -> Trained:
    train_one, _ = backend(r.engine)
    return train_one(
        weights, talk, examples, steps=steps, batch=r.batch, rate=r.rate, seed=seed, name=name
    )


def _grpo(
    weights: Any, talk: Any, prompts: list[Prompt], start: bytes, r: Recipe, seed: int, name: str
) -> Reinforced:
    _, reinforce_one = backend(r.engine)
    return reinforce_one(
        weights,
        talk,
        prompts,
        start,
        steps=r.grpo_steps,
        group=r.grpo_group,
        rate=r.grpo_rate,
        max_tokens=r.max_tokens,
        seed=seed,
        name=name,
    )


def _leave(
    lab: Lab,
    name: str,
    base: Mapping[str, str],
    adapters: Mapping[str, Adapter],
    training: Sequence[Mapping[str, Any]],
    release: Artifact,
    begun: int,
    router: Blob | None = None,
    confused: Mapping[str, Any] | None = None,
) -> Artifact:
    """Keep base, adapters and router together as a checkpoint."""
    blobs = {f"adapter/{skill}": a.blob for skill, a in adapters.items()}
    if router:
        blobs["router"] = router
    hashes = {k: b.sha256 for k, b in blobs.items()}
    body = {
        "base": dict(base),
        "revision": digest(canonical([dict(base), hashes])),
        "adapters": list(adapters),
        "training": list(training),
        "router": confused,
        "run": f"{name}/grpo",
        "seconds": (clock.mono_ns() - begun) / 1e9,
    }
    return lab.put_artifact(
        "checkpoint", name, body, blobs=blobs, parents=[release.id], same_but=("seconds",)
    )


def _messages(problem: Problem) -> list[dict[str, str]]:
    return [{"role": "user", "content": problem.task.public.instruction}]


def _rate(lab: Lab, run_name: str, jobs: Sequence[Job]) -> float:
    """Return the pass rate of these jobs alone: others under the run's name were other adapters."""
    done = [o for o in results(lab, run_name, jobs).values() if o.status == "done"]
    return sum(bool(o.passed) for o in done) / len(done) if done else 0.0


def _curve(values: Sequence[float]) -> dict[str, list[float]]:
    return {"steps": [float(i + 1) for i in range(len(values))], "values": list(values)}


def _steps(examples: int, batch: int, epochs: float) -> int:
    return max(1, round(examples * epochs / batch))


def _total(examples: Mapping[str, Sequence[Example]], recipe: Recipe) -> int:
    counts = [len(rows) for rows in examples.values()]
    total = sum(_steps(n, recipe.batch, recipe.epochs) for n in counts) + recipe.grpo_steps
    if recipe.joint_epochs:
        total += _steps(sum(counts), recipe.batch, recipe.joint_epochs)
    return total
