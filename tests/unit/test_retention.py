"""Which recorded segments are deleted, and what never is."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ConfigError, SinkError
from pipeline.sinks.retention import Retention, RetentionLimits
from pipeline.sinks.segment_folder import SegmentFolder
from tests.results import START_UTC

HOUR_S = 3600.0


def segment(folder: Path, hour: int, stream: str = "cam", suffix: str = "", size_bytes: int = 10) -> Path:
    path = folder / f"{stream}_20260301T{hour:02d}0000.000Z.mp4{suffix}"
    path.write_bytes(b"x" * size_bytes)
    return path


def sweep(folder: Path, **limits: Any) -> list[str]:
    """Return the names that a sweep at 12:30 UTC leaves."""
    now = START_UTC + timedelta(hours=4)
    Retention(SegmentFolder(folder, "cam", lambda: now), RetentionLimits(**limits)).sweep()
    return sorted(path.name for path in folder.iterdir())


def test_segments_beyond_the_age_are_deleted(tmp_path: Path) -> None:
    paths = [segment(tmp_path, hour) for hour in (8, 9, 10, 11)]
    assert sweep(tmp_path, max_age_s=3 * HOUR_S) == [path.name for path in paths[2:]]


def test_the_oldest_segments_make_room_for_the_total(tmp_path: Path) -> None:
    paths = [segment(tmp_path, hour) for hour in (8, 9, 10, 11)]
    assert sweep(tmp_path, max_total_bytes=25) == [path.name for path in paths[2:]]


def test_the_segment_under_way_counts_and_stays(tmp_path: Path) -> None:
    segment(tmp_path, 8)
    under_way = segment(tmp_path, 9, suffix=".partial", size_bytes=100)
    assert sweep(tmp_path, max_total_bytes=50, max_age_s=1.0) == [under_way.name]


def test_without_limits_everything_stays(tmp_path: Path) -> None:
    assert sweep(tmp_path) == []
    paths = [segment(tmp_path, hour) for hour in (1, 2)]
    assert sweep(tmp_path) == [path.name for path in paths]


def test_nothing_else_in_the_folder_is_touched(tmp_path: Path) -> None:
    inside = tmp_path / "recordings"
    inside.mkdir()
    strangers = [
        segment(inside, 1, stream="cam_2"),
        segment(inside, 1, stream="cam_20260301T010000.000Z"),
        segment(inside, 1, suffix=".bak"),
        segment(inside, 31),
        inside / "cam.mp4",
        inside / "notes.txt",
    ]
    for path in strangers[-2:]:
        path.write_text("mine")
    folder = inside / "cam_20260301T020000.000Z.mp4"
    folder.mkdir()
    outside = tmp_path / "outside.mp4"
    outside.write_text("mine")
    link = inside / "cam_20260301T030000.000Z.mp4"
    link.symlink_to(outside)
    assert sweep(inside, max_age_s=1.0, max_total_bytes=1) == sorted(path.name for path in (*strangers, folder, link))
    assert outside.read_text() == "mine"


def test_a_folder_that_is_not_there_yet_has_nothing_to_delete(tmp_path: Path) -> None:
    assert Retention(SegmentFolder(tmp_path / "later", "cam"), RetentionLimits(max_age_s=1.0)).sweep() == ()


def test_what_cannot_be_deleted_is_told_once_the_rest_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck, free = segment(tmp_path, 1), segment(tmp_path, 2)
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path == stuck:
            raise PermissionError(1, "Operation not permitted")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(SinkError, match=r"cannot delete old recordings of cam .*Operation not permitted; allow it"):
        sweep(tmp_path, max_age_s=1.0)
    assert stuck.exists()
    assert not free.exists()


@pytest.mark.parametrize("name", ["max_age_s", "max_total_bytes"])
def test_limits_that_keep_nothing_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} of the recordings is more than 0, or left out, got 0"):
        RetentionLimits(**{name: 0})
