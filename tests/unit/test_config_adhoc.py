"""Sources that are named on the command line, without a configuration."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from pipeline.config.adhoc import config_of_sources, id_of, is_config_path
from pipeline.config.strict import Name
from pipeline.errors import ConfigError, SourceError


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "main hall 10:30.mp4"
    path.touch()
    return path


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("rtsp://192.0.2.10:554/live/ch1", "192-0-2-10-live-ch1"),
        ("rtsps://viewer:hunter22@cam.example/Main_Gate?token=hunter22#x", "cam-example-Main_Gate"),
        ("rtsp://viewer:hun/ter@22@cam.example/1", "cam-example-1"),
        ("rtsp://192.0.2.1/user=admin_password=hunter22_stream=0.sdp", "192-0-2-1"),
        ("rtsp://[2001:db8::1]:322/live", "2001-db8-1-live"),
        ("http://cam.example", "cam-example"),
        ("http://cam.example/?user=x", "cam-example"),
        ("http://-_", "stream"),
        ("camera:0", "camera-0"),
        ("/dev/video2", "video2"),
        ("clips/main hall.mp4", "main-hall"),
        ("../.mp4", "mp4"),
        ("rtsp://cam.example/" + "x" * 99, "cam-example-" + "x" * 51),
    ],
)
def test_an_id_says_what_a_source_is(source: str, name: str) -> None:
    assert id_of(source) == name


@given(st.text())
def test_an_id_is_valid_whatever_the_source(source: str) -> None:
    TypeAdapter(Name).validate_python(id_of(source))


def test_ids_are_unique_and_valid_even_where_they_are_long() -> None:
    long = "rtsp://192.0.2.1/" + "x" * 99
    streams = config_of_sources(["http://cam/Live", "http://cam/live", "http://cam/live/2", long, long]).streams
    assert [stream.id for stream in streams[:3]] == ["cam-Live", "cam-live-2", "cam-live-2-2"]
    assert streams[4].id == streams[3].id[:61] + "-2"


def test_each_source_is_a_stream_that_can_be_watched_and_nothing_is_kept(clip: Path) -> None:
    sources = ["rtsp://viewer:hunter22@192.0.2.10/live", "camera:1", str(clip)]

    config = config_of_sources(sources)

    assert [stream.url.reveal() for stream in config.streams] == sources
    assert all(stream.overlay and stream.preview.enabled for stream in config.streams)
    assert not any(stream.recording.enabled for stream in config.streams)
    assert config.state_file is None
    assert "hunter22" not in repr(config)


def test_a_file_is_found_from_the_working_folder(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(clip.parent)
    (stream,) = config_of_sources([clip.name]).streams
    assert (stream.id, stream.url.reveal()) == ("main-hall-10-30", str(clip))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("rtps://viewer:hunter22@cam/1", r"a source is one of rtsp://, .*; got rtps://\*\*\*@cam/1"),
        ("viewer:hunter22@cam/1", r"a source is one of .*, camera:N, .* with its suffix; got \*\*\*@cam/1"),
        ("rtsp://viewer:hun/ter22@cam/1", r"a source is SCHEME://USER:PASSWORD@HOST:PORT/PATH; .*; got rtsp://\*\*\*@"),
        ("rtsp://cam/a b", "a source is a URL without spaces"),
        ("camera:front", "camera:N"),
        ("0", "camera:N"),
        ("", "camera:N"),
        ("site/cameras.yaml", "a configuration is run alone, without sources beside it; got site/cameras.yaml"),
    ],
)
def test_what_is_no_source_is_told_with_what_is(source: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as error:
        config_of_sources(["camera:0", source])
    assert "hunter22" not in str(error.value)


@pytest.mark.parametrize("name", ["absent.mp4", "folder.mp4"])
def test_a_file_that_is_missing_is_told_at_once(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(SourceError, match=rf"{name} is no file; check the path"):
        config_of_sources([str(tmp_path / name)])


@pytest.mark.parametrize(
    ("argument", "is_config"),
    [
        ("cameras.yaml", True),
        ("/srv/site.d/Cameras.YML", True),
        ("http://cam/cameras.yaml", False),
        ("lobby.mp4", False),
        ("camera:0", False),
        ("yaml", False),
    ],
)
def test_a_configuration_is_told_from_a_source(argument: str, is_config: bool) -> None:
    assert is_config_path(argument) is is_config
