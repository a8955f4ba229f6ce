"""Questions for metrics and their answers, by number and worker."""

from collections.abc import Callable

from prometheus_client.metrics_core import GaugeMetricFamily

from pipeline.fleet.scraper import Scraper
from pipeline.worker.messages import Command, Scrape, Scraped

FOREVER_S = 1000.0
FAMILY = GaugeMetricFamily("maskstream_batch_size", "Crops in a batch.", value=1)


def number(command: Command) -> int:
    assert isinstance(command, Scrape)
    return command.number


def answering(scraper: Scraper, worker: int) -> Callable[[Command], None]:
    return lambda command: scraper.answered(worker, Scraped(number(command), (FAMILY,)))


def test_each_worker_is_asked_and_its_answer_is_its_own() -> None:
    scraper = Scraper(FOREVER_S)
    assert scraper.scrape([(index, answering(scraper, index)) for index in (0, 1)]) == {0: (FAMILY,), 1: (FAMILY,)}


def test_one_that_dies_meanwhile_is_left_out_at_once() -> None:
    scraper = Scraper(FOREVER_S)
    assert scraper.scrape([(0, answering(scraper, 0)), (1, lambda _: scraper.died(1))]) == {0: (FAMILY,)}


def test_one_that_is_late_is_left_out_and_its_answer_lost() -> None:
    scraper, asked = Scraper(patience_s=0.0), list[int]()
    assert scraper.scrape([(0, lambda command: asked.append(number(command)))]) == {}
    scraper.answered(0, Scraped(asked[0], (FAMILY,)))
    scraper.died(0)


def test_an_answer_that_died_in_between_comes_once() -> None:
    scraper = Scraper(FOREVER_S)

    def dying(command: Command) -> None:
        scraper.died(0)
        scraper.answered(0, Scraped(number(command), (FAMILY,)))

    assert scraper.scrape([(0, dying)]) == {}
