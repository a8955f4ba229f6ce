"""The schema of the operator's file: what it means, and what it says about mistakes."""

import pickle
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, SecretStr

from pipeline.alerts.rules import CameraDown, ComplianceBelow, NoFaces
from pipeline.app import DetectionOptions
from pipeline.cli import DETECTORS, DEVICES
from pipeline.config.alerts import CameraDownRule, ComplianceRule, MqttChannel, NoFacesRule, WebhookChannel
from pipeline.config.schema import Config, Device, editor_schema
from pipeline.config.secrecy import SECRET_KEYS
from pipeline.config.secret_url import SecretUrl
from pipeline.config.sections import sections_in
from pipeline.config.streams import Detector, StreamSettings
from pipeline.errors import ExitCode
from pipeline.inference.detectors import DetectorName
from pipeline.sinks.mqtt import Broker
from pipeline.vision.pick import PickSettings
from tests.config_files import STREAMS, load, mistakes, refusal

BUS = """
defaults:
  detector: short
  every_frames: 3
  recording: {folder: clips, keep_age_days: 2}
streams:
  - id: bus112-front
    url: rtsp://viewer:pa55@192.0.2.10:554/live
    labels: {line: 07, vehicle: no}
    tiles: 2X3
    recording: {enabled: on}
  - {id: depot, url: loop.mp4, detector: full, every_frames: 1}
"""


def sections(root: type[BaseModel]) -> set[type[BaseModel]]:
    below = {section for field in root.model_fields.values() for section in sections_in(field.annotation)}
    return {root}.union(*(sections(section) for section in below))


def test_a_stream_takes_the_defaults_that_it_does_not_set_itself(tmp_path: Path) -> None:
    bus, depot = load(tmp_path, BUS).streams

    assert (bus.detector, bus.every_frames, bus.tiles) == ("short", 3, (2, 3))
    assert (depot.detector, depot.every_frames, depot.tiles) == ("full", 1, None)
    assert (bus.recording.enabled, bus.recording.keep_age_days, bus.recording.segment_length_s) == (True, 2, 600)
    assert (depot.recording.enabled, depot.recording.keep_age_days) == (False, 2)


def test_the_defaults_leave_no_mark_on_what_a_stream_says_itself(tmp_path: Path) -> None:
    bus, depot = load(tmp_path, BUS).streams

    assert bus.model_fields_set == {"id", "url", "labels", "tiles", "recording"}
    assert bus.recording.model_fields_set == {"enabled"}
    assert depot.model_dump(exclude_unset=True).keys() == {"id", "url", "detector", "every_frames"}
    assert bus.model_dump(mode="json", exclude_unset=True)["tiles"] == "2x3"


def test_a_stream_can_be_paused_by_its_file(tmp_path: Path) -> None:
    text = "streams: [{id: a, url: 'camera:0', paused: true}, {id: b, url: 'camera:1'}]"
    assert [stream.paused for stream in load(tmp_path, text).streams] == [True, False]
    assert mistakes(tmp_path, STREAMS + "defaults: {paused: true}").keys() == {(2, "defaults.paused")}


def test_without_a_state_file(tmp_path: Path) -> None:
    assert load(tmp_path, STREAMS + "state_file: null\n").state_file is None


def test_values_are_what_they_look_like(tmp_path: Path) -> None:
    bus, _ = load(tmp_path, BUS).streams
    assert bus.labels == {"line": "07", "vehicle": "no"}


def test_relative_paths_begin_at_the_folder_of_the_file(tmp_path: Path) -> None:
    config = load(tmp_path, BUS + "model: ../nets/model.onnx\n")
    bus, depot = config.streams

    assert bus.recording.folder == depot.recording.folder == tmp_path / "clips"
    assert depot.url.reveal() == str(tmp_path / "loop.mp4")
    assert config.model == tmp_path / "../nets/model.onnx"
    assert config.state_file == tmp_path / "state.json"
    assert load(tmp_path, STREAMS).streams[0].recording.folder == tmp_path / "recordings"


