"""Finds the part of the schema that a place of a file belongs to."""

from collections.abc import Iterator
from typing import Any, TypeAlias, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from pipeline.config.problem import Location

Section: TypeAlias = type[BaseModel]


def fields_at(root: Section, location: Location) -> dict[str, FieldInfo]:
    """Return the fields of the section at `location`, which may name variants as pydantic does; none elsewhere."""
    sections = sections_at(root, location)
    return sections[0].model_fields if sections else {}


def tags_at(root: Section, location: Location, key: str) -> tuple[str, ...]:
    """Return the values of `key` that tell the variants at `location` from each other."""
    sections = sections_at(root, location)
    return tuple(tag for section in sections for tag in get_args(section.model_fields[key].annotation))


def sections_at(root: Section, location: Location) -> tuple[Section, ...]:
    """Return the section of the schema at `location`, or its variants where `location` names none of them."""
    sections: tuple[Section, ...] = (root,)
    for part in location:
        if isinstance(part, str):
            sections = _below(sections, part)
    return sections


def sections_in(annotation: Any) -> Iterator[Section]:
    """Yield the sections that an annotation mentions, as `tuple[Rule, ...] | None` does."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from sections_in(part)


def _below(sections: tuple[Section, ...], part: str) -> tuple[Section, ...]:
    fields = [section.model_fields[part] for section in sections if part in section.model_fields]
    if fields:
        return tuple(section for field in fields for section in sections_in(field.annotation))
    return tuple(section for section in sections if _is_variant(section, part))


def _is_variant(section: Section, tag: str) -> bool:
    return any(tag in get_args(field.annotation) for field in section.model_fields.values())
