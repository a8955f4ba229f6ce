"""Clips with known persons, for `python -m benchmarks policy`: who is where in each frame, and what they wear."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from benchmarks.crowd_clip import FRAMES_PER_S, write_clip
from pipeline.sources.actors import Actor, Waypoint
from pipeline.sources.demo_cast import DEMO_CAST
from pipeline.sources.mask_drawing import STYLES, MaskWear
from pipeline.sources.synthetic import DEMO_FORMAT, ClipFormat, FacePicture, SyntheticClip
from pipeline.types import Box, MaskState

WIDTH, HEIGHT = 1280, 720
MARGIN_PX = 120
"""How far outside the frame a way begins and ends."""

LABELLED, CHANGED = "labelled clips", "mask changed"

PASS_S = 5.0
"""How long somebody takes to cross the picture."""

WEARS = (MaskWear.SNUG, MaskWear.NONE, MaskWear.NOSE_FREE, MaskWear.CHIN)
CHANGES = ((MaskWear.SNUG, MaskWear.NONE), (MaskWear.NONE, MaskWear.SNUG), (MaskWear.SNUG, MaskWear.CHIN))


@dataclass(frozen=True, slots=True)
class Shown:
    """The truth of one face on one frame: whose it is, what they wear, and its box in pixels."""

    person: str
    state: MaskState
    box: Box


@dataclass(frozen=True, slots=True)
class Scene:
    """A clip and, frame by frame, who is in it."""

    kind: str
    path: Path
    frames_per_s: float
    truth: tuple[tuple[Shown, ...], ...]


def drawn_scenes(picture: FacePicture, folder: Path, seeds: Sequence[int]) -> Iterator[Scene]:
    """Yield the demo, and for each seed a crowd that passes, small faces, people who cross, masks that come off."""
    yield _scene("demo", DEMO_CAST, DEMO_FORMAT, picture, folder / "demo.mp4")
    for seed in seeds:
        for kind, cast in casts(Random(seed)):
            clip_format = ClipFormat(WIDTH, HEIGHT, FRAMES_PER_S, duration_s=_ends_s(cast), seed=seed)
            yield _scene(kind, cast, clip_format, picture, folder / f"{kind.replace(' ', '-')}-{seed}.mp4")


def casts(random: Random) -> Iterator[tuple[str, tuple[Actor, ...]]]:
    """Yield what each clip of a seed shows, and by whom."""
    yield "crowd", tuple(_passers_by(random, rows=(170, 460), face_px=(80, 150)))
    yield "small faces", tuple(_passers_by(random, rows=(90, 250, 400, 560), face_px=(36, 60)))
    yield "crossing", tuple(_crossing(random))
    yield CHANGED, tuple(_changing(random))


def _passers_by(random: Random, rows: Iterable[float], face_px: tuple[float, float]) -> Iterator[Actor]:
    """Yield two persons a row, one after the other, so late that no tracker takes them for one."""
    for row, y in enumerate(rows):
        for turn in range(2):
            start_s = turn * (PASS_S + 2.5) + random.uniform(0, 0.5)
            yield _crosser(random, f"{row}-{turn}", start_s, (y, random.uniform(*face_px)))


def _crossing(random: Random) -> Iterator[Actor]:
    """Yield pairs who meet, at heights so close that one hides the other for a moment."""
    for row, y in enumerate((180, 480)):
        for side in range(2):
            at = (y + 20 * side, random.uniform(80, 130))
            yield _crosser(random, f"{row}-{side}", random.uniform(0, 0.3), at, leftwards=bool(side))


def _crosser(
    random: Random, name: str, start_s: float, at: tuple[float, float], *, leftwards: bool | None = None
) -> Actor:
    goes_left = random.random() < 0.5 if leftwards is None else leftwards
    xs = (WIDTH + MARGIN_PX, -MARGIN_PX) if goes_left else (-MARGIN_PX, WIDTH + MARGIN_PX)
    ends_s = start_s + PASS_S * random.uniform(0.8, 1.2)
    path = (Waypoint(start_s, xs[0], *at), Waypoint(ends_s, xs[1], at[0], at[1] * random.uniform(0.85, 1.15)))
    return _dressed(random, name, path, random.choice(WEARS))


def _changing(random: Random) -> Iterator[Actor]:
    """Yield three persons who stand in view for 12 s; after 5 s or so what they wear changes, within a frame."""
    for number, (before, after) in enumerate(CHANGES):
        x, y, face_px = 250 + 390 * number, random.uniform(280, 420), random.uniform(80, 140)
        changes_s = random.uniform(4, 6)
        first = (Waypoint(0.0, x, y, face_px), Waypoint(changes_s, x + 40, y, face_px))
        second = (Waypoint(changes_s + 1e-3, x + 40, y, face_px), Waypoint(12.0, x, y, face_px))
        actor = _dressed(random, f"{number}", first, before)
        yield actor
        yield replace(actor, name=f"{number}, later", path=second, wear=after)


def _dressed(random: Random, name: str, path: tuple[Waypoint, ...], wear: MaskWear) -> Actor:
    look = random.choice(DEMO_CAST)
    return replace(look, name=name, path=path, wear=wear, style=random.choice(STYLES), behind_wall=False)


def _ends_s(cast: Iterable[Actor]) -> float:
    return max(actor.path[-1].time_s for actor in cast)


def _scene(kind: str, cast: Sequence[Actor], clip_format: ClipFormat, picture: FacePicture, path: Path) -> Scene:
    clip = SyntheticClip(picture, cast, clip_format)
    write_clip(clip.frames(), (clip_format.width, clip_format.height), path)
    shown = (tuple(Shown(face.actor.split(",")[0], face.state, face.box) for face in faces) for faces in clip.truth())
    return Scene(kind, path, clip_format.frames_per_s, tuple(shown))
