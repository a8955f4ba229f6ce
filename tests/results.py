"""Frame results to feed to sinks: small pictures, made up."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from pipeline.types import (
    Box,
    ColorMatrix,
    ColorRange,
    Face,
    Frame,
    FrameResult,
    MaskState,
    SourceInfo,
    Track,
    UInt8Array,
    Verdict,
)
from pipeline.vision.i420 import Planes

FRAMES_PER_S = 25.0
START_UTC = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
INFO = SourceInfo("made up", 64, 48, FRAMES_PER_S)


def flat_frame(index: int, size: tuple[int, int] = (64, 48), luma: int = 90, **fields: Any) -> Frame:
    """Return a frame of one colour, `size` (width, height), at 25 frames a second; `fields` replace its own."""
    width, height = size
    chroma = ((height + 1) // 2, (width + 1) // 2)
    y, u, v = (_flat(shape, value) for shape, value in (((height, width), luma), (chroma, 100), (chroma, 150)))
    frame = Frame("stream", index, index / FRAMES_PER_S, y, u, v, duration_s=1 / FRAMES_PER_S)
    return replace(frame, **fields)


def black_planes(size: tuple[int, int]) -> Planes:
    """Return the planes of a black picture, `size` (width, height), both even."""
    width, height = size
    chroma = np.full((height // 2, width // 2), 128, np.uint8)
    return Planes(np.zeros((height, width), np.uint8), chroma, chroma.copy(), ColorMatrix.BT601, ColorRange.LIMITED)


def noisy_frame(index: int, size: tuple[int, int] = (64, 48)) -> Frame:
    """Return a frame that no encoder can make small."""
    width, height = size
    luma = np.random.default_rng(index).integers(16, 235, (height, width), np.uint8)
    return flat_frame(index, size, y=_read_only(luma))


def with_utc(frame: Frame) -> Frame:
    return replace(frame, captured_utc=START_UTC + timedelta(seconds=frame.media_s))


def track(track_id: int, size_px: float = 20, missed_frames: int = 0) -> Track:
    return Track(track_id, Face(Box(4, 6, 4 + size_px, 6 + size_px), 0.9), missed_frames=missed_frames)


def seen(frame: Frame, verdicts: Mapping[int, str], closed_ids: tuple[int, ...] = ()) -> FrameResult:
    """Return the result of a frame that shows the persons of `verdicts`, all of them sure to 0.9 by 3 votes."""
    judged = {track_id: Verdict(MaskState(state), 0.9, 3) for track_id, state in verdicts.items()}
    return FrameResult(frame, tuple(track(track_id) for track_id in verdicts), judged, closed_ids)


class PlainRenderer:
    """Draws nothing."""

    def draw(self, result: FrameResult) -> tuple[UInt8Array, UInt8Array, UInt8Array]:
        frame = result.frame
        return frame.y.copy(), frame.u.copy(), frame.v.copy()


def _flat(shape: tuple[int, int], value: int) -> UInt8Array:
    return _read_only(np.full(shape, value, np.uint8))


def _read_only(plane: UInt8Array) -> UInt8Array:
    plane.flags.writeable = False
    return plane
