"""Face detectors that lanes share: of each kind as many as can look at once, each lent for one look at a time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.inference.detectors import DEFAULT_DETECTOR, open_detector
from pipeline.ports import FaceDetector
from pipeline.types import Face, UInt8Array


class DetectorPool:
    """Opens `FaceDetector`s; any thread may open one, which one thread uses and closes.

    A look takes a core, so one that must wait for another's end would mostly have waited for a core. The two detectors
    of a lane hold 18 MB and run 12 threads.
    """

    def __init__(self, most: int) -> None:
        """Let at most so many of one kind look at once."""
        if most < 1:
            raise ValueError(f"a pool of detectors needs room for 1, got {most}")
        self._most = most
        self._kinds: dict[tuple[str, Path | None, float | None], _Kind] = {}
        self._lock = threading.Lock()

    def open(
        self, name: str = DEFAULT_DETECTOR, *, model_path: Path | None = None, min_score: float | None = None
    ) -> FaceDetector:
        """Return such a detector as `open_detector` does, and raise what it raises."""
        with self._lock:
            kind = self._kinds.setdefault(
                (name, model_path, min_score),
                _Kind(lambda: open_detector(name, model_path=model_path, min_score=min_score), self._most),
            )
        return _Share(kind)


class _Kind:
    """The detectors that are alike: one for each share of them, but at most `most`."""

    def __init__(self, make: Callable[[], FaceDetector], most: int) -> None:
        self._make = make
        self._most = most
        self._shares = self._open = 0
        self._idle: list[FaceDetector] = []
        self._shares_lock = threading.Lock()
        self._changed = threading.Condition()

    def join(self) -> None:
        """Count one more share, and open a detector for it where there is room; raises what opening one raises."""
        with self._shares_lock:
            if self._open < min(self._most, self._shares + 1):
                self._put_back(self._make())
                self._open += 1
            self._shares += 1

    def leave(self) -> None:
        """Count one share less, and close the detector that nobody needs any more."""
        with self._shares_lock:
            self._shares -= 1
            if self._open > self._shares:
                # Whoever leaves does not look, so that one of them is idle.
                self._taken().close()
                self._open -= 1

    @contextmanager
    def lent(self) -> Iterator[FaceDetector]:
        """Lend one, as soon as one is idle."""
        detector = self._taken()
        try:
            yield detector
        finally:
            self._put_back(detector)

    def _taken(self) -> FaceDetector:
        with self._changed:
            self._changed.wait_for(lambda: self._idle)
            return self._idle.pop()

    def _put_back(self, detector: FaceDetector) -> None:
        with self._changed:
            self._idle.append(detector)
            self._changed.notify()


class _Share:
    """A `FaceDetector` that borrows one of its kind for each look."""

    def __init__(self, kind: _Kind) -> None:
        kind.join()
        self._kind = kind
        self._is_closed = False
        with kind.lent() as detector:
            self._input_size_px, self._model_size_px = detector.input_size_px, detector.model_size_px

    @property
    def input_size_px(self) -> int:
        return self._input_size_px

    @property
    def model_size_px(self) -> int:
        return self._model_size_px

    def detect(self, picture: UInt8Array) -> tuple[Face, ...]:
        with self._kind.lent() as detector:
            return detector.detect(picture)

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._kind.leave()
