"""The families of metrics about what becomes of each stream, and what their labels can say."""

from dataclasses import dataclass
from typing import Self

from prometheus_client import Counter, Gauge

from pipeline.sinks.family_maker import FamilyMaker

LIVE = "live"
STREAM_STATES = ("connecting", LIVE, "stalled", "backing_off", "refused", "paused")
RECONNECT_REASONS = (
    "ended",
    "silent",
    "no_answer",
    "unreachable",
    "credentials",
    "not_found",
    "broken",
    "crashed",
    "fault",
)
"""What may end a connection: of the reasons for which a stream goes over to a state those that are no good news."""


@dataclass(frozen=True, slots=True)
class StreamFamilies:
    """The families, each with the label `stream`."""

    up: Gauge
    state: Gauge
    reconnects: Counter
    sink_errors: Counter

    @classmethod
    def made(cls, maker: FamilyMaker) -> Self:
        """Return new families."""
        return cls(
            up=maker.gauge("stream_up", "Whether the stream is live: 1, else 0."),
            state=maker.gauge("stream_state", "1 for the state that the stream is in, 0 for the others.", "state"),
            reconnects=maker.counter(
                "reconnects_total", "Connections made anew, by what ended the last one.", "reason"
            ),
            sink_errors=maker.sink_errors(),
        )
