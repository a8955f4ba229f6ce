"""What the stages of a lane ask of their neighbours; each port has one contract suite in `tests/contract`."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from pipeline.types import Face, Float32Array, Frame, FrameResult, SourceInfo, UInt8Array


class Source(Protocol):
    """A stream of frames. One thread iterates; any thread may close."""

    @property
    def info(self) -> SourceInfo: ...

    def frames(self) -> Iterator[Frame]:
        """Yield the frames in order, indices from 0; raise SourceError where the input can't be read on."""
        ...

    def close(self) -> None:
        """End the iteration soon, from any thread; closing twice is allowed."""
        ...


class FaceDetector(Protocol):
    """Finds faces in a picture. Used by one thread."""

    @property
    def input_size_px(self) -> int:
        """The longer side, in pixels, beyond which a picture gains nothing."""
        ...

    def detect(self, picture: UInt8Array) -> tuple[Face, ...]:
        """Return the faces in an (H, W, 3) uint8 RGB picture, boxes in its pixels, best score first."""
        ...

    def close(self) -> None: ...


class FrameDetector(Protocol):
    """Finds faces in a frame. Used by one thread."""

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        """Return the faces, boxes in pixels of the frame, best score first, each face once."""
        ...

    def close(self) -> None: ...


class MaskClassifier(Protocol):
    """Scores face crops. Used by one thread."""

    @property
    def input_size_px(self) -> int:
        """The side S of the crops it takes."""
        ...

    def warm_up(self) -> None:
        """Run once, so that the first batch costs what the next ones do."""
        ...

    def classify(self, crops: UInt8Array) -> Float32Array:
        """Return the (N, 3) float32 probabilities, in `SCORED_STATES` order, of (N, S, S, 3) uint8 RGB crops.

        A row does not depend on the other rows of the call.
        """
        ...

    def close(self) -> None: ...


class Sink(Protocol):
    """Takes the results of one stream, in order. Used by one thread."""

    def write(self, result: FrameResult) -> None:
        """Take one frame's result; raise SinkError where it can't be kept."""
        ...

    def close(self) -> None:
        """Finish what was written so that it is whole; closing twice is allowed."""
        ...


class Telemetry(Protocol):
    """Counts what happens, for `/metrics`. Used by every thread."""

    def frame_done(self, stream: str, outcome: str) -> None:
        """Count a frame of `stream`; outcome is `processed`, or the cause of its drop."""
        ...

    def faces_scored(self, stream: str, states: Sequence[str]) -> None:
        """Count classified faces by the state of their best score."""
        ...

    def person_closed(self, stream: str, state: str) -> None:
        """Count a person who left, by verdict."""
        ...

    def stage_took(self, stage: str, duration_s: float) -> None: ...

    def batch_ran(self, size: int, waited_s: float) -> None: ...


class Renderer(Protocol):
    """Draws on the planes of a picture; kept apart so that a sink need not know what is drawn."""

    def draw(self, result: FrameResult) -> tuple[UInt8Array, UInt8Array, UInt8Array]:
        """Return new y (H, W), u and v (ceil(H/2), ceil(W/2)) uint8 planes with the result drawn in."""
        ...
