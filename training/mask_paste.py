"""Masks cut from masked faces and put on bare ones, rightly or wrongly: `incorrect` faces are few and of one source.

Right and wrong are pasted alike, so that what tells them apart is where the mask sits and not how it was pasted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from pipeline.types import UInt8Array
from training.config import Pasting
from training.face_frame import FaceFrame, Floats
from training.faces import LABEL_INDEX, LabelledFace
from training.mask_cloth import dye, tie

Wear: TypeAlias = Literal["masked", "nose", "chin"]
Range: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mask may begin and end, and half its width: ranges in face coordinates."""

    top: Range
    bottom: Range
    half_width: Range
    sag: Range


PLACES: dict[Wear, Place] = {
    "masked": Place((0.30, 0.52), (1.75, 2.0), (0.78, 0.98), (-0.05, 0.35)),
    "nose": Place((0.74, 1.0), (1.75, 2.1), (0.78, 0.98), (-0.15, 0.2)),
    "chin": Place((1.22, 1.6), (1.95, 2.4), (0.6, 0.9), (-0.15, 0.2)),
}

CUT_TOP: Range = (0.48, 0.6)
CUT_BOTTOM: Range = (1.6, 1.75)
CUT_HALF_WIDTH = 0.72
"""What is taken of the giver's mask lies well inside it."""

MIN_AREA = 0.03
"""Of the face's box: less of a mask tells nothing."""

TRIES = 4


class MaskPaster:
    """Draws faces with pasted masks; givers and takers are faces whose key points are known."""

    def __init__(self, faces: Sequence[LabelledFace], weights: NDArray[np.float64], settings: Pasting) -> None:
        """`weights` (N,) say how often each face is drawn, as for stored pictures."""
        self._settings = settings
        frames = [FaceFrame.of(face.key_points) for face in faces]
        self._faces = [(face, frame) for face, frame in zip(faces, frames, strict=True) if frame is not None]
        known = np.array([frame is not None for frame in frames])
        labels = np.array([face.label for face, _ in self._faces], int)
        plain = np.array([not face.note for face, _ in self._faces], bool)
        self._masked, self._bare = (
            _shares(weights[known] * (plain & (labels == LABEL_INDEX[name]))) for name in ("masked", "unmasked")
        )

    def drawn(self, face: LabelledFace, rng: Generator) -> LabelledFace:
        """Return `face`, or in its place, by the settings, another one of its class with a pasted mask."""
        share = {LABEL_INDEX["masked"]: self._settings.masked, LABEL_INDEX["incorrect"]: self._settings.incorrect}
        if rng.random() >= share.get(face.label, 0.0) or self._masked is None or self._bare is None:
            return face
        for _ in range(TRIES):
            masked = self._faces[rng.choice(len(self._faces), p=self._masked)]
            bare = self._faces[rng.choice(len(self._faces), p=self._bare)]
            pasted = self._pasted(face.label, masked, bare, rng)
            if pasted is not None:
                return replace(pasted, label=face.label)
        return face

    def _pasted(
        self,
        label: int,
        masked: tuple[LabelledFace, FaceFrame],
        bare: tuple[LabelledFace, FaceFrame],
        rng: Generator,
    ) -> LabelledFace | None:
        if label == LABEL_INDEX["masked"]:
            return paste_mask(bare, masked, "masked", rng)
        kind = rng.random()
        if kind < self._settings.revealed:
            return reveal_nose(masked, bare, rng)
        on_chin = kind < self._settings.revealed + self._settings.on_chin
        return paste_mask(bare, masked, "chin" if on_chin else "nose", rng)


