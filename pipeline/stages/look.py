"""How much of a frame a lane looks at for faces: there is no need to search all of it each time."""

from dataclasses import dataclass
from enum import Enum

from pipeline.types import Box


class Extent(Enum):
    """Where faces are looked for, from cheap to dear."""

    UNSETTLED = "unsettled"
    """Where the faces are of which another look would soon tell whether they are persons."""
    PART = "part"
    """Where faces are followed, and in some parts of the frame: all parts take turns."""
    ALL = "all"
    """Everywhere."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look, in part also close up `around` the places of these boxes, in pixels, of which the first count most."""

    extent: Extent
    around: tuple[Box, ...] = ()


EVERYWHERE = Look(Extent.ALL)
IN_PART = Look(Extent.PART)
AT_UNSETTLED = Look(Extent.UNSETTLED)