def test_the_defaults_are_those_of_the_other_commands() -> None:
    settings, options = StreamSettings(), DetectionOptions()

    assert settings.detector == options.detector
    assert settings.detector_model == options.model
    assert settings.min_score == options.min_score
    assert settings.tiles == options.tiles
    assert settings.every_frames == options.every_frames
    assert PickSettings(**settings.classify.model_dump()) == PickSettings()
    assert get_args(Detector) == get_args(DetectorName) == DETECTORS
    assert get_args(Device) == DEVICES


@pytest.mark.parametrize(
    ("section", "ours"),
    [(ComplianceRule, ComplianceBelow), (CameraDownRule, CameraDown), (NoFacesRule, NoFaces), (MqttChannel, Broker)],
)
def test_the_defaults_of_alerts_are_those_of_what_sends_them(section: type[BaseModel], ours: Any) -> None:
    theirs = {field.name: field.default for field in fields(ours) if field.default is not MISSING}
    assert {name: section.model_fields[name].default for name in theirs} == theirs


def test_a_model_among_the_defaults_is_for_yunet_alone(tmp_path: Path) -> None:
    text = """
defaults: {detector: yunet, detector_model: y.onnx}
streams: [{id: a, url: 'camera:0'}, {id: b, url: 'camera:1', detector: full}]
"""
    first, second = load(tmp_path, text).streams
    assert first.detector_model == tmp_path / "y.onnx"
    assert second.detector_model is None


def test_alerts(tmp_path: Path) -> None:
    alerts = """
alerts:
  rules:
    - {name: low, when: compliance_below, share: 0.8, channels: [ops]}
    - {name: down, when: camera_down, streams: [door]}
  channels:
    - {name: ops, kind: webhook, url: "https://hooks.example/T0/B0/s3cr3t?x=1"}
    - {name: bus, kind: mqtt, host: mqtt.example, password: hunter22}
"""
    config = load(tmp_path, STREAMS + alerts)
    low, down = config.alerts.rules
    ops, bus = config.alerts.channels

    assert isinstance(low, ComplianceRule)
    assert isinstance(down, CameraDownRule)
    assert isinstance(ops, WebhookChannel)
    assert isinstance(bus, MqttChannel)
    assert low.share == 0.8
    assert str(ops.url) == "https://hooks.example/***"
    assert ops.url.reveal().endswith("s3cr3t?x=1")
    assert bus.password is not None
    assert bus.password.get_secret_value() == "hunter22"


def test_a_configuration_crosses_to_another_process_whole(tmp_path: Path) -> None:
    config = load(tmp_path, BUS)
    copy = pickle.loads(pickle.dumps(config))
    assert copy == config
    assert copy.streams[0].url.reveal() == "rtsp://viewer:pa55@192.0.2.10:554/live"


def test_every_secret_of_the_schema_has_a_key_that_is_never_shown() -> None:
    fields = [item for section in sections(Config) for item in section.model_fields.items()]
    secret = {name for name, field in fields if {SecretStr, SecretUrl} & types_in(field.annotation)}
    assert secret == SECRET_KEYS
    assert not {name for name, field in fields if name in SECRET_KEYS} - secret


def types_in(annotation: Any) -> set[Any]:
    return {annotation}.union(*(types_in(part) for part in get_args(annotation)))


def test_every_key_says_what_it_is_for() -> None:
    fields = [(section, name, field) for section in sections(Config) for name, field in section.model_fields.items()]
    assert not [(section, name) for section, name, field in fields if not (field.description or "").endswith(".")]


def test_the_schema_for_editors_refuses_unknown_keys_and_takes_names() -> None:
    schema = editor_schema()
    assert schema["additionalProperties"] is False
    assert all(part["additionalProperties"] is False for part in schema["$defs"].values())
    (number, name) = schema["$defs"]["HttpConfig"]["properties"]["port"]["anyOf"]
    assert (number["type"], number["maximum"], name["type"]) == ("integer", 65535, "string")


