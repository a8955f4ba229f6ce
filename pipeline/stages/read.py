"""The body of a lane's `read` thread: frames from the source into the channel."""

from pipeline.errors import SourceError
from pipeline.ports import Source, Telemetry
from pipeline.runtime.channel import Channel, ChannelClosedError
from pipeline.types import Frame


class ReadStage:
    """Reads until the source ends, is closed, or cannot be read on; then lets the lane drain.

    An unreadable remainder is no reason to lose what was read: the error is kept in `error`. Frames that the source
    passed over, as gaps in the indices tell, are counted.
    """

    def __init__(self, source: Source, frames: Channel[Frame], telemetry: Telemetry) -> None:
        self._source = source
        self._frames = frames
        self._telemetry = telemetry
        self._next_index = 0
        self.error: SourceError | None = None

    def run(self) -> None:
        try:
            for frame in self._source.frames():
                self._count_gap(frame)
                self._frames.put(frame)
        except SourceError as error:
            self.error = error
        except ChannelClosedError:
            pass  # the lane was aborted: nobody wants further frames
        finally:
            self._source.close()
            self._frames.close()

    def _count_gap(self, frame: Frame) -> None:
        for _ in range(self._next_index, frame.index):
            self._telemetry.frame_done(frame.stream, "dropped_backlog")
        self._next_index = frame.index + 1
