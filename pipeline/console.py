"""What goes to stdout and stderr, for people and for pipes."""

import os
import sys
from collections.abc import Callable

import click

from pipeline.errors import ExitCode, MaskstreamError, SinkError


def say(line: str) -> None:
    """Print a line to stdout; raises SinkError where its reader has gone, as `head` does."""
    try:
        print(line, flush=True)
    except BrokenPipeError as error:
        # Python flushes stdout once more at exit and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SinkError("the reader of the output has gone; what was written to files is kept") from error


def exit_code_of(run: Callable[[], None]) -> int:
    """Run a tool of `python -m` and return its exit code; an error is one sentence on stderr."""
    try:
        run()
    except MaskstreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return int(error.exit_code)
    except KeyboardInterrupt:
        return int(ExitCode.INTERRUPTED)
    return int(ExitCode.OK)


def tell_error(error: BaseException, about: str = "") -> None:
    """Write one line to stderr; `about` names the input where the message does not."""
    message = str(error) or type(error).__name__
    if not isinstance(error, MaskstreamError):
        message = f"internal error, {type(error).__name__}: {message}"
    if about and about not in message:
        message = f"{about}: {message}"
    click.echo(f"maskstream: {message}", err=True)
