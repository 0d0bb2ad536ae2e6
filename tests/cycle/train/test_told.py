"""A checkpoint that was trained on a release is told among the copies of people's work."""

from contextlib import closing

import msgspec
import pytest

from banbury.actors.pool import Pool
from banbury.arena import answer
from banbury.arena import review as look
from banbury.cycle.release import release
from banbury.cycle.review import review
from banbury.cycle.source.importing import import_tasks, read_plan
from banbury.cycle.train.examples import told_of
from banbury.cycle.train.recipe import Recipe
from banbury.cycle.train.stage import train
from banbury.store.queue import Campaign

pytestmark = pytest.mark.slow

RECIPE = Recipe(epochs=1.0, batch=2, grpo_steps=0, joint_epochs=0.0, router_prompts=4)


@pytest.fixture
def released(lab, tmp_path):
    """Return a release of two answers of one person and one of another."""
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"text":"fine"}\n{"text":"awful"}\n{"text":"grand"}\n')
    into = Campaign("moods", "labelling", "moods", review=1.0)
    import_tasks(lab, rows, read_plan("choice mood: good, bad"), campaign=into)
    said = msgspec.json.encode({"do": "label", "results": {"mood": {"choices": ["good"]}}})
    for person, most in (("p-told-ann", 2), ("p-told-ben", 1)):
        for lease in lab.queue.claim("moods", person, "", most):
            answer(lab, lease.id, said, submission=lease.id)
    for lease in lab.queue.claim("moods", "p-told-own", "", 3, ("review",)):
        look(lab, lease.id, "accept", submission=lease.id)
    checked = review(lab, episodes=list(lab.queue.accepted("moods")), name="moods")
    return release(lab, "moods", episodes=checked.accepted, validation=0.0)


def trained(lab):
    return [d for d in lab.deliveries.of("p-told-ann") if d.kind == "trained"]


def test_a_checkpoint_is_told_among_the_copies_before_it_is_trained_and_once(
    lab, released, tiny_folder
):
    told_of(lab, released, "kind")  # All that a training leaves which is killed at once.
    [begun] = trained(lab)
    assert (begun.what, begun.version, begun.place) == ("release moods", 1, "checkpoint kind")
    assert (begun.episodes, begun.people, begun.sha256) == (2, 2, "")
    with closing(Pool(tiny_folder, workers=1)) as pool:
        made = train(lab, released, model=str(tiny_folder), name="kind", recipe=RECIPE,
                     others=["reasoning.even"], pool=pool)  # fmt: skip
    [ended] = trained(lab)
    assert (ended.id, ended.sha256) == (begun.id, made.body["revision"])
    # It stays where it is when the person is erased: what is listed is never said to be gone.
    lab.erase("p-told-ann", "nothing")
    assert trained(lab) == [ended]
    assert lab.deliveries.erased_since([ended.id]) == {ended.id: ["p-told-ann"]}
    assert lab.artifact("checkpoint", "kind") == made
