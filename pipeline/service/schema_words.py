"""JSON schemas in words, with links to the types that they name."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

_CODE = re.compile(r"`([^`]+)`")


def prose(text: str) -> Sequence[Markup]:
    """Return the paragraphs of a description, in which `` `name` `` is code."""
    return [Markup(_CODE.sub(r"<code>\1</code>", str(escape(part)))) for part in text.split("\n\n") if part]


def type_of(schema: Mapping[str, Any]) -> Markup:
    """Return what a value of `schema` is; a type of the interface links to the element of that id."""
    if "$ref" in schema:
        return Markup('<a href="#{0}">{0}</a>').format(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return Markup(" or ").join(type_of(one) for one in schema["anyOf"])
    if "enum" in schema:
        return Markup(" or ").join(Markup("<code>{}</code>").format(value) for value in schema["enum"])
    if schema.get("type") == "array":
        (*_, item) = schema.get("prefixItems", [schema.get("items", {})])
        count = f"{schema['maxItems']} of" if "prefixItems" in schema else "list of"
        return Markup("{} {}").format(count, type_of(item))
    if schema.get("type") == "object" and "properties" in schema:
        names = (Markup("<code>{}</code>").format(name) for name in schema["properties"])
        return Markup("with {}").format(Markup(", ").join(names))
    return escape(schema.get("format") or schema.get("type", "value"))


def bounds_of(schema: Mapping[str, Any]) -> str:
    """Return within which bounds a value of `schema` is, and what it is where it is left out; empty for any."""
    words = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to"}
    bounds = [f"{word} {schema[key]}" for key, word in words.items() if key in schema]
    left_out = [] if schema.get("default") is None else [f"left out: {json.dumps(schema['default'])}"]
    return ", ".join([" ".join(bounds), *left_out] if bounds else left_out)
