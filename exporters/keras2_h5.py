"""Loads what Keras 2 saved and Keras 3 refuses: options that it wrote into `.h5` files and that are gone."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]  # ships no types

from pipeline.errors import ModelError
from training.model import load_model

CONFIGURATION = "model_config"


def load_any_keras(path: Path) -> Any:
    """Return the Keras model at `path`, a `.keras` or a `.h5`; raise ModelError where there is none."""
    try:
        return load_model(path)
    except ModelError:
        if not (path.is_file() and h5py.is_hdf5(path)):
            raise
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / f"{path.stem}.h5"
        shutil.copyfile(path, copy)
        with h5py.File(copy, "r+") as file:
            if CONFIGURATION not in file.attrs:
                raise ModelError(
                    f"{path} holds weights without their network: save the whole of it, `model.save(PATH)`"
                )
            file.attrs[CONFIGURATION] = json.dumps(without_retired_options(json.loads(file.attrs[CONFIGURATION])))
        try:
            return load_model(copy)
        except ModelError as error:
            raise ModelError(str(error).replace(str(copy), str(path))) from error


def without_retired_options(node: Any) -> Any:
    """Return a model's configuration, as JSON values, less the options that Keras 3 took away.

    Those are the `dtype` of initialisers, which have none, and the `groups` of depthwise convolutions, always 1.
    """
    if isinstance(node, list):
        return [without_retired_options(item) for item in node]
    if not isinstance(node, dict):
        return node
    cleaned = {key: without_retired_options(value) for key, value in node.items()}
    options = cleaned.get("config")
    if isinstance(options, dict):
        if cleaned.get("class_name") == "DepthwiseConv2D":
            options.pop("groups", None)
        for key, value in options.items():
            if key.endswith("_initializer") and isinstance(value, dict) and isinstance(value.get("config"), dict):
                value["config"].pop("dtype", None)
    return cleaned
