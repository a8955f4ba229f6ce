"""How much two boxes share."""

from pipeline.types import Box


def intersection_area(a: Box, b: Box) -> float:
    """Return the common area of two boxes in square pixels."""
    width = min(a.x2, b.x2) - max(a.x1, b.x1)
    height = min(a.y2, b.y2) - max(a.y1, b.y1)
    return max(0.0, width) * max(0.0, height)


def iou(a: Box, b: Box) -> float:
    """Return the intersection over the union of two boxes, in [0, 1]."""
    common = intersection_area(a, b)
    return common / (a.area + b.area - common)


def overlap(a: Box, b: Box) -> float:
    """Return the common area as a share of the smaller box, in [0, 1]: 1 where one contains the other."""
    return intersection_area(a, b) / min(a.area, b.area)
