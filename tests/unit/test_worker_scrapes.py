"""What happens while the workers are asked: deaths, removals, and other scrapes."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from prometheus_client.metrics_core import Metric

from pipeline.fleet.fleet_metrics import FleetMetrics
from pipeline.sinks.prometheus import WorkerTelemetry
from tests.reported import report_lane, scrape

PROCESSED = 'maskstream_frames_total{outcome="processed",stream="hall"}'


class Held:
    """A worker whose answer is held back until the test lets it go."""

    def __init__(self) -> None:
        self.worker = WorkerTelemetry()
        self.asked, self.let_go = threading.Event(), threading.Event()
        self.let_go.set()
        self.metrics = FleetMetrics(self._scrape)
        self.metrics.stream_added("hall", {})

    def _scrape(self) -> Mapping[int, Sequence[Metric]]:
        families = tuple(self.worker.registry.collect())
        self.asked.set()
        assert self.let_go.wait(60)
        return {0: families}

    def scrape_while(self, act: threading.Thread) -> dict[str, float]:
        """Return a scrape during which `act` runs, after the worker has answered."""
        found: list[dict[str, float]] = []
        self.asked.clear()
        self.let_go.clear()
        scraping = threading.Thread(target=lambda: found.append(scrape(self.metrics.registry)))
        scraping.start()
        assert self.asked.wait(60)
        act.start()
        act.join()
        self.let_go.set()
        scraping.join()
        return found[0]


def test_the_last_words_of_a_worker_are_not_counted_twice() -> None:
    held = Held()
    held.worker.frame_done("hall", "processed")
    scrape(held.metrics.registry)
    during = held.scrape_while(threading.Thread(target=held.metrics.worker_died, args=(0, "signal")))
    held.worker = WorkerTelemetry()
    held.worker.frame_done("hall", "processed")
    assert (during[PROCESSED], scrape(held.metrics.registry)[PROCESSED]) == (1, 2)


def test_a_stream_removed_during_a_scrape_is_not_in_it() -> None:
    held = Held()
    report_lane(held.worker, "hall")
    during = held.scrape_while(threading.Thread(target=held.metrics.remove_stream, args=("hall",)))
    assert not [series for series in during if "hall" in series]


def test_a_stream_that_comes_back_during_a_scrape_has_nothing_of_the_one_before() -> None:
    held = Held()
    report_lane(held.worker, "hall")

    def come_back() -> None:
        held.metrics.remove_stream("hall")
        held.worker.remove_stream("hall")
        held.metrics.stream_added("hall", {})

    during = held.scrape_while(threading.Thread(target=come_back))
    held.worker.frame_done("hall", "processed")
    assert PROCESSED not in during
    assert scrape(held.metrics.registry)[PROCESSED] == 1


def test_scrapes_follow_one_another() -> None:
    """Answers that overtook each other would look like counters that fall."""
    worker, under_way, most = WorkerTelemetry(), 0, 0

    def ask() -> Mapping[int, Sequence[Metric]]:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        answer = answering.submit(lambda: tuple(worker.registry.collect())).result()
        under_way -= 1
        return {0: answer}

    metrics = FleetMetrics(ask)
    with ThreadPoolExecutor(1) as answering, ThreadPoolExecutor(4) as scraping:
        for scraped in [scraping.submit(scrape, metrics.registry) for _ in range(20)]:
            scraped.result()
    assert most == 1
