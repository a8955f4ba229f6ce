"""`${NAME}`: from the environment, or from the file that it names."""

from pathlib import Path

import pytest

from pipeline.config.environment import MAX_FILE_BYTES, UnreadableName, expand, names_in, value_of
from pipeline.config.secret_url import SecretUrl
from tests.config_files import STREAMS, load, mistakes

CAMERA = "streams:\n  - id: door\n    url: rtsp://viewer:${DOOR_PASSWORD}@192.0.2.1/live\n"


def test_a_variable_or_the_file_that_it_names(tmp_path: Path) -> None:
    secret = tmp_path / "door_password"
    secret.write_bytes(b"s3cr3t\r\n")

    assert expand("a${NAME}b${NAME}", {"NAME": "x"}) == "axbx"
    assert expand("${NAME}", {"NAME_FILE": str(secret)}) == "s3cr3t"
    stream = load(tmp_path, CAMERA, DOOR_PASSWORD_FILE=str(secret)).streams[0]
    assert stream.url.reveal() == "rtsp://viewer:s3cr3t@192.0.2.1/live"
    assert str(stream.url) == "rtsp://***@192.0.2.1/live"


def test_the_environment_of_the_process_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.config.loading import load_config
    from tests.config_files import write

    monkeypatch.setenv("DOOR_PASSWORD", "s3cr3t")
    assert "s3cr3t" in load_config(write(tmp_path, CAMERA)).streams[0].url.reveal()


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("rtsp://u:${P}@host/x", "rtsp://u:a%2Fb%40c%3A%25@host/x"),
        ("rtsp://${P}:x@host/x", "rtsp://a%2Fb%40c%3A%25:x@host/x"),
        ("http://host/live?token=${P}", "http://host/live?token=a%2Fb%40c%3A%25"),
        ("http://host/${P}/live", "http://host/a/b@c:%/live"),
        ("${P}", "a/b@c:%"),
        ("x${P}", "xa/b@c:%"),
    ],
)
def test_a_password_of_any_characters_fits_into_a_url(written: str, value: str) -> None:
    assert expand(written, {"P": "a/b@c:%"}) == value


@pytest.mark.parametrize(
    ("written", "value"),
    [("$${NAME}", "${NAME}"), ("pa$$w$rd$", "pa$$w$rd$"), ("$1 {x}", "$1 {x}"), ("$NAME", "$NAME")],
)
def test_other_dollar_signs_are_what_they_are(written: str, value: str) -> None:
    assert expand(written, {"NAME": "x"}) == value
    assert names_in(written) == frozenset()


@pytest.mark.parametrize("written", ["${}", "${a b}", "${NAME", "a${1}b", "${NAME:-x}"])
def test_what_begins_like_a_name_and_is_none_is_refused_unseen(written: str) -> None:
    with pytest.raises(UnreadableName, match=r"\$\{ begins a name, as in \$\{CAMERA_PASSWORD\}"):
        expand(written, {"NAME": "x"})


def test_a_value_is_not_expanded_again() -> None:
    assert expand("${A}", {"A": "${B}", "B": "x"}) == "${B}"


def test_what_is_missing_is_named_with_what_to_do(tmp_path: Path) -> None:
    large, empty, binary = tmp_path / "large", tmp_path / "empty", tmp_path / "binary"
    large.write_bytes(b"x" * (MAX_FILE_BYTES + 1))
    empty.write_text("\n", encoding="utf-8")
    binary.write_bytes(b"\xff\xfe")
    cases: list[tuple[dict[str, str], str]] = [
        ({}, "A is not set in the environment; set it, or set A_FILE to the path of a file that holds it"),
        ({"A": ""}, "A is empty in the environment"),
        ({"A": "x", "A_FILE": "y"}, "both A and A_FILE are set in the environment; keep one"),
        ({"A_FILE": str(tmp_path / "no")}, "the file that A_FILE names can't be read: no such file or directory"),
        ({"A_FILE": str(tmp_path)}, "the file that A_FILE names can't be read: is a directory"),
        ({"A_FILE": str(large)}, f"the file that A_FILE names is larger than {MAX_FILE_BYTES} bytes"),
        ({"A_FILE": str(empty)}, "the file that A_FILE names is empty"),
        ({"A_FILE": str(binary)}, "the file that A_FILE names is not UTF-8 text"),
    ]
    for variables, said in cases:
        with pytest.raises(UnreadableName) as error:
            value_of("A", variables)
        assert str(error.value).startswith(said)


def test_a_number_may_come_from_the_environment(tmp_path: Path) -> None:
    text = STREAMS + "http:\n  port: ${PORT}\n"
    assert load(tmp_path, text, PORT="9000").http.port == 9000
    assert mistakes(tmp_path, text, PORT="x9000") == {(3, "http.port"): "takes a whole number; got '${PORT}'"}
    assert list(mistakes(tmp_path, text)) == [(3, "http.port")]


def test_a_secret_is_not_put_where_it_would_be_shown(tmp_path: Path) -> None:
    text = CAMERA + "    labels: {vehicle: '${DOOR_PASSWORD}'}\n"
    said = "${DOOR_PASSWORD} is a secret elsewhere in this file, and would be shown here"
    assert mistakes(tmp_path, text, DOOR_PASSWORD="x") == {(4, "streams[0].labels.vehicle"): said}


def test_the_host_of_a_camera_may_be_a_label_too(tmp_path: Path) -> None:
    text = "streams: [{id: door, url: 'rtsp://${BUS}.example/1', labels: {vehicle: '${BUS}'}}]"
    (stream,) = load(tmp_path, text, BUS="bus112").streams
    assert stream.labels == {"vehicle": "bus112"}
    assert stream.url.reveal() == "rtsp://bus112.example/1"
    assert str(stream.url) == "rtsp://${BUS}.example/1"


def test_a_url_shows_no_secret_and_equals_itself() -> None:
    url = SecretUrl("rtsp://viewer:hunter22@host/live?token=hunter22")
    assert f"{url}" == "rtsp://***@host/live?token=***"
    assert repr(url) == "SecretUrl('rtsp://***@host/live?token=***')"
    assert url == SecretUrl(url.reveal())
    assert hash(url) == hash(SecretUrl(url.reveal()))
    assert url != SecretUrl("rtsp://host/live")
    assert str(SecretUrl("https://host:8443/T0/B0?x=1").without_path()) == "https://host:8443/***"
    assert str(SecretUrl("s3cr3t", "${HOOK}").without_path()) == "***"
