"""Who walks through the demo: on a 1280x720 frame, 10 seconds long.

Three lanes cross the corridor, two behind its parapet and one before it, so that faces pass one another and none
hides another for longer than a moment. Nobody enters where somebody left less than two seconds before: any tracker
would take the two for one person.
"""

from pipeline.sources.actors import Actor, Waypoint
from pipeline.sources.looks import Look
from pipeline.sources.mask_drawing import (
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
        Look(clothes=(0.75, 0.75, 0.8), clothes_hue_deg=200, clothes_saturation=0.45, turn=0.12),
        (Waypoint(0.0, -90, 262, 134), Waypoint(4.1, 1370, 268, 138)),
        behind_wall=True,
    ),
    Actor(
        "Blake",
        MaskWear.NONE,
        SURGICAL_BLUE,
        Look((0.86, 0.78, 0.70), (0.38, 0.34, 0.32), (0.6, 0.6, 0.62), 20, 0.4, mirrored=True),
        (Waypoint(0.0, 1420, 440, 156), Waypoint(2.0, 740, 435, 152), Waypoint(4.1, -140, 445, 164)),
    ),
    Actor(
        "Casey",
        MaskWear.NOSE_FREE,
        SURGICAL_WHITE,
        Look((0.97, 0.92, 0.88), (0.62, 0.42, 0.34), (0.6, 0.62, 0.6), 120, 0.35, turn=-0.1),
        (Waypoint(2.6, 1420, 440, 150), Waypoint(5.6, 880, 440, 158), Waypoint(10.0, 800, 445, 176)),
    ),
    Actor(
        "Drew",
        MaskWear.SNUG,
        FFP2_WHITE,
        Look((0.66, 0.54, 0.46), (0.25, 0.23, 0.23), (0.8, 0.75, 0.7), 30, 0.5, mirrored=True),
        (Waypoint(6.2, -140, 445, 154), Waypoint(7.9, 330, 445, 164), Waypoint(10.0, 400, 445, 172)),
    ),
    Actor(
        "Ellis",
        MaskWear.CHIN,
        SURGICAL_GREEN,
        Look(hair=(0.5, 0.42, 0.4), clothes=(0.7, 0.65, 0.68), clothes_hue_deg=320, clothes_saturation=0.5, turn=0.06),
        (Waypoint(2.4, -80, 144, 122), Waypoint(9.4, 1360, 140, 120)),
        behind_wall=True,
    ),
    Actor(
        "Finley",
        MaskWear.NONE,
        SURGICAL_WHITE,
        Look((0.78, 0.68, 0.60), (0.3, 0.28, 0.28), (0.5, 0.52, 0.6), 230, 0.3, turn=-0.08, mirrored=True),
        (Waypoint(6.3, 1370, 268, 138), Waypoint(10.0, 420, 262, 134)),
        behind_wall=True,
    ),
)
