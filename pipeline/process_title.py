"""What `ps` and /proc show of a process; everybody on the machine may look."""

from collections.abc import Sequence

from setproctitle import setproctitle

from pipeline.redact import redact


def hide_credentials(arguments: Sequence[str]) -> None:
    """Show `maskstream` with the `arguments` redacted as the command line, where they hold credentials.

    Until then the kernel shows them as they are: call it before anything that takes time.
    """
    shown = [redact(argument) for argument in arguments]
    if shown != list(arguments):
        setproctitle(" ".join(["maskstream", *shown]))


def show_worker(number: int, count: int) -> None:
    """Show this process as worker `number`, from 1, of `count`."""
    setproctitle(f"maskstream: worker {number} of {count}")


def show_examiner() -> None:
    """Show this process as one that reads uploads."""
    setproctitle("maskstream: examiner of uploads")
