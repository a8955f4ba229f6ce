"""A telemetry that remembers what it was told, all that a worker can tell one, and scrapes of a registry."""

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, generate_latest

from pipeline.ports import Telemetry
from pipeline.sinks.engine_metrics import CROP_OUTCOMES
from pipeline.sinks.lane_families import FRAME_OUTCOMES, SCORED_VERDICTS, VERDICTS
from pipeline.sinks.prometheus import NoTelemetry
from pipeline.vision.flaws import REASONS

LANE_SINKS = ("recording", "preview", "events")


class Reported(NoTelemetry):
    """Remembers the reports on results, and who watches which queue."""

    def __init__(self) -> None:
        self.ages_s: list[float] = []
        self.present: list[dict[str, int]] = []
        self.flips: list[int] = []
        self.fitness: list[dict[str, float]] = []
        self.sink_errors: list[tuple[str, str]] = []
        self.outcomes: list[str] = []
        self.crops: list[tuple[str, str]] = []
        self.queues: dict[str, Callable[[], int]] = {}
        self.unwatched: list[str] = []

    def frame_done(self, stream: str, outcome: str) -> None:  # noqa: ARG002  # the port's
        self.outcomes.append(outcome)

    def crop_done(self, outcome: str, reason: str) -> None:
        self.crops.append((outcome, reason))

    def frame_published(self, stream: str, age_s: float) -> None:  # noqa: ARG002  # the port's
        self.ages_s.append(age_s)

    def persons_present(self, stream: str, counts: Mapping[str, int]) -> None:  # noqa: ARG002  # the port's
        self.present.append({state: count for state, count in counts.items() if count})

    def verdicts_flipped(self, stream: str, count: int) -> None:  # noqa: ARG002  # the port's
        self.flips.append(count)

    def camera_fitness(self, stream: str, fitness: Mapping[str, float]) -> None:  # noqa: ARG002  # the port's
        self.fitness.append(dict(fitness))

    def sink_failed(self, stream: str, sink: str) -> None:
        self.sink_errors.append((stream, sink))

    def watch_queue(self, queue: str, depth: Callable[[], int]) -> Callable[[], None]:
        self.queues[queue] = depth
        return lambda: self.unwatched.append(queue)


def report_lane(telemetry: Telemetry, stream: str) -> None:
    """Report all that the worker knows of a stream."""
    for outcome in FRAME_OUTCOMES:
        telemetry.frame_done(stream, outcome)
    telemetry.frame_published(stream, 0.1)
    telemetry.faces_scored(stream, SCORED_VERDICTS)
    telemetry.persons_present(stream, dict.fromkeys(VERDICTS, 1))
    telemetry.verdicts_flipped(stream, 1)
    for verdict in VERDICTS:
        telemetry.person_closed(stream, verdict)
    telemetry.camera_fitness(stream, dict.fromkeys(REASONS, 1.0))
    for sink in LANE_SINKS:
        telemetry.sink_failed(stream, sink)


def report_engine(telemetry: Telemetry) -> None:
    """Report everything of a worker that has no stream."""
    for stage in ("detect", "track", "crop", "sinks"):
        telemetry.stage_took(stage, 0.004)
    telemetry.batch_ran(8, 0.01)
    for outcome in CROP_OUTCOMES:
        telemetry.crop_done(outcome, "doubt")
    for queue in ("frames", "results", "crops"):
        telemetry.watch_queue(queue, lambda: 3)


def scrape(registry: CollectorRegistry) -> dict[str, float]:
    """Return what a scrape holds: the value of each series by its name and labels as the text format has them."""
    lines = generate_latest(registry).decode().splitlines()
    parts = [line.rpartition(" ") for line in lines if not line.startswith("#")]
    return {series: float(value) for series, _, value in parts}


def series_of(registry: CollectorRegistry, stream: str) -> list[str]:
    """Return the series of a scrape that carry the label of `stream`."""
    return [series for series in scrape(registry) if f'stream="{stream}"' in series]
