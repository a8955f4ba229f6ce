"""Configurations for tests, from their text to what they mean or what is wrong with them."""

from pathlib import Path

import pytest

from pipeline.config.loading import load_config
from pipeline.config.problem import ConfigFileError
from pipeline.config.schema import Config

STREAMS = "streams: [{id: door, url: 'camera:0'}]\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "cameras.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def load(folder: Path, text: str, **variables: str) -> Config:
    return load_config(write(folder, text), variables)


def refusal(folder: Path, text: str, **variables: str) -> ConfigFileError:
    """Return what loading `text` ends with."""
    with pytest.raises(ConfigFileError) as error:
        load(folder, text, **variables)
    return error.value


def mistakes(folder: Path, text: str, **variables: str) -> dict[tuple[int, str], str]:
    """Return what is wrong with `text`, by line and key."""
    return {(found.line, found.key): found.message for found in refusal(folder, text, **variables).problems}
