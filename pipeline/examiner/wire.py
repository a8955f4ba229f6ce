"""How an examiner writes to its parent: JSON, checked against the messages that there are.

The parent must not unpickle what comes from a process that a hostile file may have taken over.
"""

import struct
from typing import Any, BinaryIO

from pydantic import TypeAdapter
from pydantic_core import from_json

from pipeline.examiner.messages import ClipMoved, ClipRead, Finding, PictureRead, Prepared, Refused, Score

MAX_MESSAGE_BYTES = 16_000_000
"""A preview and some hundred faces take less than 1 MB."""

_LENGTH = struct.Struct(">I")
_ADAPTERS: dict[str, TypeAdapter[Any]] = {
    kind.__name__: TypeAdapter(kind) for kind in (Prepared, Score, PictureRead, ClipMoved, ClipRead, Refused)
}


def finding_bytes(finding: Finding) -> bytes:
    """Return what `read_finding` at the other end makes the message of."""
    kind = type(finding).__name__
    text = b'["%s",%s]' % (kind.encode(), _ADAPTERS[kind].dump_json(finding))
    return _LENGTH.pack(len(text)) + text


def read_finding(incoming: BinaryIO) -> Finding:
    """Return the next message; raise EOFError at the end, ValueError for what is none of ours."""
    (length,) = _LENGTH.unpack(_exactly(incoming, _LENGTH.size))
    if length > MAX_MESSAGE_BYTES:
        raise ValueError(f"a message of {length} bytes is none of ours")
    match from_json(_exactly(incoming, length), allow_inf_nan=False):
        case [str(kind), content] if kind in _ADAPTERS:
            finding: Finding = _ADAPTERS[kind].validate_python(content)
            return finding
    raise ValueError("a message that is none of ours")


def _exactly(incoming: BinaryIO, count: int) -> bytes:
    data = incoming.read(count)
    if len(data) < count:
        raise EOFError
    return data
