"""A picture as JPEG."""

import cv2

from pipeline.types import UInt8Array


def encoded_jpeg(rgb: UInt8Array, quality: int) -> bytes:
    """Return an (H, W, 3) uint8 RGB picture as JPEG of `quality`, 1 to 100 as of libjpeg."""
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return encoded.tobytes()
