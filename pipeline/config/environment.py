"""`${NAME}` in a configuration file: values that the environment, or a file that it names, holds.

As in the official images of Docker, `NAME` is the value and `NAME_FILE` the path of a file that holds it, such as
`/run/secrets/camera_password`; having both is an error. As in Compose files, `$${` stands for `${` itself; any other
dollar sign, as passwords have them, is what it is.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from urllib.parse import quote

_MARKER = re.compile(r"\$\$\{|\$\{(?P<inside>[^{}]*)\}?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://(?P<user>[^/?#]*@)?[^?]*(?P<query>\?.*)?", re.IGNORECASE | re.DOTALL)

# A secret of more than that is another file taken by mistake, such as /dev/zero.
MAX_FILE_BYTES = 64 * 1024


class UnreadableName(ValueError):  # noqa: N818  # says what is wrong in words for the operator
    """A `${NAME}` that stands for nothing; its text holds no value of the environment."""


class ConfigText(str):
    """A scalar of a configuration file: it is the value, `written` what the file says, which alone may be shown."""

    __slots__ = ("written",)

    written: str

    def __new__(cls, value: str, written: str) -> Self:
        text = super().__new__(cls, value)
        text.written = written
        return text

    def __repr__(self) -> str:
        return repr(self.written)


LEFT_EMPTY = ConfigText("", "")
"""What a key has whose value was left empty: itself, and no other empty text."""


def names_in(written: str) -> frozenset[str]:
    """Return the names that `written` asks the environment for."""
    inside = (match["inside"] for match in _MARKER.finditer(written))
    return frozenset(name for name in inside if name is not None and _NAME.fullmatch(name))


def expand(written: str, variables: Mapping[str, str]) -> ConfigText:
    """Return `written` with every `${NAME}` replaced by its value; raise UnreadableName where one can't be.

    In the credentials and parameters of a URL a value is percent-encoded: a password may hold any character.
    """

    def value(match: re.Match[str]) -> str:
        if match["inside"] is None:
            return "${"
        found = value_of(_checked(match), variables)
        return quote(found, safe="") if _is_encoded(written, match.start()) else found

    return ConfigText(_MARKER.sub(value, written), written)


def value_of(name: str, variables: Mapping[str, str]) -> str:
    """Return the value of `name`, from the variable or its file; raise UnreadableName where there is none."""
    path = variables.get(f"{name}_FILE")
    if name in variables and path is not None:
        raise UnreadableName(f"both {name} and {name}_FILE are set in the environment; keep one")
    if path is not None:
        return _content(name, Path(path))
    if not variables.get(name):
        state = "empty" if name in variables else "not set"
        raise UnreadableName(
            f"{name} is {state} in the environment; set it, or set {name}_FILE to the path of a file that holds it"
        )
    return variables[name]


def _checked(match: re.Match[str]) -> str:
    name: str = match["inside"]
    if not match[0].endswith("}") or not _NAME.fullmatch(name):
        raise UnreadableName(
            "${ begins a name, as in ${CAMERA_PASSWORD}; where the two characters are meant, write $${"
        )
    return name


def _content(name: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "no such path").lower()
        raise UnreadableName(f"the file that {name}_FILE names can't be read: {reason}") from None
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableName(f"the file that {name}_FILE names is larger than {MAX_FILE_BYTES} bytes")
    try:
        text = content.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise UnreadableName(f"the file that {name}_FILE names is not UTF-8 text") from None
    if not text:
        raise UnreadableName(f"the file that {name}_FILE names is empty")
    return text


def _is_encoded(written: str, index: int) -> bool:
    url = _URL.fullmatch(written)
    return url is not None and any(url.start(part) <= index < url.end(part) for part in ("user", "query"))
