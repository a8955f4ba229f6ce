"""What a state file holds, as JSON."""

import json
from collections.abc import Mapping
from typing import Self, TypeAlias

from pydantic import Base64UrlBytes, BaseModel, ConfigDict

from pipeline.config.streams import StreamConfig
from pipeline.config.strict import Name
from pipeline.fleet.sealing import Seal

VERSION = 1
ABOUT = (
    "The streams that were made over REST, written by maskstream; sealed_url is the whole URL, encrypted by http.token."
)

Body: TypeAlias = Mapping[str, object]
"""A stream as REST gave it, its URL whole."""


class BadContentError(ValueError):
    """A file that is damaged or none of ours; says why, and nothing of what it holds."""


class Entry(BaseModel):
    """A stream. Its URL stands there twice: without credentials for people, and sealed as a whole."""

    # Further keys are what REST said: they are checked when the stream is made again.
    model_config = ConfigDict(extra="allow", frozen=True)

    id: Name
    url: str
    sealed_url: str

    @classmethod
    def of(cls, stream: StreamConfig, seal: Seal) -> Self:
        """Return what `stream` says itself; the defaults are not kept."""
        said = stream.model_dump(mode="json", exclude_unset=True)
        return cls.model_validate(said | {"sealed_url": seal.close(stream.url.reveal(), stream.id)})

    def body(self, seal: Seal) -> Body:
        """Return the stream as REST gave it; raise BrokenSealError."""
        return {**(self.model_extra or {}), "id": self.id, "url": seal.open(self.sealed_url, self.id)}


class Content(BaseModel):
    """All of the file."""

    model_config = ConfigDict(frozen=True)

    version: int = VERSION
    about: str = ABOUT
    salt: Base64UrlBytes
    streams: tuple[Entry, ...]

    def text(self) -> str:
        """Return it as the file has it."""
        return json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def parse_content(data: bytes) -> Content:
    """Return what the file with these bytes holds; raise BadContentError."""
    try:
        plain = json.loads(data)
        version = plain["version"]
        if version == VERSION:
            return _distinct(Content.model_validate(plain))
    except (KeyError, TypeError, ValueError, RecursionError):
        raise BadContentError("it is damaged, or no state file") from None
    raise BadContentError(f"it is of another version than {VERSION}, which is all that this program knows")


def _distinct(content: Content) -> Content:
    if len({entry.id.casefold() for entry in content.streams}) < len(content.streams):
        raise ValueError("an id stands twice")
    return content