@pytest.mark.parametrize(
    ("url", "is_taken"),
    [
        ("rtsp://192.0.2.1/stream", True),
        ("rtsps://viewer:p@ss@[2001:db8::1]:322/x", True),
        ("http://camera.example/mjpeg?fps=5", True),
        ("HTTPS://camera.example/index.m3u8", True),
        ("camera:0", True),
        ("/dev/video12", True),
        ("/srv/loop.mkv", True),
        ("/srv/lobby 2026-11-22T10:00.mkv", True),
        ("clips/main hall.mp4", True),
        ("rtps://192.0.2.1/stream", False),
        ("file:///srv/loop.mkv", False),
        ("rtsp://", False),
        ("rtsp://viewer:a/b@192.0.2.1/stream", False),
        ("rtsp://192.0.2.1:99999/stream", False),
        ("rtsp://192.0.2.1/a b", False),
        ("192.0.2.1:554/stream", False),
        ("viewer:hunter2@192.0.2.1/live.mp4", False),
        ("//192.0.2.1/live.mp4", False),
        ("camera:front", False),
        ("loop", False),
    ],
)
def test_what_a_stream_can_be_read_from(url: str, is_taken: bool, tmp_path: Path) -> None:
    text = f"streams:\n  - id: door\n    url: '{url}'\n"
    if is_taken:
        assert load(tmp_path, text).streams[0].url.reveal() in (url, str(tmp_path / url))
    else:
        assert mistakes(tmp_path, text).keys() == {(3, "streams[0].url")}


@pytest.mark.parametrize("name", ["a", "A1", "line7-bus_112", "0", "x" * 63])
def test_an_id_that_is_safe_everywhere(name: str, tmp_path: Path) -> None:
    assert load(tmp_path, f"streams: [{{id: {name}, url: 'camera:0'}}]").streams[0].id == name


@pytest.mark.parametrize("name", ["", ".", "a.b", "a/b", "-a", "_a", "a b", "ä", "x" * 64, "a\\n"])
def test_an_id_that_is_not(name: str, tmp_path: Path) -> None:
    assert (1, "streams[0].id") in mistakes(tmp_path, f"streams: [{{id: \"{name}\", url: 'camera:0'}}]")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("device: gpu", "1: device: takes one of auto, cpu, cuda, tensorrt, openvino; got 'gpu'"),
        ("processes: 0", "1: processes: takes a number of at least 1; got '0'"),
        ("processes: two", "1: processes: takes a whole number; got 'two'"),
        ("processes: null", "1: processes: takes a whole number; got 'null'"),
        ("compliance_window_s: .inf", "1: compliance_window_s: takes a number; got '.inf'"),
        ("compliance_window_s: inf", "1: compliance_window_s: takes a finite number; got 'inf'"),
        ("log: {format: xml}", "1: log.format: takes one of text, json; got 'xml'"),
        ("log: {level: error}", "1: log.level: takes one of debug, info, warning; got 'error'"),
        ("compliance_window_s: -1", "1: compliance_window_s: takes a number greater than 0; got '-1'"),
        (
            "compliance_windows_s: 9",
            "1: compliance_windows_s: there is no key compliance_windows_s here; did you ",
        ),
        ("http: 8080", "1: http: takes a section of keys; got a text"),
        ("http: {port: [80]}", "1: http.port: takes a whole number; got a list"),
        ("http: {bind_address: 0.0.0.0}", "1: http: token is needed where bind_address is not this machine's own"),
        ("http: {bind_address: 'http://x'}", "takes a host's name or address, without scheme and port; got 'http:"),
        ("http: {token: short}", "1: http.token: takes at least 16 letters"),
        (
            "http: {rest_url_hosts: ['*']}",
            "1: http.rest_url_hosts[0]: takes a host name, *.DOMAIN, an address",
        ),
        ("http: {rest_url_hosts: [10.0.0.1/8]}", "1: http.rest_url_hosts[0]: takes a host name"),
        ("http: {rest_url_schemes: [file]}", "takes one of rtsp, rtsps, http, https; got 'file'"),
        (
            "defaults: {tiles: 0x2}",
            "1: defaults.tiles: takes COLUMNSxROWS, each from 1 to 8, such as 2x2, or auto",
        ),
        (
            "defaults: {every_frames: often}",
            "1: defaults.every_frames: takes a whole number from 1 to 1000, or auto; got 'often'",
        ),
        ("defaults: {overlay: maybe}", "1: defaults.overlay: takes true or false; got 'maybe'"),
        (
            'defaults: {recording: {folder: "a\\0"}}',
            "recording.folder: takes a path of printable characters",
        ),
        (
            "alerts: {rules: [{name: a, when: never}]}",
            "rules[0].when: takes one of compliance_below, camera_down",
        ),
        (
            "alerts: {rules: [{name: a}]}",
            "rules[0].when: this key is needed: one of compliance_below",
        ),
        ("alerts: {rules: [a]}", "1: alerts.rules[0]: takes a section of keys; got a text"),
        (
            "alerts: {rules: [{name: a, when: camera_down, stream: b}]}",
            "there is no key stream here; did you mean str",
        ),
        (
            "alerts: {rules: [{name: a, when: camera_down, streams: [b]}]}",
            "streams[0]: this file has no such one; there",
        ),
        ("alerts: {rules: [{name: a, when: camera_down, channels: [b]}]}", "no such one; there are none; got 'b'"),
        ("alerts: {channels: [{name: a, kind: webhook, url: 'ftp://h'}]}", "takes an address that begins with http"),
        ("alerts: {channels: [{name: a, kind: mqtt, host: h, topic: a/#}]}", "takes 1 to 1024 bytes of printable"),
    ],
)
def test_a_mistake_is_told_with_its_line_its_key_what_is_allowed_and_what_was_got(
    text: str, said: str, tmp_path: Path
) -> None:
    error = refusal(tmp_path, f"{text}\n{STREAMS}")
    (line,) = str(error).splitlines()
    assert line.startswith(f"{tmp_path / 'cameras.yaml'}:1: ")
    assert said in line


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ("{stream: a}", "takes as a label's name up to 32 small letters, digits and _, and none of instance, job"),
        ("{Line: a}", "; got Line"),
        ("{line: ''}", "takes as a label's value 1 to 64 printable characters without credentials; got ''"),
        ("{line: [7]}", "takes a text; got a list"),
        ("{a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1}", "at most 8 labels"),
    ],
)
def test_labels_that_cannot_stand_on_a_metric(labels: str, said: str, tmp_path: Path) -> None:
    error = refusal(tmp_path, f"streams: [{{id: door, url: 'camera:0', labels: {labels}}}]")
    assert len(error.problems) == 1
    assert said in str(error)


