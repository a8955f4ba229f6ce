"""Turns the INPUT arguments of a command into inputs, each with an output folder of its own."""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from glob import glob, has_magic
from pathlib import Path
from typing import TypeAlias

from pipeline.errors import SourceError
from pipeline.redact import redact

_CONTAINERS = {".mp4", ".m4v", ".mov", ".3gp", ".mkv", ".webm", ".avi", ".flv", ".wmv", ".ogv", ".gif"}
_STREAMS = {".ts", ".mts", ".m2ts", ".mpg", ".mpeg", ".h264", ".h265", ".hevc", ".mjpeg"}
VIDEO_SUFFIXES = frozenset(_CONTAINERS | _STREAMS)
PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})

_LIVE = re.compile(r"camera:\d+|/dev/video\d+|[a-z][a-z0-9+.-]*://.+", re.IGNORECASE | re.DOTALL)


class InputKind(Enum):
    """How an input is read: a video file, independent pictures, or a camera or network stream."""

    RECORDING = "recording"
    PICTURES = "pictures"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Input:
    """One thing to process. `location` opens it and may hold credentials, so only `name` is printed.

    `stem` names the output folder and is unique among the inputs of a call. `pictures` are the files of a picture
    input, in order; `location` is then the folder, or the file where there is one.
    """

    kind: InputKind
    location: str = field(repr=False)
    name: str
    stem: str
    pictures: tuple[Path, ...] = ()


_Key: TypeAlias = tuple[InputKind, str]
"""What belongs together: the pictures of one folder, or one file or stream."""


@dataclass(frozen=True, slots=True)
class ExpandedInputs:
    """The inputs in the order of the arguments, and what was wrong with the arguments that gave none."""

    inputs: tuple[Input, ...]
    errors: tuple[SourceError, ...]


def expand_inputs(arguments: Sequence[str]) -> ExpandedInputs:
    """Return the inputs that files, glob patterns, folders, cameras and URLs stand for, each once.

    A folder gives the media files directly in it: each video is an input, its pictures together are one. Pictures
    given one by one are grouped by folder too. An argument that gives nothing is an error beside the others' inputs.
    """
    groups: dict[_Key, dict[str, str]] = {}
    errors: list[SourceError] = []
    for argument in arguments:
        try:
            for location in _locations_of(argument):
                groups.setdefault(_key(location), {}).setdefault(_identity(location), location)
        except SourceError as error:
            errors.append(error)
        except OSError as error:
            errors.append(SourceError(f"{redact(argument)} can't be read: {(error.strerror or str(error)).lower()}"))
    inputs = [_input(kind, list(members.values())) for (kind, _), members in groups.items()]
    return ExpandedInputs(tuple(_with_unique_stems(inputs)), tuple(errors))


def is_live(location: str) -> bool:
    """Tell whether `location` is a camera or a URL rather than a path."""
    return _LIVE.fullmatch(location) is not None


def _locations_of(argument: str) -> list[str]:
    path = Path(argument)
    if is_live(argument) or path.is_file():
        return [argument]
    if path.is_dir():
        return _media_in(path)
    if has_magic(argument):
        return _matches(argument)
    raise SourceError(f"{redact(argument)} does not exist; check the path")


def _media_in(folder: Path) -> list[str]:
    try:
        entries = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise SourceError(f"{folder} can't be read: {(error.strerror or str(error)).lower()}") from None
    media = [str(path) for path in entries if _is_media(path)]
    if not media:
        raise SourceError(
            f"{folder} holds no video and no picture; '{folder}/**' takes in the folders below it as well"
        )
    return media


def _matches(pattern: str) -> list[str]:
    found = glob(pattern, recursive=True)  # noqa: PTH207  # Path.glob refuses absolute patterns
    files = sorted(path for path in map(Path, found) if path.is_file())
    if not files:
        raise SourceError(f"no file matches {redact(pattern)}; check the pattern")
    # A pattern such as "archive/**" is not meant to bring in notes and checksums; "*.dat" is meant as it stands.
    return [str(path) for path in files if _is_media(path)] or [str(path) for path in files]


def _is_media(path: Path) -> bool:
    return not path.name.startswith(".") and path.suffix.lower() in VIDEO_SUFFIXES | PICTURE_SUFFIXES


def _kind(location: str) -> InputKind:
    if is_live(location):
        return InputKind.LIVE
    return InputKind.PICTURES if Path(location).suffix.lower() in PICTURE_SUFFIXES else InputKind.RECORDING


def _identity(location: str) -> str:
    return location if is_live(location) else str(Path(location).resolve())


def _key(location: str) -> _Key:
    kind, identity = _kind(location), _identity(location)
    return kind, str(Path(identity).parent) if kind is InputKind.PICTURES else identity


def _input(kind: InputKind, members: list[str]) -> Input:
    first = members[0]
    if kind is InputKind.LIVE:
        return Input(kind, first, redact(first), _live_stem(first))
    if kind is InputKind.RECORDING:
        return Input(kind, first, first, _folder_name(Path(first).stem))
    pictures = tuple(sorted((Path(member) for member in members), key=_reading_order))
    if len(pictures) == 1:
        return Input(kind, first, first, _folder_name(pictures[0].stem), pictures)
    folder = pictures[0].parent
    return Input(kind, str(folder), str(folder), _folder_name(folder.resolve().name), pictures)


def _reading_order(path: Path) -> list[tuple[int, str]]:
    """Return a key that sorts `frame_2` before `frame_10`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path.name)]


def _live_stem(location: str) -> str:
    safe = redact(location).rpartition("@")[2].rpartition("://")[2].partition("?")[0]
    return _folder_name(re.sub(r"[^A-Za-z0-9._]+", "-", safe).strip("-"))


def _folder_name(stem: str) -> str:
    """Return `stem`, or "input" where it would name no folder of its own ("..mp4" has the stem ".")."""
    return stem if stem.strip(". ") else "input"


def _with_unique_stems(inputs: Iterable[Input]) -> Iterator[Input]:
    """Append -2, -3, ... to stems that were used before; upper and lower case count as one, as on some file systems."""
    used: set[str] = set()
    for item in inputs:
        stem = next(stem for stem in _candidates(item.stem) if stem.casefold() not in used)
        used.add(stem.casefold())
        yield replace(item, stem=stem)


def _candidates(stem: str) -> Iterator[str]:
    yield stem
    yield from (f"{stem}-{number}" for number in itertools.count(2))
