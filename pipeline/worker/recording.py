"""The annotated recording of a stream as its configuration asks for it: segments, and the end of the old ones."""

from collections.abc import Callable
from contextlib import ExitStack

from pipeline.config import streams
from pipeline.sinks.live_renderer import LiveRenderer
from pipeline.sinks.retention import Retention, RetentionLimits
from pipeline.sinks.segment_folder import SegmentFolder
from pipeline.sinks.segments import SegmentSettings, SegmentSink
from pipeline.sinks.sweeper import Sweeper
from pipeline.types import FrameResult, SourceInfo

DAY_S = 86_400.0
GIGABYTE = 1_000_000_000


class Recording:
    """A sink that records into `FOLDER/ID` and, from its making to its `close`, deletes what is too old or too much.

    `on_loss` is called, by the thread that writes or by one of its own, with each picture that could not be recorded
    and each time that old recordings could not be deleted.
    """

    def __init__(
        self,
        stream: str,
        config: streams.Recording,
        describe: Callable[[], SourceInfo],
        renderer: LiveRenderer,
        on_loss: Callable[[], None],
    ) -> None:
        folder = SegmentFolder(config.folder / stream, stream)
        settings = SegmentSettings(segment_s=config.segment_length_s)
        with ExitStack() as undo:
            self._segments = SegmentSink(folder, describe, renderer, settings, on_loss)
            undo.callback(self._segments.close)
            self._sweeper = Sweeper(stream, Retention(folder, _limits(config)), on_loss)
            self._sweeper.start()
            undo.pop_all()

    def write(self, result: FrameResult) -> None:
        """Record one frame; never raises SinkError."""
        self._segments.write(result)

    def close(self) -> None:
        """Finish the segment under way and end the thread; closing twice is allowed."""
        self._segments.close()
        self._sweeper.close()


def _limits(config: streams.Recording) -> RetentionLimits:
    return RetentionLimits(
        max_age_s=config.keep_age_days * DAY_S, max_total_bytes=round(config.keep_total_size_gb * GIGABYTE)
    )
