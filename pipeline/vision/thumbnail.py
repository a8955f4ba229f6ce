"""A small picture of one face."""

from pipeline.types import Box, Frame, UInt8Array
from pipeline.vision.blur import FACE_CELLS, pixelated
from pipeline.vision.crop import crop_frame_face

THUMBNAIL_PX = 96
THUMBNAIL_MARGIN = 0.3
"""Around the face on each side, as a share of its longer side: the chin under a mask, and some hair."""


def face_thumbnail(frame: Frame, box: Box, *, sharp: bool) -> UInt8Array:
    """Return the (THUMBNAIL_PX, THUMBNAIL_PX, 3) RGB picture of the face at `box`, unrecognisable unless `sharp`."""
    rgb = crop_frame_face(frame, box, THUMBNAIL_PX, THUMBNAIL_MARGIN)
    return rgb if sharp else pixelated(rgb, FACE_CELLS)
