"""`maskstream process`, from its request to what it prints."""

import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import FrameType

import click
from rich.console import Console

from pipeline.app import USUAL_PICKS, DetectionOptions, Engine
from pipeline.console import say, tell_error
from pipeline.errors import ConfigError, ExitCode, MaskstreamError
from pipeline.input_job import InputJob, Order, ProcessOptions, prepare_folder
from pipeline.picture_judge import PictureJudge
from pipeline.ports import Source
from pipeline.predict import JudgedFolder
from pipeline.process import ProcessRun, exit_code
from pipeline.progress import open_display
from pipeline.reports import print_summary
from pipeline.sinks.metrics_server import MetricsServer
from pipeline.sinks.pictures_table import PicturesTable
from pipeline.sinks.prometheus import PrometheusTelemetry
from pipeline.sources.inputs import Input, InputKind, expand_inputs
from pipeline.sources.limited import Limited
from pipeline.sources.opening import open_source
from pipeline.sources.pictures import PictureSequence
from pipeline.vision.blur import Blur
from pipeline.vision.pick import PickSettings


@dataclass(frozen=True, slots=True)
class ProcessRequest:
    """The arguments of one call."""

    inputs: tuple[str, ...]
    out: Path
    detection: DetectionOptions
    model: Path | None
    device: str
    sequence: float | None
    sample: float | None
    every_face: bool
    no_video: bool
    blur: str
    jobs: int | None
    duration: float | None
    start_time: datetime | None
    metrics_port: int | None
    as_json: bool
    quiet: bool


def run_process(request: ProcessRequest) -> ExitCode:
    """Process every input and report; raises MaskstreamError where nothing can be done at all."""
    expanded = expand_inputs(request.inputs)
    _check_looks(request, expanded.inputs)
    errors: list[BaseException] = list(expanded.errors)
    for error in errors:
        tell_error(error)
    if not expanded.inputs:
        return exit_code(errors, len(errors))
    prepare_folder(request.out)
    # One that can't be opened is told once, not for each input.
    request.detection.open().close()
    with ExitStack() as stack:
        telemetry = PrometheusTelemetry()
        if request.metrics_port is not None:
            server = stack.enter_context(MetricsServer(request.metrics_port, telemetry.registry))
            _say(request, f"metrics at http://127.0.0.1:{server.port}/metrics")
        engine = stack.enter_context(Engine.open(telemetry, request.model, request.device))
        facts = engine.model_facts
        telemetry.model_loaded(facts.name, facts.sha256, facts.precision, facts.provider)
        run = ProcessRun(engine, _options(request, expanded.inputs))
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
            errors += judge_pictures(request, run, item)
    for item in inputs:
        if item not in folders:
            run.add(Order(item.name, request.out / item.stem, source_opener(request, item)))
    console = Console(stderr=True)
    done: list[InputJob] = []
    with open_display(request.quiet, console) as display, closing(run.completed()) as completed:
        for job in completed:
            display.update(run.jobs)
            if job is None:
                continue
            errors += _report(request, job)
            done.append(job)
            if not console.is_terminal:
                _print_figures(request, done.pop())
    for job in done:
        # On a terminal the bars would be drawn over them.
        _print_figures(request, job)
    return errors


def judge_pictures(request: ProcessRequest, run: ProcessRun, item: Input) -> list[BaseException]:
    """Write `pictures.csv` of one folder and tell; return the input's error where it has one."""
    folder = request.out / item.stem
    judged = JudgedFolder()
    errors: list[MaskstreamError] = []
    try:
        prepare_folder(folder)
        with PictureJudge(run.engine.classifier, request.detection) as judge:
            table = PicturesTable(folder / "pictures.csv")
            for path in item.pictures:
                if run.was_stopped:
                    break
                judged.add(judge, path, table)
            table.close()
    except MaskstreamError as error:
        errors.append(error)
    errors += judged.errors
    for fault in errors:
        tell_error(fault, item.name)
    if request.as_json:
        say(json.dumps(judged.summary(item.name, run.engine.model_facts)))
    elif not request.quiet:
        say(f"{item.name}: {judged.pictures} pictures, {judged.faces} faces -> {folder / 'pictures.csv'}")
    return list(errors[:1])


def _check_looks(request: ProcessRequest, inputs: Sequence[Input]) -> None:
    every = request.detection.every_frames or 1
    if request.every_face and every > 1:
        raise ConfigError(f"--every-face looks at every frame, and --every {every} does not; leave one of them out")
    others = [item.name for item in inputs if item.kind is not InputKind.RECORDING]
    if request.sample is not None and others:
        raise ConfigError(f"--sample is for recordings, and {others[0]} is none; process it on its own, without")


def _options(request: ProcessRequest, inputs: Sequence[Input]) -> ProcessOptions:
    """Return what holds for every input: by default a job a core, and every camera at once."""
    cameras = sum(item.kind is InputKind.LIVE for item in inputs)
    jobs = request.jobs or max(cameras, len(os.sched_getaffinity(0)))
    if cameras > jobs:
        click.echo(f"maskstream: only {jobs} of {cameras} live inputs run at a time, as --jobs says", err=True)
    detection, picks = _looks(request)
    return ProcessOptions(detection, not request.no_video, jobs, request.sample, Blur(request.blur), picks)


def _looks(request: ProcessRequest) -> tuple[DetectionOptions, PickSettings]:
    """Return how faces are looked for, and which of them are classified."""
    if not request.every_face:
        return request.detection, USUAL_PICKS
    return replace(request.detection, every_frames=1), PickSettings.every_face()


def source_opener(request: ProcessRequest, item: Input) -> Callable[[], Source]:
    """Return what opens `item` when its turn comes."""

    def open_it() -> Source:
        source: Source
        if item.kind is InputKind.PICTURES and request.sequence is not None:
            source = PictureSequence(item.pictures, item.stem, request.sequence, item.name, request.start_time)
        else:
            source = open_source(item.location, item.stem, request.start_time, request.sample)
        return source if request.duration is None else Limited(source, request.duration)

    return open_it


def _report(request: ProcessRequest, job: InputJob) -> list[BaseException]:
    """Tell how one input ended; return its error where it has one."""
    if job.error is not None:
        tell_error(job.error, job.name)
    if job.summary is not None and request.as_json:
        say(json.dumps(job.summary))
    return [job.error] if job.error is not None else []


def _print_figures(request: ProcessRequest, job: InputJob) -> None:
    if job.summary is not None and not (request.quiet or request.as_json):
        print_summary(job.summary, job.folder)


def _say(request: ProcessRequest, line: str) -> None:
    if not (request.quiet or request.as_json):
        say(line)


@contextmanager
def stop_on_signal(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` at the first SIGINT or SIGTERM; a second one interrupts as usual."""

    def first(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.default_int_handler)
        stop()
        # The same Ctrl-C may have ended whatever read our stderr.
        with suppress(OSError, RuntimeError):
            click.echo("maskstream: stopping; what was done is being finished and kept", err=True)

    before = {number: signal.signal(number, first) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
