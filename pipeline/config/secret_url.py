"""A URL that may hold credentials: what is printed of it never does."""

from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from pipeline.config.environment import ConfigText
from pipeline.redact import MASK, redact


class SecretUrl:
    """A location that opens a camera or a receiver; only `reveal` gives it as it is.

    `str` and `repr`, and so every log line, error and dump, show the form without credentials, in which what came from
    the environment keeps its `${NAME}`.
    """

    __slots__ = ("_secret", "_shown")

    def __init__(self, secret: str, shown: str | None = None) -> None:
        self._secret = str(secret)
        self._shown = redact(secret) if shown is None else shown

    def reveal(self) -> str:
        """Return the whole URL, for opening it."""
        return self._secret

    def resolved(self, location: str) -> Self:
        """Return the same with another location of the file that it names."""
        return type(self)(location, redact(location) if self._shown == self._secret else self._shown)

    def without_path(self) -> Self:
        """Return the same with scheme and host alone shown: receivers of messages keep their secrets in the path."""
        scheme, _, rest = self._shown.partition("://")
        host = rest.partition("/")[0].partition("?")[0]
        return type(self)(self._secret, f"{scheme}://{host}/{MASK}" if rest else MASK)

    def __str__(self) -> str:
        return self._shown

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._shown!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretUrl) and self._secret == other._secret

    def __hash__(self) -> int:
        return hash(self._secret)

    @classmethod
    def _of(cls, value: object) -> Self:
        if isinstance(value, cls):
            return value
        if not isinstance(value, str):
            raise ValueError("a URL is a text")
        return cls(value, redact(value.written) if isinstance(value, ConfigText) else None)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._of, serialization=core_schema.to_string_ser_schema(when_used="json")
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string"}
