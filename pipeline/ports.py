"""What the stages of a lane ask of their neighbours; each port has one contract suite in `tests/contract`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from pipeline.types import Box, Face, Float32Array, Frame, FrameResult, SourceInfo, UInt8Array


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

    @property
    def model_size_px(self) -> int:
        """The longer side beyond which a picture makes boxes finer, but no face clearer: a part of the other one."""
        ...

    def detect(self, picture: UInt8Array) -> tuple[Face, ...]:
        """Return the faces in an (H, W, 3) uint8 RGB picture, boxes in its pixels, best score first."""
        ...

    def close(self) -> None: ...


class FrameDetector(Protocol):
    """Finds faces in a frame. Used by one thread.

    Every call returns faces with boxes in pixels of the frame, best score first, each face once.
    """

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        """Look everywhere."""
        ...

    def follow(self, frame: Frame, known: Sequence[Face]) -> tuple[Face, ...]:
        """Look where the faces of `known` are believed to be by now, and nowhere else."""
        ...

    def search(self, frame: Frame, known: Sequence[Face], around: Sequence[Box] = ()) -> tuple[Face, ...]:
        """Do so, look close up at the places `around`, of which the first count most, and at the next parts."""
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
    """Takes what lanes and engine do, for `/metrics`. Used by every thread; `stream` is the operator's id."""

    def frame_done(self, stream: str, outcome: str) -> None:
        """Count a frame of `stream`: `processed`, or the cause of its drop.

        `dropped_overflow`: a newer frame took its place; `dropped_backlog`: skipped to catch up with the camera.
        """
        ...

    def frame_published(self, stream: str, age_s: float) -> None:
        """Take how long after its capture every sink had the newest frame."""
        ...

    def faces_scored(self, stream: str, states: Sequence[str]) -> None:
        """Count classified faces by the state of their best score."""
        ...

    def persons_present(self, stream: str, counts: Mapping[str, int]) -> None:
        """Take how many persons are in view now, by verdict; one that is missing has nobody."""
        ...

    def verdicts_flipped(self, stream: str, count: int) -> None:
        """Count persons whose verdict went from one judged state to another."""
        ...

    def person_closed(self, stream: str, state: str) -> None:
        """Count a person who left, by verdict."""
        ...

    def camera_fitness(self, stream: str, fitness: Mapping[str, float]) -> None:
        """Take how fit the camera's picture is, from 0 (unfit) to 1 (fit), by what it may suffer from."""
        ...

    def sink_failed(self, stream: str, sink: str) -> None:
        """Count a result that the output `sink` could not take."""
        ...

    def stream_state(self, stream: str, state: str) -> None:
        """Take the state of the connection: nobody is in view of a stream that is not `live`."""
        ...

    def remove_stream(self, stream: str) -> None:
        """Forget all about `stream`, whose lane has ended; forgetting twice is allowed."""
        ...

    def stage_took(self, stage: str, duration_s: float) -> None: ...

    def batch_ran(self, size: int, waited_s: float) -> None: ...

    def crop_done(self, outcome: str, reason: str) -> None:
        """Count a crop of a face, asked about for `reason`: `scored`, or `skipped` since the classifier was busy."""
        ...

    def watch_queue(self, queue: str, depth: Callable[[], int]) -> Callable[[], None]:
        """Ask `depth` whenever someone looks, from any thread, until the returned function is called.

        Queues of one name are added up.
        """
        ...


class StreamTelemetry(Protocol):
    """Takes what becomes of streams that come and go, for `/metrics`. Used by every thread."""

    def stream_added(self, stream: str, labels: Mapping[str, str]) -> None:
        """Begin with `stream`, or change the operator's `labels` of it."""
        ...

    def stream_state(self, stream: str, state: str) -> None:
        """Take the state of the connection: `live`, or what it is instead."""
        ...

    def stream_reconnected(self, stream: str, reason: str) -> None:
        """Count a connection that is made anew, by what ended the last one."""
        ...

    def person_left(self, stream: str, verdict: str) -> None:
        """Take the verdict on a person who left, for the compliance of `stream`."""
        ...

    def sink_failed(self, stream: str, sink: str) -> None:
        """Count an alert that the output `sink` could not take."""
        ...

    def remove_stream(self, stream: str) -> None:
        """Forget all about `stream`, whose lane has ended; forgetting twice is allowed."""
        ...


class Renderer(Protocol):
    """Draws on the planes of a picture; kept apart so that a sink need not know what is drawn."""

    def draw(self, result: FrameResult) -> tuple[UInt8Array, UInt8Array, UInt8Array]:
        """Return y (H, W), u and v (ceil(H/2), ceil(W/2)) uint8 planes with the result drawn in.

        They may be the frame's own, and then are read-only.
        """
        ...
