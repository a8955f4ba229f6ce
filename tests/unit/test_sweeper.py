"""Old recordings go, whatever becomes of the camera, and trouble with that is told."""

import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.config.streams import StreamConfig
from pipeline.fleet.sweeper import Sweeper
from tests.config_files import load

PATIENCE_S = 30.0
CAMERAS = """
defaults: {recording: {enabled: true, folder: films, keep_age_days: 1, keep_total_size_gb: 1}}
streams:
  - {id: door, url: 'camera:0'}
  - {id: rear, url: 'camera:1', recording: {enabled: false}}
"""


class Rounds:
    """The streams of a configuration; lets a test wait until they were asked for so many times."""

    def __init__(self, folder: Path) -> None:
        self._streams = load(folder, CAMERAS).streams
        self._asked = threading.Semaphore(0)

    def __call__(self) -> Iterable[StreamConfig]:
        self._asked.release()
        return self._streams

    def wait_for(self, count: int) -> None:
        for _ in range(count):
            assert self._asked.acquire(timeout=PATIENCE_S)


def segment(folder: Path, stream: str, hours_ago: float) -> Path:
    start = datetime.now(UTC) - timedelta(hours=hours_ago)
    path = folder / "films" / stream / f"{stream}_{start:%Y%m%dT%H%M%S}.000Z.mp4"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"video")
    return path


def never(stream: str, sink: str) -> None:
    raise AssertionError(f"{sink} of {stream} was not to fail")


def test_old_recordings_go_without_a_picture_from_the_camera(tmp_path: Path) -> None:
    old, young = segment(tmp_path, "door", 25), segment(tmp_path, "door", 23)
    unrecorded = segment(tmp_path, "rear", 25)
    rounds = Rounds(tmp_path)
    sweeper = Sweeper(rounds, never, every_s=0.001)
    sweeper.start()
    rounds.wait_for(2)
    sweeper.close()
    sweeper.close()
    assert [path.exists() for path in (old, young, unrecorded)] == [False, True, True]


def test_trouble_is_counted_each_time_and_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(path: Path, missing_ok: bool = False) -> None:  # noqa: ARG001  # as Path's
        raise PermissionError(1, "Operation not permitted", str(path))

    segment(tmp_path, "door", 25)
    rounds, failures = Rounds(tmp_path), []
    sweeper = Sweeper(rounds, lambda *told: failures.append(told), every_s=0.001)
    monkeypatch.setattr(Path, "unlink", refuse)
    sweeper.start()
    rounds.wait_for(4)
    sweeper.close()
    assert set(failures) == {("door", "recording")}
    assert len(failures) >= 3
    (told,) = caplog.messages
    assert told.startswith(f"cannot delete old recordings of door in {tmp_path / 'films' / 'door'}: Operation not")


def test_a_sweeper_that_never_began_can_be_closed() -> None:
    Sweeper(tuple, never).close()
