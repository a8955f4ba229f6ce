"""Labelled face pictures, read from a zip with `faces.csv` or from a folder per class."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from pipeline.errors import SourceError
from pipeline.types import SCORED_STATES, Box, UInt8Array

PICTURE_SUFFIXES = frozenset({".webp", ".jpg", ".jpeg", ".png", ".bmp"})

LABEL_INDEX = {state.value: index for index, state in enumerate(SCORED_STATES)}
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


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFace:
    """One labelled face: an (H, W, 3) uint8 RGB picture and the face's box in it.

    `label` is an index into `SCORED_STATES`; rows of one `group` come from one photograph family.
    """

    name: str
    picture: UInt8Array = field(repr=False)
    box: Box
    label: int
    source: str
    group: str
    note: str = ""

    @property
    def is_tight(self) -> bool:
        """Whether the stored picture is the face alone, without context around it."""
        height, width = self.picture.shape[:2]
        return max(height, width) < self.box.size_px * 1.05


def decode_picture(data: bytes, name: str) -> UInt8Array:
    """Return the (H, W, 3) uint8 RGB picture in `data`; raise SourceError where there is none."""
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if bgr is None:
        raise SourceError(f"{name} is not a picture that can be read")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def label_of(name: str, aliases: dict[str, str]) -> str | None:
    """Return the class that a folder or label name stands for, or None."""
    key = name.strip().lower().replace(" ", "_").replace("-", "_")
    return aliases.get(key)


def load_faces(
    path: Path, splits: Sequence[str] | None = None, aliases: dict[str, str] | None = None
) -> list[LabelledFace]:
    """Read the faces under `path`, a zip or folder with `faces.csv` or a folder per class.

    `splits` limits a `faces.csv` to those splits. Raises SourceError naming what is missing.
    """
    known = {**CLASS_ALIASES, **{k.lower(): v for k, v in (aliases or {}).items()}}
    if path.is_file() and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if "faces.csv" not in archive.namelist():
                raise SourceError(f"{path} holds no faces.csv; give a zip of the project's layout or a folder per class")
            faces = list(_from_table(archive.read, splits))
    elif (path / "faces.csv").is_file():
        faces = list(_from_table(lambda name: (path / name).read_bytes(), splits))
    elif path.is_dir():
        faces = list(_from_folders(path, known))
    else:
        raise SourceError(f"{path} is neither a folder nor a zip of faces")
    if not faces:
        wanted = f" in split {', '.join(splits)}" if splits else ""
        raise SourceError(f"{path} holds no labelled face{wanted}; class folders are {', '.join(sorted(set(known.values())))}")
    return faces


def _from_table(read: Callable[[str], bytes], splits: Sequence[str] | None) -> Iterable[LabelledFace]:
    rows = csv.DictReader(io.StringIO(read("faces.csv").decode("utf-8")))
    for row in rows:
        label = WEAK_LABELS.get(row["label"], row["label"])
        if (splits is not None and row["split"] not in splits) or label not in LABEL_INDEX:
            continue
        yield LabelledFace(
            name=row["file"],
            picture=decode_picture(read(row["file"]), row["file"]),
            box=Box(*(float(row[key]) for key in ("x1", "y1", "x2", "y2"))),
            label=LABEL_INDEX[label],
            source=row["source"],
            group=row["group"],
            note=row["note"] or "",
        )


def _from_folders(root: Path, aliases: dict[str, str]) -> Iterable[LabelledFace]:
    for folder in sorted(path for path in root.rglob("*") if path.is_dir()):
        label = label_of(folder.name, aliases)
        if label is None:
            continue
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() in PICTURE_SUFFIXES:
                yield whole_picture_face(path, LABEL_INDEX[label], source=str(folder.relative_to(root)))


def whole_picture_face(path: Path, label: int, source: str) -> LabelledFace:
    """Return the face that fills the whole picture at `path`."""
    picture = decode_picture(path.read_bytes(), str(path))
    height, width = picture.shape[:2]
    return LabelledFace(str(path), picture, Box(0, 0, width, height), label, source, str(path))
