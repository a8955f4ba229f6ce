"""The streams that were made over REST, over a restart of the service."""

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.rest_stream import rest_stream
from pipeline.config.schema import Config
from pipeline.config.streams import StreamConfig
from pipeline.errors import ConfigError, SinkError
from pipeline.fleet.sealing import BrokenSealError, Seal, new_salt
from pipeline.fleet.state_content import Body
from pipeline.fleet.state_file import StateFile
from tests.full_disk import files_limited_to
from tests.streams import URL, stream

TOKEN = "0123456789abcdef"
OTHER_TOKEN = "fedcba9876543210"
SECRET = "hunter22"


def made(body: Body, host: str = "192.0.2.0/24", defaults: object = None) -> StreamConfig:
    """Return what REST makes of `body` where `host` is allowed."""
    http = {"token": TOKEN, "rest_url_hosts": (host,)}
    return rest_stream(body, Config.model_validate({"streams": (), "defaults": defaults or {}, "http": http}))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


def reopened(path: Path, token: str | None = TOKEN) -> tuple[StateFile, tuple[StreamConfig, ...]]:
    state = StateFile(path, token)
    return state, state.load(made)


def saved(path: Path, *streams: StreamConfig) -> None:
    StateFile(path, TOKEN).save(streams)


def content(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def ids(path: Path) -> list[str]:
    return [entry["id"] for entry in content(path)["streams"]]


def test_streams_come_back_as_they_were(path: Path) -> None:
    said = {
        "labels": {"line": "7"},
        "tiles": "2x3",
        "min_score": 0.5,
        "every_frames": 3,
        "preview": {"width_px": 320},
        "paused": True,
    }
    streams = (stream("front", **said), stream("rear", tiles="auto", every_frames="auto", transport="udp"))
    saved(path, *streams)

    assert reopened(path)[1] == streams


def test_what_rest_did_not_say_is_that_of_todays_defaults(path: Path) -> None:
    saved(path, made({"id": "front", "url": URL, "recording": {"enabled": True}}))

    today = {"detector": "short", "recording": {"keep_age_days": 1}}
    (front,) = StateFile(path, TOKEN).load(lambda body: made(body, defaults=today))

    assert (front.detector, front.recording.enabled, front.recording.keep_age_days) == ("short", True, 1)
    assert content(path)["streams"][0].keys() == {"id", "url", "sealed_url", "recording"}


def test_a_stream_that_is_paused_while_it_runs_is_so_after_the_restart(path: Path) -> None:
    saved(path, stream("front").model_copy(update={"paused": True}))
    assert reopened(path)[1][0].paused


def test_the_file_shows_urls_without_credentials_and_to_its_owner_alone(path: Path) -> None:
    path.write_text("{}", encoding="utf-8")
    path.chmod(0o644)
    saved(path, stream("front"))

    assert SECRET not in path.read_text(encoding="utf-8")
    assert "viewer" not in path.read_text(encoding="utf-8")
    assert content(path)["streams"][0]["url"] == "rtsp://***@192.0.2.10:554/live"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["state.json"]


def test_without_a_file_there_are_no_streams_and_none_is_made(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert reopened(path)[1] == ()
    assert not path.exists()
    assert not caplog.records


def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    saved(tmp_path / "new" / "state.json", stream("front"))
    assert reopened(tmp_path / "new" / "state.json")[1] == (stream("front"),)


def test_a_link_to_the_file_stays_one(path: Path, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "elsewhere.json")
    saved(path, stream("front"))
    assert path.is_symlink()
    assert ids(tmp_path / "elsewhere.json") == ["front"]


@pytest.mark.parametrize(
    ("token", "said"), [(OTHER_TOKEN, "http.token is another"), (None, "need http.token, which encrypts")]
)
def test_without_the_token_that_sealed_them_streams_are_held(
    token: str | None, said: str, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    saved(path, stream("front"), stream("rear"))
    before = content(path)

    state, streams = reopened(path, token)
    assert (streams, state.held) == ((), ("front", "rear"))
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    assert f"the stream front of {path} is not started" in caplog.text
    assert said in caplog.text

    state.save(())
    assert content(path) == before
    assert reopened(path)[1] == (stream("front"), stream("rear"))


def test_a_held_stream_gives_way_to_one_of_its_id_and_to_its_removal(path: Path) -> None:
    saved(path, stream("front"), stream("rear"), stream("door"))
    state, _ = reopened(path, OTHER_TOKEN)

    state.save((stream("FRONT"),), forgotten=("door",))

    assert ids(path) == ["FRONT", "rear"]
    assert state.held == ("rear",)
    assert reopened(path, OTHER_TOKEN)[1] == (stream("FRONT"),)


def test_a_stream_that_is_no_longer_allowed_is_held(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    saved(path, stream("front"))
    state = StateFile(path, TOKEN)

    assert state.load(lambda body: made(body, host="198.51.100.7")) == ()
    assert state.held == ("front",)
    assert "the stream front of" in caplog.text
    assert SECRET not in caplog.text


def test_sealed_urls_that_were_swapped_are_not_opened(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    saved(path, stream("front"), stream("rear", url="rtsp://192.0.2.11/live"))
    plain = content(path)
    front, rear = plain["streams"]
    front["sealed_url"], rear["sealed_url"] = rear["sealed_url"], front["sealed_url"]
    path.write_text(json.dumps(plain), encoding="utf-8")

    assert reopened(path)[0].held == ("front", "rear")
    assert "the file was altered" in caplog.text


DAMAGED = [
    b"",
    b"{",
    b"\xff",
    b"[]",
    b"7",
    b"[" * 100_000,
    b'{"version": 1}',
    b'{"version": 2, "streams": []}',
    b'{"version": "1", "salt": "", "streams": []}',
    b'{"version": 1, "salt": "AAAA", "streams": [{"id": "a/b", "url": "x", "sealed_url": "x"}]}',
    b'{"version": 1, "salt": "AAAA", "streams": [{"id": "a", "url": "x"}]}',
    b'{"version": 1, "salt": "AAAA", "streams": [{"id": "a", "url": "x", "sealed_url": "x"}, '
    b'{"id": "A", "url": "x", "sealed_url": "x"}]}',
]


@pytest.mark.parametrize("data", DAMAGED, ids=lambda data: data[:60].decode(errors="replace"))
def test_a_file_of_no_use_is_kept_aside(data: bytes, path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.write_bytes(data)

    state, streams = reopened(path)
    assert streams == ()
    state.save((stream("front"),))

    (aside,) = set(path.parent.iterdir()) - {path}
    assert re.fullmatch(r"state\.json\.damaged-\d{8}T\d{6}Z", aside.name)
    assert aside.read_bytes() == data
    assert ids(path) == ["front"]
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert str(aside) in record.getMessage()


def test_a_file_that_cannot_be_read_is_kept_aside(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.mkdir()
    assert reopened(path)[1] == ()
    assert not path.exists()
    assert "is a directory; it is kept as" in caplog.text


def test_a_file_of_no_use_that_cannot_be_renamed_is_not_written_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / ("x" * 240)  # the longer name is too long for the file system
    path.write_text("{", encoding="utf-8")

    state, _ = reopened(path)
    assert "can't be renamed, to keep what it holds: file name too long; move it away" in caplog.text
    with pytest.raises(SinkError, match="can't be renamed"):
        state.save((stream("front"),))
    assert path.read_text(encoding="utf-8") == "{"

    path.unlink()
    state.save((stream("front"),))
    assert ids(path) == ["front"]


def test_a_full_disk_leaves_the_file_as_it_was(path: Path) -> None:
    saved(path, stream("front"))
    state, streams = reopened(path)

    with (
        files_limited_to(100),
        pytest.raises(SinkError, match=r"state\.json can't be written: file too large; make room"),
    ):
        state.save((*streams, stream("rear")))
    assert ids(path) == ["front"]
    assert [file.name for file in path.parent.iterdir()] == ["state.json"]


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(SinkError, match="can't be written: "):
        saved(tmp_path / "file" / "state.json", stream("front"))


def test_without_a_path_nothing_is_kept() -> None:
    state = StateFile(None, TOKEN)
    assert state.load(made) == ()
    state.save((stream("front"),))
    assert state.held == ()


def test_without_a_token_no_stream_is_kept(path: Path) -> None:
    with pytest.raises(ConfigError, match=r"need http\.token"):
        StateFile(path, None).save((stream("front"),))
    assert not path.exists()


@pytest.fixture(scope="module")
def seal() -> Seal:
    return Seal(TOKEN, new_salt())


@given(st.text(), st.text())
def test_a_seal_opens_what_it_closed(seal: Seal, url: str, name: str) -> None:
    assert seal.open(seal.close(url, name), name) == url


@pytest.mark.parametrize("sealed", ["", "AAAA", "ä", "no base64", "A" * 64])
def test_a_seal_opens_nothing_else(seal: Seal, sealed: str) -> None:
    with pytest.raises(BrokenSealError):
        seal.open(sealed, "front")
