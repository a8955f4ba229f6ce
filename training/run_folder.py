"""The files of one training run, and what later steps read back from them."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from pipeline.errors import ConfigError
from training.config import Recipe

CHECKPOINT = "checkpoint.keras"
BEST = "best.keras"
BALANCED = "balanced.keras"
CALIBRATED = "calibrated.keras"
HISTORY = "history.csv"
RECIPE = "recipe.json"
BALANCE = "balance.json"
EMBEDDINGS = "embeddings.npz"
CALIBRATION = "calibration.json"

Record = TypeVar("Record", bound=BaseModel)


def read_recipe(folder: Path) -> Recipe:
    """Return the recipe of the run in `folder`; raise ConfigError where there is none."""
    return read_record(folder / RECIPE, Recipe)


def read_record(path: Path, kind: type[Record]) -> Record:
    """Return what an earlier step wrote at `path`; raise ConfigError where it did not, or something else did."""
    try:
        return kind.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"cannot read {path}: {error.strerror}; is {path.parent} the folder of a training run?"
        ) from error
    except ValidationError as error:
        raise ConfigError(f"{path} was not written by this version: {error.errors()[0]['msg']}") from error


def write_record(record: BaseModel, path: Path) -> None:
    """Write what a step found, for the steps after it and for readers."""
    path.write_text(record.model_dump_json(indent=2) + "\n", encoding="utf-8")
