"""What a body over REST may make, and what is said where it may not."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.config.rest_stream import RefusedStreamError, rest_stream
from pipeline.config.rest_url import why_not_allowed
from pipeline.config.schema import Config
from pipeline.config.streams import StreamConfig

URL = "rtsp://viewer:hunter2@10.0.7.2/live"
HOSTS = ["10.0.7.0/24", "192.0.2.9", "Cam.example", "*.bus.example", "fd00:7::/32", "*.9"]
DEFAULTS = {"every_frames": 3, "recording": {"folder": "/var/recordings", "keep_age_days": 2}}


def config(http: Mapping[str, object] | None = None, **rest: object) -> Config:
    return Config.model_validate(
        {"streams": [], "defaults": DEFAULTS, "http": {"rest_url_hosts": HOSTS, **(http or {})}, **rest}
    )


def refusal(body: Mapping[str, object], stream_id: str | None = None, within: Config | None = None) -> dict[str, str]:
    """Return what is said of each key of a body that is refused."""
    with pytest.raises(RefusedStreamError) as caught:
        rest_stream(body, within or config(), stream_id)
    assert all(key in str(caught.value) and message in str(caught.value) for key, message in caught.value.mistakes)
    return dict(caught.value.mistakes)


def test_a_body_is_complete_with_the_defaults() -> None:
    body = {"id": "door", "url": URL, "tiles": "2x2", "labels": {"line": "7"}, "recording": {"enabled": True}}
    stream = rest_stream(json.loads(json.dumps(body)), config())
    assert (stream.url.reveal(), stream.tiles, stream.labels) == (URL, (2, 2), {"line": "7"})
    assert stream.every_frames == 3
    assert (stream.recording.enabled, stream.recording.folder) == (True, Path("/var/recordings"))
    assert stream.recording.keep_age_days == 2


def test_it_is_what_the_file_would_make_of_it() -> None:
    body = {"id": "door", "url": URL, "min_score": 1, "preview": {"frames_per_s": 2}}
    (of_the_file,) = config(streams=[body]).streams
    assert rest_stream(body, config()) == of_the_file


@pytest.mark.parametrize(
    "body", [{}, {"tiles": "2x2", "every_frames": "auto", "recording": {"enabled": True}}, {"labels": {"line": "7"}}]
)
def test_what_a_stream_says_itself_makes_it_again(body: dict[str, object]) -> None:
    stream = rest_stream({"id": "door", "url": URL, **body}, config())
    said = stream.model_dump(mode="json", exclude_unset=True)
    assert said == {"id": "door", "url": "rtsp://***@10.0.7.2/live", **body}
    assert rest_stream({**said, "url": URL}, config()) == stream


@pytest.mark.parametrize("body", [{"url": URL}, {"url": URL, "id": "door"}])
def test_the_address_gives_the_id(body: dict[str, object]) -> None:
    assert rest_stream(body, config(), "door").id == "door"


@pytest.mark.parametrize("other", ["gate", None, 7, ["door"]])
def test_another_id_than_the_address_is_refused(other: object) -> None:
    assert "id" in refusal({"url": URL, "id": other}, "door")


@pytest.mark.parametrize(
    ("change", "key", "said"),
    [
        ({"colour": "hunter2"}, "colour", "there is no key colour here"),
        ({"every_frame": 2}, "every_frame", "did you mean every_frames?"),
        ({"hunter 2": 2}, "***", "there is no key *** here"),
        ({"preview": {"fps": 2}}, "preview.fps", "there is no key fps here"),
        ({"overlay": 1}, "overlay", "takes true or false"),
        ({"overlay": "yes"}, "overlay", "takes true or false"),
        ({"min_score": "0.5"}, "min_score", "takes a number"),
        ({"min_score": float("nan")}, "min_score", "takes a finite number"),
        ({"recording": "on"}, "recording", "takes a section of keys"),
        ({"recording": {"keep_age_days": 0}}, "recording.keep_age_days", "takes a number greater than 0"),
        ({"labels": {"line": 7}}, "labels.line", "takes a text"),
        ({"labels": {"Line": "7"}}, "labels.Line", "as a label's name"),
        ({"tiles": [2, 2]}, "tiles", "takes"),
        ({"detector": "hunter2"}, "detector", "takes one of short, full, haar, yunet"),
        ({"detector": "yunet"}, "detector", "needs detector_model in the defaults"),
        ({"detector_model": "/etc/hunter2"}, "detector_model", "REST gives no paths"),
        ({"detector_model": None}, "detector_model", "REST gives no paths"),
        ({"recording": {"folder": "/etc/hunter2"}}, "recording.folder", "REST gives no paths"),
        ({"url": "rtsp://u:${PASSWORD}@10.0.7.2/"}, "url", "${NAME} is for the configuration file alone"),
        ({"labels": {"line": "${LINE}"}}, "labels.line", "${NAME} is for the configuration file alone"),
        ({"labels": {"line": "\ud800"}}, "labels.line", "printable"),
        ({"url": 7}, "url", "a URL is a text"),
        ({"url": "camera:0"}, "url", "begins with one of rtsp://, rtsps://"),
        ({"url": "/dev/video0"}, "url", "begins with one of rtsp://, rtsps://"),
        ({"url": "hunter2.mp4"}, "url", "begins with one of rtsp://, rtsps://"),
        ({"url": "http://10.0.7.2/live"}, "url", "begins with one of rtsp://, rtsps://"),
        ({"url": "rtsp://u:hunter2@10.0.8.2/live"}, "url", "none of those that http.rest_url_hosts"),
        ({"url": "file:///etc/hunter2"}, "url", "takes one of rtsp://"),
    ],
)
def test_what_is_wrong_is_said_without_what_was_sent(change: dict[str, object], key: str, said: str) -> None:
    mistakes = refusal({"id": "door", "url": URL, **change})
    assert list(mistakes) == [key]
    assert said in mistakes[key]
    assert "hunter2" not in mistakes[key]


def test_all_mistakes_are_told_at_once() -> None:
    assert list(refusal({"colour": 1, "overlay": 1})) == ["overlay", "id", "url", "colour"]


def test_yunet_takes_the_model_of_the_defaults() -> None:
    within = config(defaults={"detector_model": "/models/yunet.onnx"})
    stream = rest_stream({"id": "door", "url": URL, "detector": "yunet"}, within)
    assert stream.detector_model == Path("/models/yunet.onnx")
    assert rest_stream({"id": "door", "url": URL}, within).detector_model is None


def test_without_hosts_rest_makes_no_streams() -> None:
    assert (
        "REST makes no streams here" in refusal({"id": "a", "url": URL}, within=config({"rest_url_hosts": []}))["url"]
    )


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://10.0.7.255:8554/live?channel=1",
        "RTSPS://viewer@192.0.2.9",
        "rtsp://CAM.example/",
        "rtsp://u:p%40ss@cam.EXAMPLE:554/a@b",
        "rtsp://a.bus.example/",
        "rtsp://a.b.bus.example/",
        "rtsp://[fd00:7::1]:8554/live",
        "rtsp://[::ffff:10.0.7.1]/",
        "rtsp://[::ffff:a00:701]/",
    ],
)
def test_hosts_that_are_listed_are_allowed(url: str) -> None:
    assert why_not_allowed(url, config().http) is None
    assert isinstance(rest_stream({"id": "door", "url": url}, config()), StreamConfig)


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://10.0.8.1/",
        "rtsp://cam.example@10.0.8.1/",
        "rtsp://cam.example:554@10.0.8.1/",
        "rtsp://10.0.8.1#@cam.example/",
        "rtsp://10.0.8.1?@cam.example/",
        "rtsp://10.0.8.1/@cam.example/",
        "rtsp://10.0.8.1\\@cam.example/",
        "rtsp://cam.example\\@10.0.8.1/",
        "rtsp://u@cam.example@10.0.7.1/",
        "rtsp://cam.example./",
        "rtsp://.cam.example/",
        "rtsp://cam..example/",
        "rtsp://bus.example/",
        "rtsp://evilbus.example/",
        "rtsp://-.bus.example/",
        "rtsp://a_b.bus.example/",
        "rtsp://%63am.example/",
        "rtsp://cam.example%2eevil/",
        "rtsp://cam.example%00.evil/",
        "rtsp://0x0a000701/",
        "rtsp://0x0a.0.7.1/",
        "rtsp://167773953/",
        "rtsp://10.1793/",
        "rtsp://10.0.1793/",
        "rtsp://012.0.7.1/",
        "rtsp://10.0.7.01/",
        "rtsp://127.0.0.1/",
        "rtsp://127.9/",
        "rtsp://0x7f.9/",
        "rtsp://10.0.7.1.9/",
        "rtsp://[::ffff:10.0.8.1]/",
        "rtsp://[::10.0.7.1]/",
        "rtsp://[64:ff9b::10.0.7.1]/",
        "rtsp://[fd00:7::1%25eth0]/",
        "rtsp://[10.0.7.1]/",
        "rtsp://[cam.example]/",
        "rtsp://fd00:7::1/",
        "rtsp://\N{KELVIN SIGN}am.bus.example/",
        "rtsp://a.bu\N{LATIN SMALL LETTER LONG S}.example/",
        "rtsp:// cam.example/",
        "rtsp://cam.example /",
        "rtsp://cam.example\n/",
        "rtsp:///cam.example/",
        "rtsp:cam.example/",
        "rtsp:/cam.example/",
        "//cam.example/",
        "rtsp://",
        "",
        "http://cam.example/",
        "subfile,,start,0,end,0,,:rtsp://cam.example/",
        "concat:rtsp://cam.example/",
    ],
)
def test_every_other_host_is_refused(url: str) -> None:
    assert why_not_allowed(url, config().http) is not None
    assert "url" in refusal({"id": "door", "url": url})


def test_other_schemes_are_allowed_where_the_configuration_says_so() -> None:
    within = config({"rest_url_schemes": ["https"]})
    assert rest_stream({"id": "door", "url": "https://cam.example/live"}, within).id == "door"
    assert "begins with one of https://" in refusal({"id": "door", "url": URL}, within=within)["url"]
