"""The list of all looks at the test split: nothing is chosen by it, and everyone can see how often it was asked."""

import csv
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import SinkError
from training.faces import LABEL_INDEX
from training.figures import Figures

TEST_SPLIT = "test"
TEST_RUNS = Path(__file__).resolve().parent / "test_runs.csv"

COLUMNS = (
    "date",
    "commit",
    "model_sha256",
    "n",
    "accuracy",
    "macro_f1",
    *(f"{name}_recall" for name in LABEL_INDEX),
    "ece",
    "two_class_accuracy",
    "masked_against_rest",
    "brier",
    "boxes",
)


def record_test_run(found: Figures, boxes: str, log: Path = TEST_RUNS) -> None:
    """Append one look at the test split to `log`; raise SinkError where it cannot be written.

    `boxes` names whose boxes the crops were made of: those of the data, `labelled`, or the detector's.
    """
    row = {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "commit": _commit(log.parent),
        "model_sha256": found["model_sha256"],
        "n": found["n"],
        "accuracy": found["accuracy"],
        "macro_f1": found["macro_f1"],
        **{f"{name}_recall": found["per_class"][name]["recall"] for name in LABEL_INDEX if name in found["per_class"]},
        "ece": found["ece"],
        "two_class_accuracy": found["two_class_accuracy"],
        "masked_against_rest": found["masked_against_rest"],
        "brier": found["brier"],
        "boxes": boxes,
    }
    try:
        is_new = not log.exists()
        with log.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            if is_new:
                writer.writeheader()
            writer.writerow(row)
    except OSError as error:
        raise SinkError(f"cannot note this look at the test split in {log}: {error.strerror}") from error


def _commit(folder: Path) -> str:
    """Return the commit that runs, with a plus where the working tree differs; empty outside a repository."""
    command = ["git", "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=+"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
