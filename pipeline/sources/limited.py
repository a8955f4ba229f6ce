"""A source that ends after a while."""

from collections.abc import Iterator

from pipeline.ports import Source
from pipeline.types import Frame, SourceInfo


class Limited:
    """The first `duration_s` seconds, by the stream's own time, of another source, which it owns."""

    def __init__(self, source: Source, duration_s: float) -> None:
        self._source = source
        self._duration_s = duration_s

    @property
    def info(self) -> SourceInfo:
        return self._source.info

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(getattr(self._source, "warnings", ()))

    @property
    def ended_early(self) -> bool:
        return bool(getattr(self._source, "ended_early", False))

    @property
    def damaged_packets(self) -> int:
        return int(getattr(self._source, "damaged_packets", 0))

    def frames(self) -> Iterator[Frame]:
        """Yield the frames that begin before the limit, counted from the first."""
        start_s: float | None = None
        for frame in self._source.frames():
            start_s = frame.media_s if start_s is None else start_s
            if frame.media_s - start_s >= self._duration_s:
                break
            yield frame
        self._source.close()

    def close(self) -> None:
        self._source.close()
