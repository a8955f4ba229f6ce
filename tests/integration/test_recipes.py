"""One epoch of every recipe in `configs/training`, with its own network, on a handful of made-up faces."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
import tensorflow as tf  # type: ignore[import-untyped]  # ships no types

from tests.tiny_recipes import RECIPES, SIZE_PX, fit_words
from training.__main__ import main as training
from training.config import load_recipe
from training.model import load_model

pytestmark = [
    pytest.mark.slow,
    # Keras 3.15 on TensorFlow 2.21 with NumPy 2.4, each time that weights are saved.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Even though the `tf.config.experimental_run_functions_eagerly`:UserWarning"),
]


@pytest.fixture(scope="module", autouse=True)
def untraced() -> Iterator[None]:
    """Compute step by step: to trace DenseNet201's gradients takes 60 to 100 s on two cores, two steps of it 20 s."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_an_epoch_of_the_recipe_runs(recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"

    assert training(fit_words(recipe, tmp_path, out)) == 0

    with (out / "history.csv").open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["epoch"], row["size_px"]) == ("0", str(SIZE_PX))
    assert math.isfinite(float(row["train_loss"]))
    assert load_model(out / "best.keras").output_shape == (None, len(load_recipe(recipe).classes))
