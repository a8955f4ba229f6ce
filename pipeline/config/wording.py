"""Says in words what pydantic found: what is allowed, what was got, and the key that was probably meant."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from pipeline.config.document import KEY, Document
from pipeline.config.problem import Location, shown_key
from pipeline.config.schema import Config
from pipeline.config.secrecy import is_secret
from pipeline.config.sections import fields_at, tags_at
from pipeline.redact import redact

MAX_SHOWN_CHARACTERS = 60

_SCHEME = re.compile("[a-z][a-z0-9+.-]{0,15}://", re.IGNORECASE)
_SCALARS = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "a text",
    "path_type": "a path",
}
_STRUCTURES = {
    "model_type": "a section of keys",
    "model_attributes_type": "a section of keys",
    "dict_type": "a section of keys",
    "tuple_type": "a list",
    "union_tag_not_found": "a section of keys",
}
_BOUNDS = {
    "greater_than": ("a number greater than {gt}", "gt"),
    "greater_than_equal": ("a number of at least {ge}", "ge"),
    "less_than": ("a number less than {lt}", "lt"),
    "less_than_equal": ("a number of at most {le}", "le"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong at a place of a file."""

    location: Location
    message: str


def described(error: ErrorDetails, document: Document) -> Finding:
    """Return `error`, which pydantic found in the values of `document`, in words for the one who wrote it."""
    location = error["loc"]
    place = document.place(location)
    match error["type"]:
        case "extra_forbidden":
            return Finding(place, unknown_key(str(place[-1]), fields_at(Config, location[:-1])))
        case "missing":
            lacking = "a value is needed" if document.has(place) else "this key is needed"
            return Finding(place, f"{lacking}: {purpose(fields_at(Config, location[:-1])[str(place[-1])])}")
        case "union_tag_not_found" if document.is_section(place):
            key = _discriminator(error)
            return Finding((*place, key), f"this key is needed: one of {', '.join(tags_at(Config, location, key))}")
        case "union_tag_invalid":
            place = (*place, _discriminator(error))
    if location[-1:] == (KEY,):
        return Finding(place, f"{allowed(error)}; got {shown_key(str(place[-1]))}")
    if error["type"] in _STRUCTURES and document.written(place) is not None:
        return Finding(place, f"{allowed(error)}; got a text")
    return Finding(place, allowed(error) + got(place, document))


def got(place: Location, document: Document) -> str:
    """Return what the file has at `place`, as it is written there, to end a message; nothing of a secret."""
    written = document.written(place)
    if not place or not document.has(place):
        return ""
    if written is None:
        return "; got a section" if document.is_section(place) else "; got a list"
    if is_secret(place):
        scheme = _SCHEME.match(written) if place[-1] == "url" else None
        return f"; got {scheme[0] if scheme else ''}***"
    shown = repr(redact(written))
    return f"; got {shown if len(shown) <= MAX_SHOWN_CHARACTERS else shown[:MAX_SHOWN_CHARACTERS] + '...'}"


def allowed(error: ErrorDetails) -> str:
    """Return what the place of `error` takes."""
    kind, context = error["type"], error.get("ctx", {})
    if kind in _BOUNDS:
        text, bound = _BOUNDS[kind]
        return f"takes {text.format(**{bound: f'{context[bound]:g}'})}"
    if kind in _SCALARS or kind in _STRUCTURES:
        return f"takes {_SCALARS.get(kind) or _STRUCTURES[kind]}"
    if kind in ("literal_error", "union_tag_invalid"):
        return f"takes one of {_plain(context.get('expected') or context['expected_tags'])}"
    if kind == "mistake":
        return f"takes {error['msg']}"
    return error["msg"].removeprefix("Value error, ")


def unknown_key(key: str, known: Iterable[str]) -> str:
    """Return that `key` is none of `known`, and which of them it resembles."""
    names = sorted(known)
    close = get_close_matches(key.lower().replace("-", "_"), names, n=1)
    meant = f"did you mean {close[0]}? " if close else ""
    return f"there is no key {shown_key(key)} here; {meant}there are {', '.join(names)}"


def purpose(field: FieldInfo) -> str:
    """Return what `field` is for, as part of a sentence."""
    text = field.description or "it has no default"
    return text[:1].lower() + text[1:].rstrip(".")


def _discriminator(error: ErrorDetails) -> str:
    return str(error["ctx"]["discriminator"]).strip("'")


def _plain(choices: str) -> str:
    return choices.replace("'", "").replace(" or ", ", ")
