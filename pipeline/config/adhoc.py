"""A configuration without a file: the cameras and clips that a command line names."""

import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from pipeline.config.schema import Config
from pipeline.config.streams import StreamConfig
from pipeline.errors import ConfigError, SourceError
from pipeline.redact import MASK, redact

CONFIG_SUFFIXES = frozenset({".yaml", ".yml"})
MAX_ID_CHARACTERS = 63

_DEVICE = re.compile(r"camera:\d+|/dev/video\d+")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_PORT = re.compile(r":\d+$")


def is_config_path(argument: str) -> bool:
    """Tell whether an argument of the command line names a configuration file rather than a source."""
    return _URL.match(argument) is None and Path(argument).suffix.lower() in CONFIG_SUFFIXES


def config_of_sources(sources: Sequence[str]) -> Config:
    """Return the configuration that watches `sources`: URLs, camera:N, /dev/videoN and video files, which are looped.

    It keeps no state. Raises ConfigError where something else is named, and SourceError where a file is missing.
    """
    streams: dict[str, StreamConfig] = {}
    for source in sources:
        name = next(name for name in _candidates(id_of(source)) if name.casefold() not in streams)
        streams[name.casefold()] = _stream(name, source)
    return Config(streams=tuple(streams.values()), state_file=None)


def id_of(source: str) -> str:
    """Return an id that tells what `source` is: host and path of a URL, the name of a file, camera-0.

    No credentials and no parameters are part of it.
    """
    if _URL.match(source):
        address = redact(source).rpartition("@")[2].rpartition("://")[2]
        host, *path = re.split("[?#]", address, maxsplit=1)[0].split("/")
        words = "-".join([_PORT.sub("", host), *(part for part in path if MASK not in part)])
    else:
        words = source.rpartition("/")[2] if _DEVICE.fullmatch(source) else Path(redact(source)).stem
    return re.sub("[^A-Za-z0-9_]+", "-", words).strip("-_")[:MAX_ID_CHARACTERS] or "stream"


def _candidates(name: str) -> Iterator[str]:
    yield name
    for ending in (f"-{number}" for number in itertools.count(2)):
        yield name[: MAX_ID_CHARACTERS - len(ending)] + ending


def _stream(name: str, source: str) -> StreamConfig:
    if is_config_path(source):
        raise ConfigError(f"a configuration is run alone, without sources beside it; got {redact(source)}")
    is_path = not (_URL.match(source) or _DEVICE.fullmatch(source))
    try:
        is_file = is_path and Path(source).is_file()
        url = str(Path(source).absolute()) if is_file else source
        stream = StreamConfig.model_validate({"id": name, "url": url})
    except ValidationError as error:
        allowed = error.errors(include_url=False, include_input=False)[0]["msg"]
        raise ConfigError(f"a source is {allowed}; got {redact(source)}") from None
    if is_path and not is_file:
        raise SourceError(f"{redact(source)} is no file; check the path")
    return stream