MANY = """\
device: gpu
streams:
  - id: door
    url: rtps://viewer:hunter22@192.0.2.1/
    colour: blue
  - id: Door
    url:
    detector: yunet
    every_frames: 0
  - url: camera:0
    url: camera:1
    detector_model: y.onnx
    labels: {vehicle: '${VEHICLE}'}
http: {port: 99999}
"""


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    error = refusal(tmp_path, MANY)

    assert [(found.line, found.key) for found in error.problems] == [
        (1, "device"),
        (4, "streams[0].url"),
        (5, "streams[0].colour"),
        (6, "streams[1].id"),
        (7, "streams[1].url"),
        (8, "streams[1].detector"),
        (9, "streams[1].every_frames"),
        (10, "streams[2].id"),
        (11, "streams[2].url"),
        (12, "streams[2].detector_model"),
        (13, "streams[2].labels.vehicle"),
        (14, "http.port"),
    ]
    assert str(error).splitlines()[0] == f"{tmp_path / 'cameras.yaml'} has 12 mistakes"
    assert error.exit_code == ExitCode.CONFIG


def test_ids_that_differ_in_case_alone_are_one_id(tmp_path: Path) -> None:
    text = "streams:\n- {id: door, url: 'camera:0'}\n- {id: DOOR, url: 'camera:1'}\n"
    found = mistakes(tmp_path, text)
    assert found == {(3, "streams[1].id"): "streams[0] has this id already; give each its own; got 'DOOR'"}


def test_a_configuration_made_in_the_program_holds_together_too() -> None:
    door = {"id": "door", "url": "camera:0"}
    assert len(Config.model_validate({"streams": [door]}).streams) == 1
    with pytest.raises(ValueError, match="has this id already"):
        Config.model_validate({"streams": [door, door]})
