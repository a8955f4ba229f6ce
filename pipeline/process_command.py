"""`maskstream process`, from its request to what it prints."""

import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import FrameType

import click
from rich.console import Console

from pipeline.app import DetectionOptions, Engine
from pipeline.errors import ExitCode, MaskstreamError
from pipeline.ports import Source
from pipeline.predict import PictureJudge, judge_folder
from pipeline.process import InputJob, Order, ProcessOptions, ProcessRun, exit_code, prepare_folder
from pipeline.progress import open_display
from pipeline.reports import print_summary
from pipeline.sinks.metrics_server import MetricsServer
from pipeline.sinks.pictures_table import PicturesTable
from pipeline.sinks.prometheus import PrometheusTelemetry
from pipeline.sources.inputs import Input, InputKind, expand_inputs
from pipeline.sources.limited import Limited
from pipeline.sources.opening import open_source
from pipeline.sources.pictures import PictureSequence


@dataclass(frozen=True, slots=True)
class ProcessRequest:
    """The arguments of one call."""

    inputs: tuple[str, ...]
    out: Path
    detection: DetectionOptions
    model: Path | None
    device: str
    sequence: float | None
    no_video: bool
    jobs: int | None
    duration: float | None
    start_time: datetime | None
    metrics_port: int | None
    as_json: bool
    quiet: bool

    def options(self) -> ProcessOptions:
        jobs = self.jobs or len(os.sched_getaffinity(0))
        return ProcessOptions(self.detection, not self.no_video, jobs)


def run_process(request: ProcessRequest) -> ExitCode:
    """Process every input and report; raises MaskstreamError where nothing can be done at all."""
    expanded = expand_inputs(request.inputs)
    errors: list[BaseException] = list(expanded.errors)
    for error in errors:
        click.echo(f"maskstream: {error}", err=True)
    if not expanded.inputs:
        return exit_code(errors, len(errors))
    prepare_folder(request.out)
    with ExitStack() as stack:
        telemetry = PrometheusTelemetry()
        if request.metrics_port is not None:
            server = stack.enter_context(MetricsServer(request.metrics_port, telemetry.registry))
            _say(request, f"metrics at http://127.0.0.1:{server.port}/metrics")
        engine = stack.enter_context(Engine.open(telemetry, request.model, request.device))
        facts = engine.model_facts
        telemetry.model_loaded(facts.name, facts.sha256, facts.precision, facts.provider)
        run = ProcessRun(engine, request.options())
        with stop_on_signal(run.stop):
            errors += _run_all(request, run, expanded.inputs)
    if run.was_stopped:
        return ExitCode.INTERRUPTED
    return exit_code(errors, len(expanded.inputs) + len(expanded.errors))


def _run_all(request: ProcessRequest, run: ProcessRun, inputs: Sequence[Input]) -> list[BaseException]:
    errors: list[BaseException] = []
    folders = [item for item in inputs if item.kind is InputKind.PICTURES and request.sequence is None]
    for item in folders:
        if not run.was_stopped:
            errors += _judge_pictures(request, run, item)
    for item in inputs:
        if item not in folders:
            run.add(Order(item.name, request.out / item.stem, source_opener(request, item)))
    console = Console(stderr=True)
    with open_display(request.quiet, console) as display:
        for job in run.completed():
            display.update(run.jobs)
            if job is not None:
                errors += _report(request, job)
    return errors


def _judge_pictures(request: ProcessRequest, run: ProcessRun, item: Input) -> list[BaseException]:
    """Write `pictures.csv` of one folder; return the input's error where it has one."""
    folder = request.out / item.stem
    errors: list[MaskstreamError] = []
    try:
        prepare_folder(folder)
        table = PicturesTable(folder / "pictures.csv")
        with PictureJudge(run.engine.classifier, request.detection) as judge:
            errors += judge_folder(judge, item.pictures, table)
        table.close()
    except MaskstreamError as error:
        errors.append(error)
    for fault in errors:
        click.echo(f"maskstream: {fault}", err=True)
    if not errors:
        _say(request, f"{item.name}: {len(item.pictures)} pictures -> {folder / 'pictures.csv'}")
    return list(errors[:1])


def source_opener(request: ProcessRequest, item: Input) -> Callable[[], Source]:
    """Return what opens `item` when its turn comes."""

    def open_it() -> Source:
        source: Source
        if item.kind is InputKind.PICTURES and request.sequence is not None:
            source = PictureSequence(item.pictures, item.stem, request.sequence, item.name, request.start_time)
        else:
            source = open_source(item.location, item.stem, request.start_time)
        return source if request.duration is None else Limited(source, request.duration)

    return open_it


def _report(request: ProcessRequest, job: InputJob) -> list[BaseException]:
    """Tell how one input ended; return its error where it has one."""
    if job.error is not None:
        message = str(job.error) or type(job.error).__name__
        click.echo(f"maskstream: {message if job.name in message else f'{job.name}: {message}'}", err=True)
    if job.summary is not None:
        if request.as_json:
            click.echo(json.dumps(job.summary))
        elif not request.quiet:
            print_summary(job.summary, job.folder)
    return [job.error] if job.error is not None else []


def _say(request: ProcessRequest, line: str) -> None:
    if not (request.quiet or request.as_json):
        click.echo(line)


@contextmanager
def stop_on_signal(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` at the first SIGINT or SIGTERM; a second one interrupts as usual."""

    def first(number: int, _frame: FrameType | None) -> None:
        click.echo("maskstream: stopping; what was done is being finished and kept", err=True)
        signal.signal(number, signal.default_int_handler)
        stop()

    before = {number: signal.signal(number, first) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
