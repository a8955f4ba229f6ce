"""Draws the frames of a clip: actors in a corridor, seen by a camera with a soft lens and some noise."""

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.sources.actors import Actor
from pipeline.sources.corridor import WALL_TOP, draw_corridor
from pipeline.sources.looks import recolour, turn_head
from pipeline.sources.mask_drawing import draw_mask, mask_cover
from pipeline.sources.mask_shading import light_on_face
from pipeline.sources.matte import Canvas
from pipeline.sources.sprite import HALVE_BELOW, Placement, Sprite, set_in
from pipeline.types import Box, UInt8Array

LENS_BLUR_PX = 0.6
NOISE_LEVELS = 2.0
NOISE_MARGIN_PX = 64
"""The noise is one picture, larger than a frame by this and shifted anew on every frame."""


class Stage:
    """The dressed actors and their corridor; drawing the same frame twice gives the same picture."""

    def __init__(self, canvas: Canvas, cast: Sequence[Actor], size: tuple[int, int], seed: int) -> None:
        """Dress the actors, for frames of `size` (width, height) in pixels; `seed` sets the wall and the noise."""
        self._sprites = {actor.name: _sizes(dress(canvas, actor)) for actor in cast}
        self._corridor = draw_corridor(*size, seed)
        self._wall_top = round(WALL_TOP * size[1])
        self._noise = _noise(size, seed)
        self._seed = seed

    def draw(self, index: int, placements: Sequence[tuple[Actor, Placement]]) -> UInt8Array:
        """Return frame `index` as (height, width, 3) uint8 RGB, the actors at their places, smaller faces behind."""
        picture = self._corridor.copy()
        for actor, placement in sorted(placements, key=lambda placed: placed[1].face_px):
            bottom = self._wall_top if actor.behind_wall else picture.shape[0]
            set_in(picture, self._sprite(actor, placement), placement, bottom)
        soft = cv2.GaussianBlur(picture, (0, 0), LENS_BLUR_PX)
        return np.asarray(cv2.add(soft, self._noise_of(index), dtype=cv2.CV_8U), np.uint8)

    def _sprite(self, actor: Actor, placement: Placement) -> Sprite:
        whole, half = self._sprites[actor.name]
        return half if whole.scale(placement) < HALVE_BELOW else whole

    def _noise_of(self, index: int) -> UInt8Array:
        height, width = self._corridor.shape[:2]
        left, top = np.random.default_rng((self._seed, index)).integers(0, NOISE_MARGIN_PX, 2)
        return self._noise[top : top + height, left : left + width]


def dress(canvas: Canvas, actor: Actor) -> Sprite:
    """Return the person of `canvas` with the look and the mask of `actor`."""
    light = light_on_face(canvas.rgb, canvas.axes)
    toned = recolour(canvas.rgb, canvas.axes, actor.look)
    masked = draw_mask(toned, light, canvas.axes, actor.wear, actor.style)
    rgb = turn_head(masked, canvas.axes, actor.look.turn)
    cover = turn_head(mask_cover(rgb.shape, canvas.axes, actor.wear), canvas.axes, actor.look.turn)
    matte, box = np.maximum(canvas.matte, cover), canvas.axes.box
    if not actor.look.mirrored:
        return Sprite(rgb, matte, box)
    width = rgb.shape[1]
    mirrored = Box(width - box.x2, box.y1, width - box.x1, box.y2)
    return Sprite(np.ascontiguousarray(rgb[:, ::-1]), np.ascontiguousarray(matte[:, ::-1]), mirrored)


def _sizes(sprite: Sprite) -> tuple[Sprite, Sprite]:
    return sprite, sprite.halved()


def _noise(size: tuple[int, int], seed: int) -> UInt8Array:
    """Return (height + margin, width + margin, 3) int16 noise, the same on R, G and B: luma noise, as cameras have."""
    width, height = size
    shape = (height + NOISE_MARGIN_PX, width + NOISE_MARGIN_PX)
    levels = np.random.default_rng(seed).standard_normal(shape) * NOISE_LEVELS
    return np.repeat(np.round(levels).astype(np.int16)[..., None], 3, axis=2)
