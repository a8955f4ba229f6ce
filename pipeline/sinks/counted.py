"""A sink whose failures are counted."""

from pipeline.errors import SinkError
from pipeline.ports import Sink, Telemetry
from pipeline.types import FrameResult


class Counted:
    """Another sink, which it owns; each result that it refuses counts as an error of the output `name`.

    The error goes on to whoever wrote: what becomes of the stream is not for the count to decide.
    """

    def __init__(self, sink: Sink, name: str, telemetry: Telemetry) -> None:
        self._sink = sink
        self._name = name
        self._telemetry = telemetry

    def write(self, result: FrameResult) -> None:
        try:
            self._sink.write(result)
        except SinkError:
            self._telemetry.sink_failed(result.frame.stream, self._name)
            raise

    def close(self) -> None:
        self._sink.close()
