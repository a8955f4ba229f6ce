"""The errors that a person is meant to read, each with the exit code its command ends with.

A message says what was wrong, what was got, and what to do.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every command of the project."""

    OK = 0
    USAGE = 2
    INPUT = 3
    MODEL = 4
    SOME_INPUTS_FAILED = 5
    OUTPUT = 6
    DOWNLOAD = 7
    CONFIG = 8
    INTERNAL = 70
    INTERRUPTED = 130


class MaskstreamError(Exception):
    """Anything that the person who runs the program can mend."""

    exit_code = ExitCode.USAGE


class ConfigError(MaskstreamError):
    """An option or a configuration file asks for something that is not on offer."""


class SourceError(MaskstreamError):
    """An input is missing, unreadable, or not video or picture data."""

    exit_code = ExitCode.INPUT


class ModelError(MaskstreamError):
    """A model, its card, or the device to run it on is not usable."""

    exit_code = ExitCode.MODEL


class DownloadError(ModelError):
    """Weights that a network would have to bring are out of reach."""

    exit_code = ExitCode.DOWNLOAD


class SinkError(MaskstreamError):
    """An output cannot be written."""

    exit_code = ExitCode.OUTPUT
