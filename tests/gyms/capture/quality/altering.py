"""Footage with known faults, made from real footage: frame by frame, and encoded again."""

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

Image = np.ndarray
Alter = Callable[[Image, float], Image]


def frames(path: Path, size: tuple[int, int]) -> Iterator[Image]:
    """Yield the frames of a real file as RGB, at a size."""
    with av.open(str(path)) as file:
        for frame in file.decode(file.streams.video[0]):
            yield frame.to_ndarray(format="rgb24", width=size[0], height=size[1])


def there_and_back(images: list[Image]) -> Iterator[Image]:
    """Yield frames for ever: forwards, then backwards, so that nothing jumps."""
    while True:
        yield from images
        yield from images[-2:0:-1]


def film(
    target: Path,
    source: Path,
    seconds: float,
    alter: Alter | None = None,
    *,
    size: tuple[int, int] = (640, 360),
    rate: int = 30,
    every: int = 30,
    drop: Callable[[int], bool] = lambda n: False,
    sound: np.ndarray | None = None,
    crf: int = 23,
    limit: int = 360,
) -> Path:
    """Encode a source there and back for some seconds, each frame altered; return the target.

    Args:
        target: the file to make.
        source: real footage.
        seconds: how long.
        alter: takes a frame and its time and returns another.
        size: width and height.
        rate: frames a second.
        every: frames from key frame to key frame.
        drop: which frames are left out, by number; time stamps tell.
        sound: mono samples at 48 kHz, encoded as AAC.
        crf: quality of the encoding.
        limit: frames of the source that are read.
    """
    read = []
    for image in frames(source, size):
        read.append(image)
        if len(read) == limit:
            break
    with av.open(str(target), "w") as file:
        picture = file.add_stream("libx264", rate=rate)
        picture.width, picture.height, picture.pix_fmt = *size, "yuv420p"
        picture.gop_size = every
        picture.options = {"crf": str(crf), "preset": "ultrafast"}
        picture.codec_context.time_base = Fraction(1, rate)
        track = file.add_stream("aac", rate=48_000, layout="mono") if sound is not None else None
        if track is not None:
            _put_sound(file, track, sound)
        for n, image in zip(range(round(seconds * rate)), there_and_back(read), strict=False):
            if drop(n):
                continue
            made = alter(image, n / rate) if alter else image
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(made), format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, rate)
            file.mux(picture.encode(frame))
        file.mux(picture.encode(None))
    return target


