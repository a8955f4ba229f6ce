"""What a worker process does: it begins as its parent says, serves it, and ends with it."""

import logging
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TypeAlias

from pipeline.app import DetectionOptions, Engine
from pipeline.errors import MaskstreamError
from pipeline.runtime.link import Link, LinkLostError
from pipeline.sinks.prometheus import WorkerTelemetry
from pipeline.worker.memory import settle
from pipeline.worker.messages import (
    Begin,
    Classify,
    Command,
    FitnessTold,
    Pulse,
    Ready,
    Report,
    Scrape,
    Scraped,
    StartStream,
    StopStream,
    Unfit,
    WatchStream,
)
from pipeline.worker.streams import Streams
from pipeline.worker.visitors import Visitors

logger = logging.getLogger(__name__)

PULSE_EVERY_S = 1.0

ParentLink: TypeAlias = "Link[Report, Command]"


class ReportingTelemetry(WorkerTelemetry):
    """Counts for `/metrics`, and tells the parent how fit the cameras' pictures are."""

    def __init__(self, link: ParentLink) -> None:
        super().__init__()
        self._link = link

    def camera_fitness(self, stream: str, fitness: Mapping[str, float]) -> None:
        super().camera_fitness(stream, fitness)
        tell(self._link, FitnessTold(stream, fitness))


def tell(link: ParentLink, report: Report) -> None:
    """Send a report; where the parent is gone, its end of the line ends this process soon."""
    with suppress(LinkLostError):
        link.send(report)


def run_worker(link: ParentLink, begin: Begin) -> None:
    """Serve the parent until it says so or is gone; lanes are drained then, recordings finished."""
    telemetry = ReportingTelemetry(link)
    try:
        engine = Engine.open(telemetry, begin.model, begin.device, begin.count)
    except MaskstreamError as error:
        tell(link, Unfit(str(error), int(error.exit_code)))
        return
    with engine:
        streams = Streams(engine, telemetry, lambda report: tell(link, report))
        streams.open()
        try:
            _load_detector()
            settle()
            facts = engine.model_facts
            tell(link, Ready(facts.name, facts.sha256, facts.precision, facts.provider, engine.classifier.card))
            visitors = Visitors(engine.score, engine.classifier.input_size_px, lambda report: tell(link, report))
            with _pulse(link, streams):
                _serve(link, streams, visitors, telemetry)
        finally:
            streams.close()


def _load_detector() -> None:
    """Load what the usual detector needs before the first stream does: it takes 2 s, and stays."""
    with suppress(MaskstreamError):  # the streams that use it will say why it can't be used
        DetectionOptions().open().close()


def end_on_sigterm(link: ParentLink) -> None:
    """Let SIGTERM end this process as the end of its parent does; an interrupt at a terminal is its parent's."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: link.hang_up())
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _serve(link: ParentLink, streams: Streams, visitors: Visitors, telemetry: ReportingTelemetry) -> None:
    for command in link.received():
        match command:
            case StartStream(config, run):
                streams.start(config, run)
            case StopStream(stream):
                streams.stop(stream)
            case WatchStream(stream, wanted):
                streams.watch(stream, wanted=wanted)
            case Classify(number, crops):
                visitors.classify(number, crops)
            case Scrape(number):
                tell(link, Scraped(number, tuple(telemetry.registry.collect())))
            case _:
                return


@contextmanager
def _pulse(link: ParentLink, streams: Streams) -> Iterator[None]:
    """Send a pulse each second while the context lasts."""
    ending = threading.Event()

    def send() -> None:
        before_s = time.monotonic()
        while not ending.wait(PULSE_EVERY_S):
            now_s = time.monotonic()
            tell(link, Pulse(now_s - before_s, streams.pulses()))
            before_s = now_s

    thread = threading.Thread(target=send, name="pulse")
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
