"""What the live benchmark makes of two scrapes of a real registry."""

import pytest
from prometheus_client import CollectorRegistry, Counter

from benchmarks.live_figures import Interval, Samples, quantile, samples_of
from pipeline.sinks.prometheus import PrometheusTelemetry

BUCKETS = [(0.1, 0.0), (0.2, 60.0), (0.5, 100.0), (float("inf"), 100.0)]


@pytest.mark.parametrize(("share", "expected"), [(0.3, 0.15), (0.6, 0.2), (0.95, 0.4625), (1.0, 0.5)])
def test_a_quantile_is_linear_within_its_bucket(share: float, expected: float) -> None:
    assert quantile(share, BUCKETS) == pytest.approx(expected)


def test_beyond_the_last_bound_a_quantile_is_that_bound() -> None:
    assert quantile(0.95, [(0.1, 1.0), (float("inf"), 100.0)]) == 0.1


@pytest.mark.parametrize("buckets", [[], [(0.1, 0.0), (float("inf"), 0.0)]])
def test_without_observations_there_is_no_age(buckets: list[tuple[float, float]]) -> None:
    assert quantile(0.95, buckets) == 0.0


def scraped(registry: CollectorRegistry) -> Samples:
    return samples_of(registry.collect())


def report_second(telemetry: PrometheusTelemetry, stream: str, age_s: float) -> None:
    for _ in range(20):
        telemetry.frame_done(stream, "processed")
        telemetry.frame_published(stream, age_s)
    telemetry.frame_done(stream, "dropped_overflow")
    telemetry.stage_took("detect", 0.02)


def test_only_what_happened_in_between_counts() -> None:
    telemetry = PrometheusTelemetry()
    reconnects = Counter("maskstream_reconnects_total", "As the fleet counts.", ["stream"], registry=telemetry.registry)
    report_second(telemetry, "cam-1", age_s=10.0)
    before = scraped(telemetry.registry)
    report_second(telemetry, "cam-1", age_s=0.04)
    report_second(telemetry, "cam-2", age_s=0.14)
    telemetry.frame_done("cam-2", "dropped_backlog")
    reconnects.labels("cam-2").inc()
    interval = Interval(before, scraped(telemetry.registry), duration_s=1.0)

    first, second = interval.stream("cam-1"), interval.stream("cam-2")
    assert (first.published_per_s, second.published_per_s) == (20.0, 20.0)
    assert first.p95_age_s <= 0.05
    assert 0.1 < second.p95_age_s <= 0.15
    assert first.drops == {"dropped_overflow": 1, "dropped_backlog": 0}
    assert second.drops == {"dropped_overflow": 1, "dropped_backlog": 1}
    assert (first.reconnects, second.reconnects) == (0, 1)
    assert interval.stage("detect").runs_per_s == 2.0
    assert interval.stage("detect").mean_ms == pytest.approx(20.0)
    assert interval.stage("crop").mean_ms == 0.0
