"""`maskstream check`: what a configuration would run, a line for each stream, or all that is wrong with it."""

import json
from pathlib import Path

import click

from pipeline.config.advice import advice
from pipeline.config.loading import load_config
from pipeline.config.schema import Config, editor_schema
from pipeline.config.streams import Preview, Recording, StreamConfig
from pipeline.console import say
from pipeline.errors import ExitCode
from pipeline.fleet.state_content import BadContentError, parse_content


def run_check(path: Path) -> ExitCode:
    """Print what the file at `path` would run, without secrets; raises ConfigFileError with everything wrong in it.

    What is allowed and seldom meant goes to stderr.
    """
    config = load_config(path)
    say(f"{path}: {_counted(len(config.streams), 'stream')}, {_service(config)}")
    say(_rest(config))
    width = max((len(stream.id) for stream in config.streams), default=0)
    for stream in config.streams:
        say(f"{stream.id:<{width}}  {stream.url}  {_facts(stream)}")
    for sentence in advice(config):
        click.echo(f"maskstream: warning: {sentence}", err=True)
    return ExitCode.OK


def run_schema() -> ExitCode:
    """Print the JSON Schema of a configuration, for editors."""
    say(json.dumps(editor_schema(), indent=2))
    return ExitCode.OK


def _service(config: Config) -> str:
    processes = _counted(config.processes, "process", "processes")
    alerts = f"{_counted(len(config.alerts.rules), 'alert')} over {_counted(len(config.alerts.channels), 'channel')}"
    address = f"http on {config.http.bind_address} port {config.http.port}"
    log = f"log as {config.log.format} from {config.log.level}"
    return f"{processes}, device {config.device}, model {config.model or 'shipped'}, {address}, {alerts}, {log}"


def _rest(config: Config) -> str:
    """Return which streams may be made over REST, and which were."""
    http, state_file = config.http, config.state_file
    if http.token is None or not http.rest_url_hosts:
        lacking = "http.token" if http.token is None else "http.rest_url_hosts"
        return f"over REST: no streams, as {lacking} is not set"
    allowed = f"{', '.join(http.rest_url_schemes)} at {', '.join(http.rest_url_hosts)}"
    kept = "forgotten at the end" if state_file is None else f"kept in {state_file}, which has {_kept_ids(state_file)}"
    return f"over REST: streams by {allowed}; {kept}"


def _kept_ids(state_file: Path) -> str:
    try:
        return ", ".join(entry.id for entry in parse_content(state_file.read_bytes()).streams) or "none"
    except FileNotFoundError:
        return "none yet"
    except OSError as error:
        return f"none that can be read: {(error.strerror or str(error)).lower()}"
    except BadContentError as error:
        return f"none that can be read: {error}"


def _facts(stream: StreamConfig) -> str:
    tiles = "x".join(map(str, stream.tiles)) if stream.tiles else "auto"
    facts = [
        *(f"{name}={value}" for name, value in stream.labels.items()),
        f"detector {stream.detector}",
        f"tiles {tiles}",
        _cadence(stream.every_frames),
        f"persons rechecked every {stream.classify.recheck_s:g} s",
        f"overlay {'on' if stream.overlay else 'off'}",
        f"blur {stream.blur}",
        _recording(stream.recording),
        _preview(stream.preview),
    ]
    if stream.url.reveal().lower().startswith("rtsp"):
        facts.insert(0, stream.transport)
    if stream.paused:
        facts.insert(0, "paused")
    return ", ".join(facts)


def _cadence(every_frames: int | None) -> str:
    if every_frames is None:
        return "frames as they can be looked at"
    return "every frame" if every_frames == 1 else f"each {every_frames} frames"


def _recording(recording: Recording) -> str:
    if not recording.enabled:
        return "no recording"
    limits = f"kept {recording.keep_age_days:g} days and {recording.keep_total_size_gb:g} GB"
    return f"recorded to {recording.folder} in segments of {recording.segment_length_s:g} s, {limits}"


def _preview(preview: Preview) -> str:
    if not preview.enabled:
        return "no preview"
    return f"preview {preview.frames_per_s:g} a second, {preview.width_px} px wide"


def _counted(count: int, noun: str, plural: str | None = None) -> str:
    return f"{count} {noun if count == 1 else plural or noun + 's'}"
