"""Labelled photographs of faces that are carried past a camera: real people, with masks of their own, as clips."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.crowd_clip import write_clip
from benchmarks.policy_scenes import Scene, Shown
from pipeline.sources.corridor import draw_corridor
from pipeline.sources.frames import Moment, frame_of
from pipeline.sources.sprite import Placement, Sprite, set_in
from pipeline.types import SCORED_STATES, Box, ColorMatrix, ColorRange, Frame, UInt8Array
from pipeline.vision.i420 import i420_from_rgb
from training.faces import LabelledFace

WIDTH, HEIGHT = 1280, 720
ROWS, TURNS = 4, 2
FRAMES_PER_S = 15
LENGTH_S = 13.0
FACE_PX = (60.0, 110.0)
"""No photograph is larger than its row, so that none hides another."""

TURN_S = 7.0
"""From one start to the next in a row: whoever was before has been gone for longer than trackers wait."""

FEATHER_PX = 3.0
LENS_BLUR_PX, NOISE_LEVELS = 0.6, 2.0
SHIFT_PX = 64
"""The noise is one picture, shifted anew on every frame."""


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """One photograph on its way across, to one side or the other, growing or shrinking."""

    face: LabelledFace
    row: int
    from_s: float
    to_s: float
    goes_left: bool
    sizes_px: tuple[float, float]

    def placement(self, time_s: float) -> Placement | None:
        """Return where it is, None before and after its way."""
        if not self.from_s <= time_s <= self.to_s:
            return None
        share = (time_s - self.from_s) / (self.to_s - self.from_s)
        x = -100 + (WIDTH + 200) * (1 - share if self.goes_left else share)
        size_px = self.sizes_px[0] + (self.sizes_px[1] - self.sizes_px[0]) * share
        sway = np.sin(2 * np.pi * 0.9 * (time_s - self.from_s))
        return Placement(x, (self.row + 0.5) * HEIGHT / ROWS, size_px, 2.0 * float(sway))

    def shown(self, at: Placement) -> Shown:
        aspect = self.face.box.width / self.face.box.height
        box = Box.around((at.x, at.y), aspect * at.face_px, at.face_px)
        return Shown(self.face.name, SCORED_STATES[self.face.label], box)


def portrait_scenes(faces: Sequence[LabelledFace], folder: Path, most: int) -> Iterator[Scene]:
    """Yield clips of eight people each, of the photographs with context around the face, `most` at most."""
    people = [face for face in faces if not face.is_tight]
    Random(1).shuffle(people)
    people = people[:most]
    for first in range(0, len(people), ROWS * TURNS):
        portraits = _placed(people[first : first + ROWS * TURNS], Random(first))
        path = folder / f"portraits-{first}.mp4"
        write_clip(_frames(portraits, seed=first), (WIDTH, HEIGHT), path, FRAMES_PER_S)
        yield Scene("photographs", path, FRAMES_PER_S, _truth(portraits))


def _placed(people: Sequence[LabelledFace], random: Random) -> list[Portrait]:
    portraits = []
    for number, face in enumerate(people):
        from_s = (number // ROWS) * TURN_S + random.uniform(0, 0.7)
        ends = random.uniform(*FACE_PX), random.uniform(*FACE_PX)
        way = (from_s, from_s + random.uniform(3.5, 4.5), random.random() < 0.5)
        portraits.append(Portrait(face, number % ROWS, *way, ends))
    return portraits


def _truth(portraits: Sequence[Portrait]) -> tuple[tuple[Shown, ...], ...]:
    times_s = (index / FRAMES_PER_S for index in range(round(LENGTH_S * FRAMES_PER_S)))
    return tuple(
        tuple(portrait.shown(at) for portrait in portraits if (at := portrait.placement(time_s))) for time_s in times_s
    )


def _frames(portraits: Sequence[Portrait], seed: int) -> Iterator[Frame]:
    random = np.random.default_rng(seed)
    grain = (NOISE_LEVELS * random.standard_normal((HEIGHT + SHIFT_PX, WIDTH + SHIFT_PX, 1))).astype(np.int16)
    corridor = draw_corridor(WIDTH, HEIGHT, seed)
    sprites = [_sprite(portrait.face) for portrait in portraits]
    for index in range(round(LENGTH_S * FRAMES_PER_S)):
        picture = corridor.copy()
        for portrait, sprite in zip(portraits, sprites, strict=True):
            at = portrait.placement(index / FRAMES_PER_S)
            if at is not None:
                set_in(picture, sprite, at, HEIGHT)
        down, right = random.integers(0, SHIFT_PX, 2)
        yield _filmed(picture, index, grain[down : down + HEIGHT, right : right + WIDTH])


def _filmed(picture: UInt8Array, index: int, grain: NDArray[np.int16]) -> Frame:
    """Return the picture as a camera with a soft lens and some noise, (H, W, 1), sees it."""
    soft = cv2.GaussianBlur(picture, (0, 0), LENS_BLUR_PX)
    noisy = cv2.add(soft, np.repeat(grain, 3, axis=2), dtype=cv2.CV_8U)
    planes = i420_from_rgb(np.asarray(noisy, np.uint8), ColorMatrix.BT709, ColorRange.LIMITED)
    return frame_of("portraits", index, planes, Moment(index / FRAMES_PER_S, 1 / FRAMES_PER_S, 0.0, None))


def _sprite(face: LabelledFace) -> Sprite:
    """Return the photograph with a soft edge."""
    height, width = face.picture.shape[:2]
    matte = np.zeros((height, width), np.float32)
    edge = round(FEATHER_PX)
    matte[edge:-edge, edge:-edge] = 1
    soft = cv2.GaussianBlur(matte, (0, 0), FEATHER_PX / 2)
    return Sprite(face.picture, np.asarray(soft, np.float32), face.box)
