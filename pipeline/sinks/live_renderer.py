"""What a sink that leaves frames out asks of its renderer."""

from typing import Protocol

from pipeline.ports import Renderer
from pipeline.types import FrameResult


class LiveRenderer(Renderer, Protocol):
    """Draws some results of a stream and is told of the others, so that what it counts stays right."""

    def skip(self, result: FrameResult) -> None:
        """Take a result that is not drawn; costs next to nothing."""
        ...
