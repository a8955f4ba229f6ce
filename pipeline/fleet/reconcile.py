"""What changes from one configuration to the next. Pure: it compares, and its callers act."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.config.schema import Config
from pipeline.config.streams import StreamConfig
from pipeline.config.strict import Strict

LIVE_KEYS = frozenset({"streams", "defaults"})
"""The keys of a configuration that are applied while the service runs; defaults are part of each stream by then."""


@dataclass(frozen=True, slots=True)
class Changes:
    """From the streams that run to those that are wanted, in the order in which it is done.

    `removed` go first: an id may come back with another case, and a camera that takes one reader under another id. Of
    `switched` nothing is new but that they are paused, or no longer.
    """

    removed: tuple[str, ...] = ()
    changed: tuple[StreamConfig, ...] = ()
    switched: tuple[StreamConfig, ...] = ()
    added: tuple[StreamConfig, ...] = ()


def reconcile(running: Mapping[str, StreamConfig], wanted: Sequence[StreamConfig]) -> Changes:
    """Return what makes `running`, by id, the same as `wanted`; URLs are compared with their credentials."""
    ids = {stream.id for stream in wanted}
    differing = [stream for stream in wanted if stream.id in running and stream != running[stream.id]]
    return Changes(
        removed=tuple(stream for stream in running if stream not in ids),
        changed=tuple(stream for stream in differing if not is_switched(stream, running[stream.id])),
        switched=tuple(stream for stream in differing if is_switched(stream, running[stream.id])),
        added=tuple(stream for stream in wanted if stream.id not in running),
    )


def claimed(rest_made: Iterable[str], wanted: Sequence[StreamConfig]) -> tuple[str, ...]:
    """Return which ids of streams made over REST the file has taken for streams of its own, which come first.

    As within a file, upper and lower case count as one.
    """
    ids = {stream.id.casefold() for stream in wanted}
    return tuple(stream for stream in rest_made if stream.casefold() in ids)


def restart_needed(old: Config, new: Config) -> tuple[str, ...]:
    """Return the keys that differ and that only a restart applies, such as `model` and `http.port`; no values."""
    return tuple(key for name in Config.model_fields if name not in LIVE_KEYS for key in _differing(name, old, new))


def _differing(name: str, old: Strict, new: Strict) -> tuple[str, ...]:
    before, after = getattr(old, name), getattr(new, name)
    if before == after:
        return ()
    if isinstance(before, Strict):
        parts = type(before).model_fields
        return tuple(f"{name}.{part}" for part in parts if getattr(before, part) != getattr(after, part))
    return (name,)


def is_switched(one: StreamConfig, other: StreamConfig) -> bool:
    """Return whether two configurations differ in nothing but whether the stream is paused."""
    return one.model_copy(update={"paused": other.paused}) == other
