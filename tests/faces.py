"""Made-up faces: squares whose colour is their class, in the layout of `faces.zip` and as a folder per class."""

import csv
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from pipeline.types import UInt8Array

COLOURS = {"masked": (40, 60, 200), "incorrect": (60, 200, 60), "unmasked": (210, 120, 90)}
"""The RGB colour of each class."""

PICTURE_PX = 48
FACE_BOX = (8, 6, 40, 42)
HEADER = ("file", "split", "label", "source", "real", "group", "x1", "y1", "x2", "y2", "note")


def face_picture(label: str, seed: int) -> UInt8Array:
    """Return a (48, 48, 3) uint8 RGB picture: grey noise with a square in the colour of the class."""
    rng = np.random.default_rng(seed)
    picture = rng.integers(90, 140, (PICTURE_PX, PICTURE_PX, 3))
    x1, y1, x2, y2 = FACE_BOX
    picture[y1:y2, x1:x2] = np.array(COLOURS[label]) + rng.integers(-30, 31, (y2 - y1, x2 - x1, 3))
    return np.asarray(picture.clip(0, 255), np.uint8)


def encoded(picture: UInt8Array) -> bytes:
    """Return an (H, W, 3) uint8 RGB picture as PNG."""
    return cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes()


def face_zip(path: Path, counts: Mapping[str, Mapping[str, int]]) -> Path:
    """Write a zip with `counts[split][label]` faces, and return its path."""
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(HEADER)
    with zipfile.ZipFile(path, "w") as archive:
        for split, labels in counts.items():
            for label, count in labels.items():
                for index in range(count):
                    name = f"{split}/{label}-{index}.png"
                    archive.writestr(name, encoded(face_picture(label, seed=index)))
                    rows.writerow((name, split, label, f"source-{index % 2}", 1, name, *FACE_BOX, ""))
        archive.writestr("faces.csv", table.getvalue())
    return path


def class_folders(root: Path, names: Mapping[str, str], count: int = 2) -> Path:
    """Write `count` pictures into each folder of `names` (folder -> class) below `root`, and return `root`."""
    for folder, label in names.items():
        (root / folder).mkdir(parents=True)
        for index in range(count):
            (root / folder / f"{index}.png").write_bytes(encoded(face_picture(label, seed=index)))
    return root
