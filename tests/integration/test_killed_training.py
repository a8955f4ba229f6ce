"""A training process that is killed goes on to the same loss curve."""

import csv
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.faces import face_zip
from tests.tiny_training import COUNTS, HALTED, RECIPE

REPOSITORY = Path(__file__).parents[2]
LIMIT_S = 300

pytestmark = pytest.mark.slow


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE)
    return path


def fit(recipe: Path, out: Path, *options: str) -> list[str]:
    """Return the command of a fit of the tiny network on the faces beside `recipe`."""
    data = recipe.parent / "faces.zip"
    words = [sys.executable, "-m", "tests.tiny_training", *options, "fit", recipe, "--data", data, "--out", out]
    return list(map(str, words))


def run_to_its_end(command: list[str]) -> list[str]:
    """Return the lines that the command printed."""
    ended = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True, timeout=LIMIT_S)
    return ended.stdout.splitlines()


def kill_in_the_second_epoch(recipe: Path, out: Path) -> None:
    """Start a fit in `out` and kill it, by SIGKILL, when all but one batch of its second epoch have been drawn."""
    command = fit(recipe, out, "--halt-in-epoch", "2")
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert any(line.strip() == HALTED for line in process.stdout)
        finally:
            process.kill()
    assert process.returncode == -signal.SIGKILL


def curve(out: Path) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return (epochs, 5): epoch, input size in pixels, training loss, macro-F1 and accuracy on `val`."""
    with (out / "history.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = ("epoch", "size_px", "train_loss", "val_macro_f1", "val_accuracy")
    return np.array([[float(row[name]) for name in names] for row in rows])


def test_a_killed_process_resumes_to_the_curve_of_one_that_was_not(recipe: Path, tmp_path: Path) -> None:
    face_zip(tmp_path / "faces.zip", COUNTS)
    killed, whole = tmp_path / "killed", tmp_path / "whole"

    kill_in_the_second_epoch(recipe, killed)
    assert curve(killed)[:, 0].tolist() == [0]
    printed = run_to_its_end([*fit(recipe, killed), "--resume"])
    run_to_its_end(fit(recipe, whole))

    assert not [line for line in printed if '"epoch": 0' in line]
    assert curve(whole)[:, :2].tolist() == [[0, 32], [1, 32], [2, 40]]
    np.testing.assert_allclose(curve(killed), curve(whole), rtol=1e-4)
