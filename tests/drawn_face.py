"""A face made of ovals, for tests that need a face and no photograph."""

import cv2
import numpy as np

from pipeline.sources.synthetic import FacePicture
from pipeline.types import Box, Face

KEY_POINTS = ((125.0, 120.0), (175.0, 120.0), (150.0, 148.0), (150.0, 168.0), (98.0, 128.0), (202.0, 128.0))
"""Right eye, left eye, nose tip, mouth centre, right ear, left ear: on a face seen from the front."""

FACE = Face(Box(98, 80, 202, 210), 0.9, KEY_POINTS)
SKIN, HAIR, SHIRT, WALL = (205, 165, 140), (70, 50, 40), (60, 90, 150), (200, 205, 210)


def drawn_face() -> FacePicture:
    """Return a picture of 300 by 360 pixels with one face, its box 130 px high."""
    picture = np.full((360, 300, 3), WALL, np.uint8)
    cv2.ellipse(picture, (150, 330), (120, 100), 0, 0, 360, SHIRT, -1)
    cv2.rectangle(picture, (128, 190), (172, 250), SKIN, -1)
    cv2.ellipse(picture, (150, 120), (64, 74), 0, 0, 360, HAIR, -1)
    cv2.ellipse(picture, (150, 142), (50, 66), 0, 0, 360, SKIN, -1)
    for x, y in KEY_POINTS[:2]:
        cv2.circle(picture, (round(x), round(y)), 5, (40, 40, 40), -1)
    cv2.ellipse(picture, (150, 168), (14, 4), 0, 0, 360, (150, 70, 80), -1)
    return FacePicture(picture, FACE)
