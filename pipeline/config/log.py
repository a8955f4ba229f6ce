"""What the service writes of itself to stderr."""

from typing import Literal, TypeAlias

from pipeline.config.strict import Strict

LogFormat: TypeAlias = Literal["text", "json"]
LogLevel: TypeAlias = Literal["debug", "info", "warning"]


class LogConfig(Strict):
    """The log: a line for each change of a stream's state, none for each frame."""

    format: LogFormat = "text"
    """text is for people, json for programs: an object on each line."""
    level: LogLevel = "info"
    """How slight a thing may be to be written."""
