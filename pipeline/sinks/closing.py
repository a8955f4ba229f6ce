"""The end of several sinks: each is finished, whatever becomes of the others."""

from collections.abc import Iterable

from pipeline.ports import Sink


def close_all(sinks: Iterable[Sink]) -> None:
    """Close every sink; raise the first error of theirs afterwards."""
    errors: list[Exception] = []
    for sink in sinks:
        try:
            sink.close()
        except Exception as error:  # the other sinks must be finished first
            errors.append(error)
    if errors:
        raise errors[0]