def _put_sound(file, track, sound: np.ndarray) -> None:
    for at in range(0, len(sound), 1024):
        block = np.ascontiguousarray(sound[None, at : at + 1024], dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, at, Fraction(1, 48_000)
        file.mux(track.encode(frame))
    file.mux(track.encode(None))


def between(start_s: float, end_s: float, alter: Alter) -> Alter:
    """Alter only from one time to another."""
    return lambda image, t: alter(image, t) if start_s <= t < end_s else image


def blurred(sigma: float) -> Alter:
    """Out of focus, by a Gaussian of so many pixels."""
    return lambda image, t: cv2.GaussianBlur(image, (0, 0), sigma)


def smeared(pixels: int) -> Alter:
    """Moved while the shutter was open, sideways."""
    kernel = np.zeros((pixels, pixels), np.float32)
    kernel[pixels // 2] = 1 / pixels
    return lambda image, t: cv2.filter2D(image, -1, kernel)


def lit(gain: float) -> Alter:
    """Darker or brighter, cut off at white."""
    return lambda image, t: np.clip(image.astype(np.float32) * gain, 0, 255).astype(np.uint8)


def noisy(alter: Alter, sigma: float, seed: int = 0) -> Alter:
    """Altered, with the noise of a sensor on it."""
    rng = np.random.default_rng(seed)

    def made(image: Image, t: float) -> Image:
        dim = alter(image, t).astype(np.float32)
        return np.clip(dim + rng.normal(0, sigma, dim.shape), 0, 255).astype(np.uint8)

    return made


def shaken(share: float, seed: int = 0) -> Alter:
    """Each frame moved by chance: a normal distribution of so many picture widths."""
    rng = np.random.default_rng(seed)

    def made(image: Image, t: float) -> Image:
        high, wide = image.shape[:2]
        x, y = rng.normal(0, share * wide, 2)
        move = np.float32([[1, 0, x], [0, 1, y]])
        return cv2.warpAffine(image, move, (wide, high), borderMode=cv2.BORDER_REFLECT)

    return made


def frozen() -> Alter:
    """The first frame that comes, again and again."""
    kept: list[Image] = []

    def made(image: Image, t: float) -> Image:
        kept.append(image) if not kept else None
        return kept[0]

    return made


def covered(level: int = 18, seed: int = 0) -> Alter:
    """A hand on the lens: dark red, no outline, a sensor's noise."""
    rng = np.random.default_rng(seed)

    def made(image: Image, t: float) -> Image:
        high, wide = image.shape[:2]
        glow = np.linspace(0.6, 1.4, wide)[None, :, None] * level
        flat = np.broadcast_to(glow * np.array([1.6, 0.8, 0.7]), (high, wide, 3))
        return np.clip(flat + rng.normal(0, 3, flat.shape), 0, 255).astype(np.uint8)

    return made


def fingered(share: float, level: int, side: str, seed: int = 0) -> Alter:
    """A finger over so much of the lens from one side: no outline, a soft edge, a sensor's noise.

    Args:
        share: of the picture.
        level: how bright it is, of 255.
        side: `left` or `top`.
        seed: of the noise.
    """
    grain = _grain(seed)

    def made(image: Image, t: float) -> Image:
        high, wide = image.shape[:2]
        along = np.linspace(0, 1, wide if side == "left" else high)
        soft = 1 / (1 + np.exp((along - share) / 0.025))
        mask = soft[None, :, None] if side == "left" else soft[:, None, None]
        skin = level * np.array([1.6, 0.8, 0.7]) + grain(high, wide)
        return np.clip(image * (1 - mask) + skin * mask, 0, 255).astype(np.uint8)

    return made


def _grain(seed: int) -> Callable[[int, int], np.ndarray]:
    """Return what gives a sensor's noise, (h, w, 3): one of four fields of three levels."""
    rng, fields = np.random.default_rng(seed), {}

    def made(high: int, wide: int) -> np.ndarray:
        if (high, wide) not in fields:
            fields[high, wide] = rng.normal(0, 3, (4, high, wide, 3)).astype(np.float32)
        return fields[high, wide][rng.integers(4)]

    return made


class Head:
    """What a head does before a scene: rests, turns, sways with its steps.

    A turn of up to a tenth of the picture takes 0.3 to 0.8 s and smears as a shutter of 1/60 s
    does; steps sway by 0.3 % of the width, twice a second.
    """

    def __init__(self, seconds: float, rng: np.random.Generator) -> None:
        count = int(seconds) + 4
        rests, self._turn_s = rng.uniform(0.8, 3.5, count), rng.uniform(0.3, 0.8, count)
        self._at = np.cumsum(rests + self._turn_s)
        self._to = rng.uniform(-1, 1, (count, 2))
        self._walks = rng.random(count) < 0.4

    def place(self, t: float) -> np.ndarray:
        """Return where it looks, (x, y), each from -1 to 1."""
        k = min(int(np.searchsorted(self._at, t)), len(self._at) - 1)
        before = self._to[k - 1] if k else np.zeros(2)
        x = float(np.clip((t - self._at[k]) / self._turn_s[k] + 1, 0, 1))
        ease = x * x * x * (10 - 15 * x + 6 * x * x)
        sway = 0.02 * np.array([np.sin(2 * np.pi * t), np.sin(4 * np.pi * t)]) * self._walks[k]
        return before + (self._to[k] - before) * ease + sway

    def see(self, image: Image, t: float, size: tuple[int, int]) -> Image:
        """Return the part of a larger picture that it sees, of a size."""
        room = np.array([image.shape[1] - size[0], image.shape[0] - size[1]]) / 2
        middle = room * (1 + np.clip(self.place(t), -1, 1))
        move = np.float32([[1, 0, -middle[0]], [0, 1, -middle[1]]])
        seen = cv2.warpAffine(image, move, size, flags=cv2.INTER_LINEAR)
        run = room * (self.place(t + 1 / 60) - self.place(t))
        length = round(float(np.hypot(*run)))
        if length < 2:
            return seen
        kernel = np.zeros((2 * length + 1, 2 * length + 1), np.float32)
        way = run / np.hypot(*run)
        for step in np.linspace(-length / 2, length / 2, 2 * length + 1):
            x, y = np.rint(length + way * step).astype(int)
            kernel[y, x] += 1
        return cv2.filter2D(seen, -1, kernel / kernel.sum())


def code(
    target: Path, images: Iterator[Image], size: tuple[int, int], rate: int, turned: int = 0
) -> None:
    """Encode pictures with a key frame each second; `turned` is of the display matrix, degrees."""
    with av.open(str(target), "w") as file:
        track = file.add_stream("libx264", rate=rate)
        track.width, track.height, track.pix_fmt = *size, "yuv420p"
        track.gop_size, track.options = rate, {"crf": "23", "preset": "ultrafast"}
        if turned:
            track.set_display_rotation(turned)
        for n, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, rate)
            file.mux(track.encode(frame))
        file.mux(track.encode(None))


class Walk:
    """What a head sees that looks about in one place: rests, turns, steps nearer and back.

    The place is a wall of real frames; walks with different seeds are different days there.
    """

    def __init__(self, wall: Image, seconds: float, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.wall = wall
        high, wide = wall.shape[:2]
        count = int(seconds / 1.5) + 4
        self._at = np.cumsum(rng.uniform(0.5, 3.0, count))
        self._x = rng.uniform(0.25 * wide, 0.75 * wide, count)
        self._y = rng.uniform(0.25 * high, 0.75 * high, count)
        self._size = rng.uniform(0.2, 0.4, count) * wide

    def see(self, t: float, *, crop: float = 0.0, quality: int = 90, width: int = 160) -> Image:
        """Return the grey picture at a time, (h, w), with so much cut off and so encoded."""
        k = min(int(np.searchsorted(self._at, t)), len(self._at) - 2)
        turn = np.clip((t - self._at[k]) / 0.4 + 1, 0, 1) if k else 0.0
        x, y, size = (
            float(v[k] + (v[k + 1] - v[k]) * turn) for v in (self._x, self._y, self._size)
        )
        half_w, half_h = size / 2 * (1 - crop), size * 9 / 32 * (1 - crop)
        part = self.wall[int(y - half_h) : int(y + half_h), int(x - half_w) : int(x + half_w)]
        small = cv2.resize(part, (width, width * 9 // 16), interpolation=cv2.INTER_AREA)
        coded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)


def wall(sources: list[Path], columns: int = 3) -> Image:
    """Return a wall of frames of real footage, grey, up to four of each source."""
    tiles = []
    for source in sources:
        some = itertools.islice(frames(source, (640, 360)), 0, 121, 40)
        read = [cv2.cvtColor(f, cv2.COLOR_RGB2GRAY) for f in some]
        tiles += read
    tiles = tiles[: len(tiles) // columns * columns]
    rows = [np.hstack(tiles[k : k + columns]) for k in range(0, len(tiles), columns)]
    return np.vstack(rows)


def screened(pitch: float = 1.3, angle: float = 4.0, *, soft: float = 0.6) -> Alter:
    """A screen that shows the frame, filmed: stripes of red, green, blue under a camera's pixels.

    Args:
        pitch: pixels of the screen for each pixel of the camera.
        angle: by which the camera is turned, in degrees.
        soft: blur of the lens, in pixels of the camera.
    """
    masks: dict[tuple[int, int], Image] = {}

    def made(image: Image, t: float) -> Image:
        high, wide = image.shape[:2]
        if (high, wide) not in masks:
            masks[high, wide] = _stripes(high, wide, pitch, np.deg2rad(angle), soft)
        lit_up = (image.astype(np.float32) / 255) ** 2.2 * masks[high, wide]
        return (np.clip(lit_up, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)

    return made


def _stripes(high: int, wide: int, pitch: float, angle: float, soft: float, fine: int = 4) -> Image:
    """Return how much light of a white screen each pixel of the camera gets, (H, W, 3)."""
    y, x = np.mgrid[0 : high * fine, 0 : wide * fine].astype(np.float32) / fine
    u = pitch * (np.cos(angle) * x + np.sin(angle) * y)
    v = pitch * (np.cos(angle) * y - np.sin(angle) * x)
    rows = (v % 1 < 0.85).astype(np.float32)
    light = np.stack([((u % 1 * 3).astype(int) == k) * rows for k in range(3)], axis=2)
    light = cv2.GaussianBlur(light.astype(np.float32), (0, 0), soft * fine)
    seen = light[fine // 2 :: fine, fine // 2 :: fine]
    return seen / seen.mean()
