"""Who walks through the demo: on a 1280x720 frame, 10 seconds long.

Three lanes cross the corridor, two behind its parapet and one before it, so that faces pass one another and none
hides another for longer than a moment.
"""

from pipeline.sources.actors import Actor, Waypoint
from pipeline.sources.looks import Look
from pipeline.sources.mask_drawing import (
    CLOTH_BLACK,
    FFP2_WHITE,
    SURGICAL_BLUE,
    SURGICAL_GREEN,
    SURGICAL_WHITE,
    MaskWear,
)

DEMO_CAST = (
    Actor(
        "Alex",
        MaskWear.SNUG,
        SURGICAL_BLUE,
        Look(clothes=(0.55, 0.6, 0.7), clothes_hue_deg=200, turn=0.12),
        (Waypoint(0.0, -70, 252, 104), Waypoint(4.8, 1350, 258, 108)),
        behind_wall=True,
    ),
    Actor(
        "Blake",
        MaskWear.NONE,
        SURGICAL_BLUE,
        Look((0.86, 0.78, 0.70), (0.38, 0.34, 0.32), (0.5, 0.5, 0.52), 20, mirrored=True),
        (Waypoint(0.4, 1400, 410, 128), Waypoint(2.6, 760, 405, 124), Waypoint(5.4, -120, 415, 134)),
    ),
    Actor(
        "Casey",
        MaskWear.NOSE_FREE,
        SURGICAL_WHITE,
        Look((0.97, 0.92, 0.88), (0.62, 0.42, 0.34), (0.55, 0.6, 0.55), 120, turn=-0.1),
        (Waypoint(3.6, 1400, 400, 122), Waypoint(6.4, 860, 405, 130), Waypoint(10.0, 790, 415, 150)),
    ),
    Actor(
        "Drew",
        MaskWear.SNUG,
        CLOTH_BLACK,
        Look((0.66, 0.54, 0.46), (0.25, 0.23, 0.23), (0.75, 0.7, 0.6), 60, mirrored=True),
        (Waypoint(5.6, -120, 410, 126), Waypoint(8.2, 330, 415, 138), Waypoint(10.0, 400, 420, 146)),
    ),
    Actor(
        "Ellis",
        MaskWear.CHIN,
        SURGICAL_GREEN,
        Look(hair=(0.5, 0.42, 0.4), clothes=(0.7, 0.6, 0.65), clothes_hue_deg=320, turn=0.06),
        (Waypoint(2.4, -70, 122, 94), Waypoint(9.4, 1350, 118, 92)),
        behind_wall=True,
    ),
    Actor(
        "Finley",
        MaskWear.NONE,
        FFP2_WHITE,
        Look((0.78, 0.68, 0.60), (0.3, 0.28, 0.28), (0.4, 0.42, 0.5), 230, turn=-0.08, mirrored=True),
        (Waypoint(5.2, 1350, 258, 108), Waypoint(10.0, 200, 252, 104)),
        behind_wall=True,
    ),
)
