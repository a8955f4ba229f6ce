"""The families of metrics about what lanes do with each stream, and what their labels can say."""

from dataclasses import dataclass
from typing import Self

from prometheus_client import Counter, Gauge, Histogram

from pipeline.sinks.family_maker import FamilyMaker
from pipeline.types import SCORED_STATES, MaskState

VERDICTS = tuple(state.value for state in MaskState)
SCORED_VERDICTS = tuple(state.value for state in SCORED_STATES)
FRAME_OUTCOMES = ("processed", "dropped_overflow", "dropped_backlog")
"""`dropped_overflow`: a newer frame took its place; `dropped_backlog`: skipped to catch up with the camera."""

AGE_BUCKETS_S = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 15.0)
"""Bounds lie on the promises (published by 0.15 s, 95 % within 0.5 s), for a quantile is a guess between bounds.

Above 1 s the order of magnitude tells a backlog from a stall, and each bound is one more series a stream.
"""


@dataclass(frozen=True, slots=True)
class LaneFamilies:
    """The families, each with the label `stream`."""

    last_frame: Gauge
    frames: Counter
    ages: Histogram
    faces: Counter
    persons: Counter
    present: Gauge
    flips: Counter
    sink_errors: Counter
    fitness: Gauge

    @classmethod
    def made(cls, maker: FamilyMaker) -> Self:
        """Return new families."""
        return cls(
            last_frame=maker.gauge(
                "last_frame_timestamp_seconds", "When the newest published frame was captured, in seconds since 1970."
            ),
            frames=maker.counter("frames_total", "Frames by outcome: processed, or the cause of the drop.", "outcome"),
            ages=maker.histogram(
                "frame_age_seconds", "Time from a frame's capture until every sink had it.", AGE_BUCKETS_S
            ),
            faces=maker.counter("faces_total", "Classified faces by the state of their best score.", "verdict"),
            persons=maker.counter("persons_total", "Persons who left, by verdict.", "verdict"),
            present=maker.gauge("persons_present", "Persons in view now, by verdict.", "verdict"),
            flips=maker.counter("verdict_flips_total", "Verdicts that went from one judged state to another."),
            sink_errors=maker.sink_errors(),
            fitness=maker.gauge("camera_fitness", "What the reason leaves of the picture's use, 0 to 1.", "reason"),
        )

    def begin(self, stream: str) -> None:
        """Make the counters of `stream` that are sure to come, at 0: a first sample is no increase to Prometheus."""
        self.flips.labels(stream)
        sure = ((self.frames, FRAME_OUTCOMES), (self.faces, SCORED_VERDICTS), (self.persons, VERDICTS))
        for counter, values in sure:
            for value in values:
                counter.labels(stream, value)
