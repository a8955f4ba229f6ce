"""The thread that deletes old recordings, whether a camera gives pictures, is paused, or its process has crashed."""

import logging
import threading
from collections.abc import Callable, Iterable

from pipeline.config.streams import StreamConfig
from pipeline.errors import SinkError
from pipeline.sinks.retention import Retention, RetentionLimits
from pipeline.sinks.segment_folder import SegmentFolder

logger = logging.getLogger(__name__)

SWEEP_EVERY_S = 60.0
"""The total size may be exceeded by what is recorded meanwhile: 60 MB at 8 Mbit/s."""

PATIENCE_S = 0.2
DAY_S = 86_400.0
GIGABYTE = 1_000_000_000


class Sweeper:
    """Keeps the recordings of each stream within its age and total size, once a minute until it is closed.

    `streams` gives those there are at the moment; `on_failure(stream, "recording")` counts what can't be deleted, and
    the log tells it once an outage. Both are called by the sweeper's thread.
    """

    def __init__(
        self,
        streams: Callable[[], Iterable[StreamConfig]],
        on_failure: Callable[[str, str], None],
        every_s: float = SWEEP_EVERY_S,
    ) -> None:
        self._streams = streams
        self._on_failure = on_failure
        self._every_s = every_s
        self._failing: set[str] = set()
        self._closing = threading.Event()
        # A file system that hangs must not hold up the end of the process.
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End the thread after the sweep under way, for which it is waited but shortly."""
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join(PATIENCE_S)

    def _run(self) -> None:
        while not self._closing.is_set():
            for config in self._streams():
                if config.recording.enabled:
                    self._sweep(config)
            self._closing.wait(self._every_s)

    def _sweep(self, config: StreamConfig) -> None:
        stream = config.id
        try:
            _retention(config).sweep()
        except SinkError as error:
            self._on_failure(stream, "recording")
            if stream not in self._failing:
                logger.warning("%s", error)
            self._failing.add(stream)
        else:
            self._failing.discard(stream)


def _retention(config: StreamConfig) -> Retention:
    recording = config.recording
    limits = RetentionLimits(recording.keep_age_days * DAY_S, round(recording.keep_total_size_gb * GIGABYTE))
    return Retention(SegmentFolder.below(recording.folder, config.id), limits)
