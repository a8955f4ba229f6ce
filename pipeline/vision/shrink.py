"""A result at a smaller size, with everything that was found on it."""

from dataclasses import replace

from pipeline.types import Box, Face, FrameResult, Track
from pipeline.vision.i420 import shrunk_plane


def shrunk(result: FrameResult, max_width_px: int) -> FrameResult:
    """Return `result` no wider than `max_width_px`, its shape kept; a picture that is narrow enough stays itself.

    What is drawn on the smaller picture is then as legible as on the large one, and costs less.
    """
    frame = result.frame
    if frame.width <= max_width_px:
        return result
    scale = max_width_px / frame.width
    width, height = max_width_px, max(1, round(frame.height * scale))
    chroma = (width + 1) // 2, (height + 1) // 2
    small = replace(
        frame,
        y=shrunk_plane(frame.y, (width, height)),
        u=shrunk_plane(frame.u, chroma),
        v=shrunk_plane(frame.v, chroma),
    )
    return replace(result, frame=small, tracks=tuple(_scaled(track, scale) for track in result.tracks))


def _scaled(track: Track, scale: float) -> Track:
    box = track.face.box
    points = tuple((x * scale, y * scale) for x, y in track.face.key_points)
    face = Face(Box(box.x1 * scale, box.y1 * scale, box.x2 * scale, box.y2 * scale), track.face.score, points)
    return replace(track, face=face)
