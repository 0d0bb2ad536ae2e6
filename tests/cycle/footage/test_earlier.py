"""Footage that was handed in for an earlier scene is known again; the earlier one stays good."""

import numpy as np

from banbury.cycle.source.footage import earlier, sidecar
from banbury.episode import new_id
from banbury.gyms.capture.quality import Prints, Quality


def prints(seed, first_s=0):
    """Return prints of a minute in which something happens."""
    rng = np.random.default_rng(seed)
    whole = rng.integers(1, 2**63, 60, dtype=np.uint64)[first_s:]
    times = (1000 * np.arange(len(whole))).astype("<u4")
    return Prints(times.tobytes(), whole.tobytes(), whole.tobytes())


def handed_in(lab, name, episode, shown):
    file = sidecar.File(f"{name}.MP4", "0" * 64, 1, "mp4", 60.0, 0.0, ())
    made = sidecar.Sidecar(
        sidecar.FORMAT,
        sidecar.VERSION,
        recordings=(sidecar.Recording(0, (file,), 60.0),),
        scene={"action": "paint a wall"},
    )
    packed = earlier.packed(Quality(60.0, (), (), "", prints=shown))
    blobs = {earlier.name_of_prints(0): lab.blobs.put(packed, "application/json")}
    lab.put_artifact(earlier.KIND, f"spring/{name}", sidecar.body(made), blobs, [episode, "task"])


def test_the_later_of_two_copies_is_the_copy(lab):
    """A second hand-in of the same minute, begun twenty seconds later, does not count."""
    first, second = new_id(), new_id()
    handed_in(lab, "first", first, prints(1))
    handed_in(lab, "second", second, prints(1, 20))
    later = earlier.Earlier(lab, "spring/second", [second])
    found = later.marked(Quality(60.0, (), (), "", prints=prints(1, 20)))
    [fault] = found.faults
    assert fault.kind == "duplicate" and fault.loses and fault.end_s - fault.start_s > 30
    assert (
        "recording 1 of an earlier scene (paint a wall)" in fault.said and "0:00:20" in fault.said
    )
    before = earlier.Earlier(lab, "spring/first", [first])
    assert not before.marked(Quality(60.0, (), (), "", prints=prints(1))).faults


def test_other_footage_and_a_scenes_own_are_no_copies(lab):
    episode = new_id()
    handed_in(lab, "one", episode, prints(1))
    handed_in(lab, "two", new_id(), prints(2))
    for name, shown in (("spring/one", prints(1)), ("spring/three", prints(3))):
        other = earlier.Earlier(lab, name, [new_id()])
        assert not other.marked(Quality(60.0, (), (), "", prints=shown)).faults
    assert earlier.Earlier(lab, "x", [new_id()]).marked(Quality(60.0, (), (), "")).faults == ()
