"""What happened, as Prometheus metrics."""

from collections.abc import Sequence
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, disable_created_metrics

from pipeline.types import MaskState
from pipeline.vision.tally import Tally

STAGE_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""From a thumbnail's detection to a stalled encoder."""

WAIT_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)
BATCH_BUCKETS = (1, 2, 4, 8, 16, 32, 64)


class PrometheusTelemetry:
    """Counts on a registry of its own, from any thread.

    `maskstream_compliance_ratio` counts the persons who left so far, and is absent until one of them was judged.
    The `_created` series of the client library are switched off, for the whole process.
    """

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the client library leaves it untyped
        self.registry = CollectorRegistry()
        self._frames = self._counter("frames", "Frames by outcome: processed, or the cause of the drop.", "outcome")
        self._faces = self._counter("faces", "Classified faces by the state of their best score.", "verdict")
        self._persons = self._counter("persons", "Persons who left, by verdict.", "verdict")
        self._ratio = Gauge(
            "maskstream_compliance_ratio",
            "Masked among the judged persons who left so far, 0 to 1.",
            ("stream",),
            registry=self.registry,
        )
        self._stages = Histogram(
            "maskstream_stage_duration_seconds",
            "Time that one call of a stage took.",
            ("stage",),
            buckets=STAGE_BUCKETS_S,
            registry=self.registry,
        )
        self._batch_sizes = self._histogram("batch_size", "Crops in a batch.", BATCH_BUCKETS)
        self._batch_waits = self._histogram(
            "batch_wait_seconds", "Time that a batch's oldest crop waited for it.", WAIT_BUCKETS_S
        )
        self._model = Info("maskstream_model", "The model that gives the verdicts.", registry=self.registry)
        self._tallies: dict[str, dict[str, int]] = {}
        self._tallies_lock = Lock()

    def frame_done(self, stream: str, outcome: str) -> None:
        self._frames.labels(stream, outcome).inc()

    def faces_scored(self, stream: str, states: Sequence[str]) -> None:
        for state in states:
            self._faces.labels(stream, state).inc()

    def person_closed(self, stream: str, state: str) -> None:
        """Count a person who left; `state` is the value of a MaskState, else ValueError."""
        name = MaskState(state).value
        self._persons.labels(stream, name).inc()
        with self._tallies_lock:
            counts = self._tallies.setdefault(stream, {})
            counts[name] = counts.get(name, 0) + 1
            ratio = Tally(**counts).compliance
            if ratio is not None:
                self._ratio.labels(stream).set(ratio)

    def stage_took(self, stage: str, duration_s: float) -> None:
        self._stages.labels(stage).observe(duration_s)

    def batch_ran(self, size: int, waited_s: float) -> None:
        self._batch_sizes.observe(size)
        self._batch_waits.observe(waited_s)

    def model_loaded(self, name: str, sha256: str, precision: str, provider: str) -> None:
        """Publish which model gives the verdicts."""
        self._model.info({"name": name, "sha256": sha256, "precision": precision, "provider": provider})

    def _counter(self, noun: str, help_text: str, label: str) -> Counter:
        return Counter(f"maskstream_{noun}_total", help_text, ("stream", label), registry=self.registry)

    def _histogram(self, noun: str, help_text: str, buckets: Sequence[float]) -> Histogram:
        return Histogram(f"maskstream_{noun}", help_text, buckets=buckets, registry=self.registry)


class NoTelemetry:
    """Counts nothing."""

    def frame_done(self, stream: str, outcome: str) -> None: ...

    def faces_scored(self, stream: str, states: Sequence[str]) -> None: ...

    def person_closed(self, stream: str, state: str) -> None: ...

    def stage_took(self, stage: str, duration_s: float) -> None: ...

    def batch_ran(self, size: int, waited_s: float) -> None: ...
