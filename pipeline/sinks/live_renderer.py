"""What a sink that leaves frames out asks of its renderer, and the renderer that draws nothing."""

from typing import Protocol

from pipeline.ports import Renderer
from pipeline.types import FrameResult, UInt8Array


class LiveRenderer(Renderer, Protocol):
    """Draws some results of a stream and is told of the others, so that what it counts stays right."""

    def skip(self, result: FrameResult) -> None:
        """Take a result that is not drawn; costs next to nothing."""
        ...


class Undrawn:
    """Leaves pictures as the camera gave them; they aren't even copied."""

    def draw(self, result: FrameResult) -> tuple[UInt8Array, UInt8Array, UInt8Array]:
        """Return the read-only planes of the frame itself."""
        return result.frame.y, result.frame.u, result.frame.v

    def skip(self, result: FrameResult) -> None:
        """Nothing is counted."""
