"""Labelled face pictures, read from a zip or folder with `faces.csv`, or with a folder per class."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeAlias

import cv2
import numpy as np

from pipeline.errors import ConfigError, SourceError
from pipeline.types import SCORED_STATES, Box, Float32Array, UInt8Array
from training.frames import as_served

TABLE = "faces.csv"

PICTURE_SUFFIXES = frozenset({".webp", ".jpg", ".jpeg", ".png", ".bmp"})

STATES = tuple(state.value for state in SCORED_STATES)

LABEL_INDEX = {name: index for index, name in enumerate(STATES)}
"""Class index of each label: the order of `SCORED_STATES`."""

WEAK_LABELS = {"covered": "masked", "uncovered": "unmasked"}

CLASS_ALIASES = {
    "masked": "masked",
    "mask": "masked",
    "with_mask": "masked",
    "withmask": "masked",
    "correctly_worn_mask": "masked",
    "incorrect": "incorrect",
    "incorrectly_worn_mask": "incorrect",
    "incorrect_mask": "incorrect",
    "mask_weared_incorrect": "incorrect",
    "unmasked": "unmasked",
    "non_masked": "unmasked",
    "without_mask": "unmasked",
    "withoutmask": "unmasked",
    "no_mask": "unmasked",
}
"""Folder names, in lower case, that stand for a class: ours, the seeds' and those of the 12k set."""

Read: TypeAlias = Callable[[str], bytes]


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFace:
    """One labelled face: an (H, W, 3) uint8 RGB picture, in the colours that serving sees, and the face's box in it.

    `label` is an index into `SCORED_STATES`, or into the classes that were asked for; rows of one `group` come from one
    photograph family. `key_points`, where the detector was asked and saw the face, are (6, 2) float32 pixels: eyes,
    nose, mouth, ears, the person's right one first.
    """

    name: str
    picture: UInt8Array = field(repr=False)
    box: Box
    label: int
    source: str
    group: str
    note: str = ""
    key_points: Float32Array | None = field(default=None, repr=False)

    @property
    def is_tight(self) -> bool:
        """Whether the stored picture is the face alone, without context around it."""
        height, width = self.picture.shape[:2]
        return bool(max(height, width) < self.box.size_px * 1.05)


def load_faces(
    path: Path,
    splits: Sequence[str] | None = None,
    aliases: Mapping[str, str] | None = None,
    classes: Sequence[str] = STATES,
) -> list[LabelledFace]:
    """Read the faces under `path`: a zip or folder with a `faces.csv`, or with a folder per class.

    `splits` limits them to those splits: rows of the table that say so, or class folders inside a folder of that
    name. `aliases` adds names of class folders. Faces of other classes than `classes` are left out, and a face's label
    is its place there. Raises SourceError naming what is missing.
    """
    known = known_aliases(aliases or {})
    wanted = Wanted(None if splits is None else frozenset(splits), known, {name: i for i, name in enumerate(classes)})
    if path.is_file() and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            faces = list(_faces(archive.namelist(), archive.read, wanted))
    elif path.is_dir():
        names = sorted(file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file())
        faces = list(_faces(names, lambda name: (path / name).read_bytes(), wanted))
    else:
        raise SourceError(f"{path} is neither a folder nor a zip of faces")
    if not faces:
        raise SourceError(_nothing_found(path, splits, known))
    return faces


def _nothing_found(path: Path, splits: Sequence[str] | None, aliases: Mapping[str, str]) -> str:
    if splits is None:
        classes = ", ".join(sorted(set(aliases.values())))
        return f"{path} holds no labelled face: it needs a {TABLE}, or a folder per class: {classes}"
    wanted = ", ".join(splits)
    return f"{path} holds no labelled face of split {wanted}: name another split, or leave it out to take all faces"


def known_aliases(aliases: Mapping[str, str]) -> dict[str, str]:
    """Return `CLASS_ALIASES` with `aliases` added, by normalised name; raise ConfigError for an unknown class."""
    for name, label in aliases.items():
        if label not in LABEL_INDEX:
            raise ConfigError(f"class_aliases: {name} stands for one of {', '.join(LABEL_INDEX)}, got {label}")
    return {**CLASS_ALIASES, **{_normalised(name): label for name, label in aliases.items()}}


def decode_picture(data: bytes, name: str) -> UInt8Array:
    """Return the (H, W, 3) uint8 RGB picture in `data`; raise SourceError where there is none."""
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if bgr is None:
        raise SourceError(f"{name} is not a picture that can be read")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which faces to read: the splits (None is all), what folder names mean, the index of each class."""

    splits: frozenset[str] | None
    aliases: Mapping[str, str]
    index: Mapping[str, int]


def _faces(names: Sequence[str], read: Read, wanted: Wanted) -> Iterator[LabelledFace]:
    return _from_table(read, wanted) if TABLE in names else _from_class_folders(names, read, wanted)


def _from_table(read: Read, wanted: Wanted) -> Iterator[LabelledFace]:
    rows = csv.DictReader(io.StringIO(read(TABLE).decode("utf-8")))
    missing = {"file", "split", "label"} - set(rows.fieldnames or ())
    if missing:
        raise SourceError(f"{TABLE} lacks the column {', '.join(sorted(missing))}")
    for row in rows:
        label = wanted.index.get(WEAK_LABELS.get(row["label"], row["label"]))
        if label is not None and (wanted.splits is None or row["split"] in wanted.splits):
            yield _face_of_row(row, label, read)


def _face_of_row(row: Mapping[str, str], label: int, read: Read) -> LabelledFace:
    try:
        picture = as_served(decode_picture(read(row["file"]), row["file"]))
        box = Box(*(float(row[key]) for key in ("x1", "y1", "x2", "y2"))) if row.get("x1") else whole(picture)
    except (KeyError, OSError, TypeError, ValueError) as error:
        raise SourceError(f"{TABLE}: the row of {row['file']} cannot be used: {error}") from error
    return LabelledFace(
        name=row["file"],
        picture=picture,
        box=box,
        label=label,
        source=row.get("source") or "",
        group=row.get("group") or row["file"],
        note=row.get("note") or "",
    )


def _from_class_folders(names: Sequence[str], read: Read, wanted: Wanted) -> Iterator[LabelledFace]:
    splits = None if wanted.splits is None else {split.lower() for split in wanted.splits}
    for name in names:
        path = PurePosixPath(name)
        label = wanted.index.get(wanted.aliases.get(_normalised(path.parent.name), ""))
        folders_above = {part.lower() for part in path.parent.parts[:-1]}
        in_split = splits is None or splits & folders_above
        if label is not None and in_split and path.suffix.lower() in PICTURE_SUFFIXES:
            picture = as_served(decode_picture(read(name), name))
            yield LabelledFace(name, picture, whole(picture), label, source=str(path.parent), group=name)


def whole(picture: UInt8Array) -> Box:
    """Return the box of a face that fills an (H, W, 3) picture."""
    height, width = picture.shape[:2]
    return Box(0, 0, width, height)


def _normalised(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")
