"""Recipes of `configs/training` made small enough for a test, with faces and a teacher for them."""

from pathlib import Path
from typing import Any

import keras  # type: ignore[import-untyped]  # ships no types
import yaml

from tests.faces import COLOURS, face_zip
from training.config import Recipe, load_recipe

RECIPES = sorted((Path(__file__).parents[1] / "configs" / "training").glob("*.yaml"))
SIZE_PX = 32
"""The least that five halvings leave something of."""


def fit_words(recipe: Path, folder: Path, out: Path) -> list[str]:
    """Return `fit ...` for one epoch of `recipe`, of two steps of two pictures of 32 px; it writes into `folder`."""
    content: dict[str, Any] = yaml.safe_load(recipe.read_text(encoding="utf-8"))
    first = {**content["stages"][0], "size_px": SIZE_PX, "epochs": 1}
    small = folder / recipe.name
    small.write_text(yaml.safe_dump(content | {"batch_size": 2, "images_per_epoch": 4, "stages": [first]}))
    made = load_recipe(small)
    words = ["fit", small, "--weights", "none", "--data", faces_of(made, folder), "--out", out]
    if made.distillation:
        words += ["--teacher", teacher_of(made, folder)]
    return list(map(str, words))


def faces_of(recipe: Recipe, folder: Path) -> Path:
    """Write a zip with two faces of each class in `val` and in each split that the recipe draws from."""
    splits = {"val", *(split for stage in recipe.stages for split in stage.splits)}
    return face_zip(folder / "faces.zip", {split: dict.fromkeys(COLOURS, 2) for split in sorted(splits)})


def teacher_of(recipe: Recipe, folder: Path) -> Path:
    """Write a model of the recipe's classes, with one layer, that knows nothing."""
    pixels = keras.Input((None, None, 3), dtype="uint8")
    mean = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(1 / 255)(pixels))
    path = folder / "teacher.keras"
    keras.Model(pixels, keras.layers.Dense(len(recipe.classes))(mean)).save(path)
    return path
