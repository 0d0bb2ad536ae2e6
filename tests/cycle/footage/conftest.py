"""A lab in which people film scenes: the files go into the blobs, the day into an episode."""

import msgspec
import pytest
from tests.cycle.footage import cameras

from banbury.cycle.source.footage.briefs import import_briefs
from banbury.episode import Actor, Episode, Judgement, Record, RunKey, Seat, Step, new_id
from banbury.gyms.capture import actions as do
from banbury.store.keyring import work_key

START_MS = 1_767_600_000_000


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    """Return files of one scene: a, b (later and drifting), late (only its end), other (none)."""
    folder = tmp_path_factory.mktemp("clips")
    sound, pictures = cameras.heard(30), cameras.seen()
    made = {}
    for name, start, seconds, drift, of in (
        ("a", 0.0, 11.0, 0.0, 0.0),
        ("b", 1.3, 10.0, 40.0, 0.0),
        ("other", 0.0, 8.0, 0.0, 18.0),
    ):
        path = folder / f"{name}.MP4"
        cut = sound[round(of * cameras.RATE) :]
        cameras.camera(path, cut, pictures, start, seconds, drift, 0.003, len(made))
        made[name] = path
    made["text"] = folder / "text.MP4"
    made["text"].write_text("this is no film\n" * 1000)
    made["cut"] = folder / "cut.MP4"
    made["cut"].write_bytes(made["a"].read_bytes()[:100_000])
    return made


class Set:
    """One lab with a campaign of scenes, and people who film."""

    def __init__(self, lab, path, views=2):
        self.lab = lab
        path.write_text("trade,action,place\npainter,roll a wall,hall\ncook,fry an egg,kitchen\n")
        import_briefs(lab, path, "spring", views=views)
        self.tasks = [t.id for t in lab.tasks(gym="capture")]

    def film(self, person, *files, seconds=11.0, at_ms=START_MS):
        """Take a scene, film it, hand in files; return the lease and the episode."""
        [lease] = self.lab.queue.claim("spring", person)
        return lease, self.hand_in(lease.id, *files, seconds=seconds, at_ms=at_ms)

    def hand_in(self, lease, *files, seconds=11.0, at_ms=START_MS):
        """Hand in files for a lease as the phone page does; return the episode."""
        lease = self.lab.queue.lease(lease)
        end = at_ms + 2000 + round(1000 * seconds)
        said = [do.ReadBrief(at_ms), do.BeginTake(at_ms + 1000), do.EndTake(end)]
        for number, file in enumerate(files, 1):
            with file.open("rb") as data:
                key = work_key(self.lab.name, lease.person)
                blob = self.lab.blobs.put(data, "video/mp4", key)
            said.append(do.AddFile(end + number, blob.sha256, blob.size, file.name))
        said.append(do.HandIn(end + 100))
        return self.submit(lease, said)

    def confirm(self, person, *more, verdict=None):
        """Confirm the next pair, after what else is done; return the lease."""
        [lease] = self.lab.queue.claim("spring-confirm", person)
        looked = [do.Look(float(n), n + 2.0) for n in range(9)]
        self.submit(lease, [*looked, *more, verdict or do.Confirm()])
        return lease

    def submit(self, lease, said):
        actor = Actor("person", lease.person)
        key = RunKey(f"campaign:{lease.campaign}", lease.task, actor.key, lease.attempt)
        skill = self.lab.task(lease.task).skill
        episode = Episode(
            new_id(), self.lab.name, key, "capture", "1", skill, START_MS * 1_000_000,
            status="done", actors=(actor,), seats=(Seat("solver", (0,)),),
        )  # fmt: skip
        steps = tuple(
            Step(n, "action", 0, "solver", "main", n, n, msgspec.json.encode(one))
            for n, one in enumerate(said)
        )
        verdict = Judgement(new_id(), episode.id, "capture/judge", "1", 1.0, True)
        record = Record(episode, steps)
        kept = self.lab.queue.submit(lease.id, record, [verdict], submission=new_id())
        return kept.episode


@pytest.fixture
def scene(lab, tmp_path):
    """Return a lab with scenes of two views; see `Set`."""
    return Set(lab, tmp_path / "scenes.csv")
