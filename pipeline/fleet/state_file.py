"""The streams that were made over REST, kept in a file over restarts of the service."""

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from pipeline.config.streams import StreamConfig
from pipeline.errors import ConfigError, SinkError
from pipeline.fleet.private_file import write_private
from pipeline.fleet.sealing import Seal, new_salt
from pipeline.fleet.state_content import BadContentError, Body, Content, Entry, parse_content

logger = logging.getLogger(__name__)


class StateFile:
    """Read once, then written anew with each change. One thread at a time may use it.

    Without a `path` nothing is kept; without a `token` nothing that is kept can be read, and no stream can be added.
    """

    def __init__(self, path: Path | None, token: str | None) -> None:
        self._path = path
        self._token = token
        self._salt = new_salt()
        self._held: tuple[Entry, ...] = ()
        self._is_in_the_way = False

    @property
    def held(self) -> tuple[str, ...]:
        """The ids of the streams that stay in the file although they could not be started."""
        return tuple(entry.id for entry in self._held)

    def load(self, stream_of: Callable[[Body], StreamConfig]) -> tuple[StreamConfig, ...]:
        """Return the streams of the file, made by `stream_of` from what REST said; it may raise ConfigError.

        Nothing is lost, and nothing raised: a stream that can't be started is reported and held, and a file that can't
        be used is reported and renamed.
        """
        content = self._content()
        if content is None:
            return ()
        self._salt = content.salt
        streams, held = [], []
        for entry in content.streams:
            try:
                streams.append(stream_of(entry.body(self._seal)))
            except ConfigError as error:
                self._report(entry, error)
                held.append(entry)
        self._held = tuple(held)
        return tuple(streams)

    def save(self, streams: Sequence[StreamConfig], forgotten: Collection[str] = ()) -> None:
        """Keep `streams` and the held ones, save those that have their ids or one of `forgotten`.

        Raises SinkError where that can't be written; the file is then as it was.
        """
        if self._path is None:
            return
        gone = {stream.casefold() for stream in (*forgotten, *(stream.id for stream in streams))}
        held = tuple(entry for entry in self._held if entry.id.casefold() not in gone)
        entries = tuple(Entry.of(stream, self._seal) for stream in streams)
        content = Content.model_construct(salt=self._salt, streams=(*entries, *held))
        if self._is_in_the_way and self._path.exists():
            _set_aside(self._path)
        write_private(self._path, content.text())
        self._held, self._is_in_the_way = held, False

    @cached_property
    def _seal(self) -> Seal:
        if self._token is None:
            raise ConfigError("streams that are made over REST need http.token, which encrypts their URLs; set it")
        return Seal(self._token, self._salt)

    def _content(self) -> Content | None:
        """Return what the file holds; None where it is absent or of no use."""
        if self._path is None:
            return None
        try:
            return parse_content(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, BadContentError) as error:
            self._move_away(self._path, error)
            return None

    def _move_away(self, path: Path, error: OSError | BadContentError) -> None:
        reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        try:
            outcome = f"it is kept as {_set_aside(path)}"
        except SinkError as refusal:
            self._is_in_the_way = True
            outcome = str(refusal)
        logger.warning(
            "%s can't be used, so no stream made over REST is started: %s; %s", path, reason.lower(), outcome
        )

    def _report(self, entry: Entry, error: ConfigError) -> None:
        logger.warning(
            "the stream %s of %s is not started: %s; it stays there until it is made again, or removed, over REST",
            *(entry.id, self._path, error),
        )


def _set_aside(path: Path) -> Path:
    """Rename what stands at `path`, so that it is not written over; raise SinkError where that fails."""
    aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    try:
        return path.rename(aside)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SinkError(f"{path} can't be renamed, to keep what it holds: {reason}; move it away") from None
