"""Where the tools look for the shared data unless they are told."""

import os
from pathlib import Path

DATA_VARIABLE = "MASKSTREAM_DATA"
DEFAULT_DATA = "../shared/data"


def data_folder() -> Path:
    """Return the folder that the environment variable names, or the usual one."""
    return Path(os.environ.get(DATA_VARIABLE, DEFAULT_DATA))


def faces_zip() -> Path:
    """Return the labelled faces in the data folder."""
    return data_folder() / "faces.zip"
