"""The families of metrics that have series for each stream, and what their labels can say."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Self, TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from pipeline.types import SCORED_STATES, MaskState

VERDICTS = tuple(state.value for state in MaskState)
SCORED_VERDICTS = tuple(state.value for state in SCORED_STATES)
FRAME_OUTCOMES = ("processed", "dropped_overflow", "dropped_backlog")
"""`dropped_overflow`: a newer frame took its place; `dropped_backlog`: skipped to catch up with the camera."""
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
STREAM_STATES = ("connecting", "live", "stalled", "backing_off", "refused", "paused")

AGE_BUCKETS_S = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 15.0)
"""Bounds lie on the promises (published by 0.15 s, 95 % within 0.5 s), for a quantile is a guess between bounds.

Above 1 s the order of magnitude tells a backlog from a stall, and each bound is one more series a stream.
"""

Family: TypeAlias = Counter | Gauge | Histogram


@dataclass(frozen=True, slots=True)
class StreamFamilies:
    """The families, each with the label `stream` first: the operator's id, never a URL."""

    up: Gauge
    state: Gauge
    last_frame: Gauge
    frames: Counter
    ages: Histogram
    reconnects: Counter
    faces: Counter
    persons: Counter
    present: Gauge
    flips: Counter
    sink_errors: Counter
    fitness: Gauge

    @classmethod
    def on(cls, registry: CollectorRegistry) -> Self:
        """Return new families, registered."""

        def counter(name: str, help_text: str, *labels: str) -> Counter:
            return Counter(f"maskstream_{name}", help_text, ("stream", *labels), registry=registry)

        def gauge(name: str, help_text: str, *labels: str) -> Gauge:
            return Gauge(f"maskstream_{name}", help_text, ("stream", *labels), registry=registry)

        return cls(
            up=gauge("stream_up", "Whether the stream is live: 1, else 0."),
            state=gauge("stream_state", "1 for the state that the stream is in, 0 for the others.", "state"),
            last_frame=gauge(
                "last_frame_timestamp_seconds", "When the newest published frame was captured, in seconds since 1970."
            ),
            frames=counter("frames_total", "Frames by outcome: processed, or the cause of the drop.", "outcome"),
            ages=Histogram(
                "maskstream_frame_age_seconds",
                "Time from a frame's capture until every sink had it.",
                ("stream",),
                buckets=AGE_BUCKETS_S,
                registry=registry,
            ),
            reconnects=counter("reconnects_total", "Connections made anew, by what ended the last one.", "reason"),
            faces=counter("faces_total", "Classified faces by the state of their best score.", "verdict"),
            persons=counter("persons_total", "Persons who left, by verdict.", "verdict"),
            present=gauge("persons_present", "Persons in view now, by verdict.", "verdict"),
            flips=counter("verdict_flips_total", "Verdicts that went from one judged state to another."),
            sink_errors=counter("sink_errors_total", "Results that an output could not take.", "sink"),
            fitness=gauge("camera_fitness", "What the reason leaves of the picture's use, 0 to 1.", "reason"),
        )

    def begin(self, stream: str) -> None:
        """Make the counters of `stream` that are sure to come, at 0: a first sample is no increase to Prometheus."""
        self.flips.labels(stream)
        sure = ((self.frames, FRAME_OUTCOMES), (self.faces, SCORED_VERDICTS), (self.persons, VERDICTS))
        for counter, values in sure:
            for value in values:
                counter.labels(stream, value)

    def remove(self, stream: str) -> None:
        """Delete every series of `stream`."""
        for family in self._all():
            family.remove_by_labels({"stream": stream})

    def _all(self) -> Iterator[Family]:
        for each in fields(self):
            yield getattr(self, each.name)
