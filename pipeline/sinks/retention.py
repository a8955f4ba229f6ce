"""How long recorded segments are kept: by age and by total size."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pipeline.errors import ConfigError, SinkError
from pipeline.sinks.segment_folder import Segment, SegmentFolder


@dataclass(frozen=True, slots=True)
class RetentionLimits:
    """What a stream's segments may come to; None keeps them whatever their age or size.

    A segment's age counts from its first picture. The size is that of all segments of the stream together, the one
    under way included.
    """

    max_age_s: float | None = None
    max_total_bytes: int | None = None

    def __post_init__(self) -> None:
        for name in ("max_age_s", "max_total_bytes"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ConfigError(f"{name} of the recordings is more than 0, or left out, got {value}")


class Retention:
    """Deletes the oldest finished segments of one stream beyond the limits, and nothing else in the folder."""

    def __init__(self, folder: SegmentFolder, limits: RetentionLimits) -> None:
        self._folder = folder
        self._limits = limits

    def sweep(self) -> tuple[Path, ...]:
        """Delete what is beyond the limits and return it.

        Raises SinkError where something can't be deleted, once everything else is.
        """
        deleted: list[Path] = []
        refusals: list[OSError] = []
        try:
            for segment in self._doomed():
                try:
                    segment.path.unlink(missing_ok=True)
                    deleted.append(segment.path)
                except OSError as error:  # the others must go all the same
                    refusals.append(error)
        except OSError as error:
            refusals.append(error)
        if refusals:
            raise self._complaint(refusals[0]) from refusals[0]
        return tuple(deleted)

    def _doomed(self) -> list[Segment]:
        segments = self._folder.finished()
        under_way = self._folder.unfinished()
        total_bytes = sum(segment.size_bytes for segment in (*segments, *under_way))
        doomed = []
        for segment in segments:
            if self._is_too_old(segment) or self._is_too_much(total_bytes):
                doomed.append(segment)
                total_bytes -= segment.size_bytes
        return doomed

    def _is_too_old(self, segment: Segment) -> bool:
        max_age_s = self._limits.max_age_s
        return max_age_s is not None and self._folder.now_utc() - segment.start_utc > timedelta(seconds=max_age_s)

    def _is_too_much(self, total_bytes: int) -> bool:
        limit = self._limits.max_total_bytes
        return limit is not None and total_bytes > limit

    def _complaint(self, error: OSError) -> SinkError:
        return SinkError(
            f"cannot delete old recordings of {self._folder.stream} in {self._folder.path}: "
            f"{error.strerror or error}; allow it, or delete them by hand before the disk is full"
        )
