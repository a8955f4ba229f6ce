"""Turns decoded pictures upright, as the display matrix of their container or stream asks."""

from dataclasses import dataclass

import av
import cv2
import numpy as np

from pipeline.sources.planes import decoded_planes
from pipeline.types import UInt8Array
from pipeline.vision.i420 import Planes

_PROBE_PX = 16


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn by quarters, after which a mirroring may follow: transpose first, then mirror."""

    transposes: bool = False
    mirrors_x: bool = False
    mirrors_y: bool = False

    def of(self, plane: UInt8Array) -> UInt8Array:
        """Return `plane` (H, W) turned: itself where there is nothing to do, else a copy."""
        if self.transposes:
            plane = np.asarray(cv2.transpose(plane), np.uint8)
        if self.mirrors_x or self.mirrors_y:
            code = -1 if self.mirrors_x and self.mirrors_y else int(self.mirrors_x)
            plane = np.asarray(cv2.flip(plane, code), np.uint8)
        return plane


class Uprighter:
    """Gives the upright planes of the pictures of one stream."""

    def __init__(self) -> None:
        self._turns: dict[int, Turn] = {}

    def planes(self, picture: av.VideoFrame) -> Planes:
        """Return the planes of `picture`, the right way up.

        Those of a 4:2:0 picture that needs no turn are views, which keep the decoder's buffer alive.
        """
        planes, turn = decoded_planes(picture), self._turn(picture)
        return Planes(turn.of(planes.y), turn.of(planes.u), turn.of(planes.v), planes.matrix, planes.color_range)

    def _turn(self, picture: av.VideoFrame) -> Turn:
        angle_deg = picture.rotation
        if angle_deg not in self._turns:
            self._turns[angle_deg] = _turn_of(picture)
        return self._turns[angle_deg]


def _turn_of(picture: av.VideoFrame) -> Turn:
    """Read the whole matrix, since the angle alone tells no mirrored picture from one turned by half.

    PyAV 18.1 never frees a frame whose side data was looked at (measured: 2 MB a frame at 1080p), so a tiny copy has to
    serve; and it can't list side data of kinds that it does not know (EXIF), where the angle has to do.
    """
    probe = picture.reformat(width=_PROBE_PX, height=_PROBE_PX, format="gray")
    try:
        data = probe.side_data.get("DISPLAYMATRIX")
    except ValueError:
        return _turn_of_angle(picture.rotation)
    if data is None:
        return Turn()
    matrix = np.frombuffer(data, np.int32)  # type: ignore[call-overload]  # PyAV's stubs omit its buffer protocol
    return _turn_of_matrix(matrix[:5].tolist())


def _turn_of_matrix(matrix: list[int]) -> Turn:
    """Return the turn of [a, b, _, c, d]: the pixel at (x, y) is shown at (ax + cy, bx + dy)."""
    a, b, _, c, d = matrix
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Turn(transposes=True, mirrors_x=c < 0, mirrors_y=b < 0)
    return Turn(mirrors_x=a < 0, mirrors_y=d < 0)


def _turn_of_angle(counterclockwise_deg: int) -> Turn:
    quarters = round(counterclockwise_deg / 90) % 4
    return (Turn(), Turn(True, mirrors_y=True), Turn(False, True, True), Turn(True, mirrors_x=True))[quarters]