def paste_mask(
    taker: tuple[LabelledFace, FaceFrame], giver: tuple[LabelledFace, FaceFrame], wear: Wear, rng: Generator
) -> LabelledFace | None:
    """Return `taker` wearing the mask of `giver`, or None where too little of it would show."""
    (face, frame), (other, other_frame) = taker, giver
    place = PLACES[wear]
    top, bottom, half_width, sag = (rng.uniform(*r) for r in (place.top, place.bottom, place.half_width, place.sag))
    x, y = frame.grid(*face.picture.shape[:2])
    soft = rng.uniform(0.3, 0.7) / frame.length_px
    upper = top + sag * np.abs(x) ** 1.5 + rng.normal(0, 0.06) * x
    half = half_width * _taper((y - top) / (bottom - top))
    alpha = _step(y - upper, soft) * _step(bottom - 0.25 * x**2 - y, soft) * _step(half - np.abs(x), soft)
    if alpha.sum() < MIN_AREA * face.box.area:
        return None
    cut_top, cut_bottom = rng.uniform(*CUT_TOP), rng.uniform(*CUT_BOTTOM)
    cut_y = cut_top + (y - upper) / np.maximum(bottom - upper, 0.3) * (cut_bottom - cut_top)
    cut_x = np.clip(x / np.maximum(half, 0.05), -1, 1) * CUT_HALF_WIDTH * np.maximum(_taper((cut_y - 0.48) / 1.3), 0.2)
    mirrored = abs(frame.turn + other_frame.turn) < abs(frame.turn - other_frame.turn)
    cloth = dye(_sample(other, other_frame, -cut_x if mirrored else cut_x, cut_y), alpha, rng)
    light = frame.skin_brightness(face.picture) / max(other_frame.skin_brightness(other.picture), 1.0)
    cloth = cloth * np.clip(light, 0.5, 1.6) ** rng.uniform(0.5, 1)
    ground = _shaded(face.picture, alpha, frame, rng)
    if rng.random() < 0.6:
        color = (cloth * alpha[..., None]).sum(axis=(0, 1)) / alpha.sum()
        ground = tie(ground, frame, (top, half_width), np.clip(color, 0, 255), rng)
    return replace(face, picture=_blended(ground, cloth, alpha))


def reveal_nose(
    taker: tuple[LabelledFace, FaceFrame], giver: tuple[LabelledFace, FaceFrame], rng: Generator
) -> LabelledFace | None:
    """Return the masked `taker` with the nose of the bare `giver` over the mask, or None where no skin is seen."""
    (face, frame), (other, other_frame) = taker, giver
    x, y = frame.grid(*face.picture.shape[:2])
    skin = (np.abs(y - 0.08) < 0.12) & (np.abs(x) < 0.6)
    if skin.sum() < 6:
        return None
    soft = rng.uniform(0.3, 0.7) / frame.length_px
    low, sag, half_width = rng.uniform(0.72, 0.98), rng.uniform(-0.1, 0.3), rng.uniform(0.55, 0.85)
    edge = low - sag * np.abs(x) ** 1.5 + rng.normal(0, 0.05) * x
    alpha = _step(edge - y, soft) * _step(y - rng.uniform(0.12, 0.3), 0.06) * _step(half_width - np.abs(x), 0.05)
    nose = _sample(other, other_frame, np.clip(x, -1.2, 1.2), y)
    tint = face.picture[skin].mean(axis=0) - nose[skin].mean(axis=0)
    return replace(face, picture=_blended(face.picture.astype(np.float64), nose + tint, alpha))


def _shares(weights: NDArray[np.float64]) -> NDArray[np.float64] | None:
    return weights / weights.sum() if weights.any() else None


def _taper(depth: Floats) -> Floats:
    """Return a mask's relative half width at `depth` (0 its top, 1 its bottom): full at first, then an ellipse."""
    return np.asarray(np.sqrt(np.clip(1 - (np.clip(depth - 0.25, 0, None) / 0.95) ** 2, 0, 1)))


def _step(distance: Floats, softness: float) -> Floats:
    """Return 1 inside, 0 outside, with a logistic edge."""
    return np.asarray(1 / (1 + np.exp(-np.clip(distance / softness, -30, 30))))


def _sample(face: LabelledFace, frame: FaceFrame, x: Floats, y: Floats) -> Floats:
    places = frame.pixels(x, y)
    picked = cv2.remap(face.picture, places[..., 0], places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return picked.astype(np.float64)


def _shaded(picture: UInt8Array, alpha: Floats, frame: FaceFrame, rng: Generator) -> Floats:
    """Return `picture` darkened a little around the mask."""
    near = cv2.GaussianBlur(alpha, (0, 0), max(1.0, 0.06 * frame.length_px))
    shade = 1 - rng.uniform(0, 0.25) * np.clip(2 * near * (1 - alpha), 0, 1)
    return np.asarray(picture * shade[..., None])


def _blended(ground: Floats, over: Floats, alpha: Floats) -> UInt8Array:
    mixed = ground * (1 - alpha[..., None]) + over * alpha[..., None]
    return np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
