"""The examples that `maskstream init` writes: valid, whole, and true about the defaults."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from pipeline.config.document import parse_document
from pipeline.config.loading import load_config
from pipeline.config.schema import Config
from pipeline.config.sections import sections_in
from pipeline.init_command import CONFIGS, EXAMPLES

FULL = CONFIGS / "cameras.example.yaml"
VARIABLES = dict.fromkeys(
    ("BACK_DOOR_PASSWORD", "DEPOT_CAMERA_PASSWORD", "MASKSTREAM_TOKEN", "MQTT_PASSWORD", "WEBHOOK_SECRET"), "x" * 16
)
VARIABLES["MASKSTREAM_PASSWORD_HASH"] = f"$argon2id$v=19$m=65536,t=3,p=4${'s' * 22}${'h' * 43}"
COMMENTED = re.compile(r"^( *)#(?=\S|  +\S)", re.MULTILINE)

NO_DEFAULTS = {
    "ca_file",
    "channels",
    "detector_model",
    "min_score",
    "model",
    "password",
    "password_hash",
    "proxies",
    "rest_url_hosts",
    "secret",
    "streams",
    "token",
    "username",
}
"""Keys that are shown with an example, as their default is nothing; a rule's `streams` and `channels` too."""


def uncommented(path: Path) -> str:
    """Return the example with every setting that it leaves out put in, in the place where it stands."""
    return COMMENTED.sub(r"\1", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("source", EXAMPLES.values())
def test_an_example_is_valid_as_it_stands(source: str) -> None:
    assert load_config(CONFIGS / source, {}).streams


@pytest.mark.parametrize("source", EXAMPLES.values())
def test_it_is_valid_with_all_that_it_shows(source: str, tmp_path: Path) -> None:
    text = uncommented(CONFIGS / source).replace("detector: full ", "detector: yunet ")
    path = tmp_path / "cameras.yaml"
    path.write_text(text, encoding="utf-8")
    assert "${" in text
    assert len(load_config(path, VARIABLES).streams) > len(load_config(CONFIGS / source, {}).streams)


def test_every_key_stands_in_the_full_example() -> None:
    shown = {key for location in locations(uncommented(FULL)) for key in location if isinstance(key, str)}
    assert not {name for section in sections(Config) for name in section.model_fields} - shown


def test_a_key_that_is_left_out_is_shown_with_its_default() -> None:
    left_out = set(locations(uncommented(FULL))) - set(locations(FULL.read_text(encoding="utf-8")))
    config = load_config(FULL, {})
    data = yaml.safe_load(uncommented(FULL))
    compared = 0
    for location in left_out:
        if location[-1] in NO_DEFAULTS or location[:2] == ("streams", 3) or not isinstance(location[-1], str):
            continue
        ours, shown = at(config, location), at(data, location)
        if shown is False and isinstance(ours, str):
            shown = "off"  # what YAML 1.1 makes of it
        is_automatic = shown == "auto" and location[-1] in ("tiles", "every_frames")
        assert ours == (None if is_automatic else shown) or str(ours).endswith(f"/{shown}"), location
        compared += 1
    assert compared > 20


def at(value: object, location: tuple[str | int, ...]) -> object:
    for part in location:
        if isinstance(value, BaseModel):
            value = getattr(value, str(part))
        else:
            assert isinstance(value, dict | list | tuple)
            value = value[part]  # type: ignore[index]  # a key of the one, an index of the other
    return list(value) if isinstance(value, tuple) else value


def locations(text: str) -> Iterator[tuple[str | int, ...]]:
    for scalar in parse_document(text, FULL).scalars():
        yield from (scalar.location[:end] for end in range(1, len(scalar.location) + 1))


def sections(root: type[BaseModel]) -> set[type[BaseModel]]:
    below = {section for field in root.model_fields.values() for section in sections_in(field.annotation)}
    return {root}.union(*(sections(section) for section in below))
