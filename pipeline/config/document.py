"""A YAML file as plain values, each with the line that it stands on.

Scalars stay the text that the file has, and the schema says what they mean: `line: no`, `id: 007` and `start: 12:30`
are what they look like, where YAML 1.1 would read false, 7 and 750.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import yaml

from pipeline.config.environment import LEFT_EMPTY
from pipeline.config.problem import ConfigFileError, Location, Problem, key_of

Found: TypeAlias = tuple[yaml.Node | None, yaml.Node | None]
"""The nodes of a key and of its value; an item of a list has no key."""

KEY = "[key]"
"""Ends the location of an error of pydantic about a key rather than its value."""

_TAG_PREFIX = "tag:yaml.org,2002:"
_NULL = {"", "~", "null", "Null", "NULL"}

# PyYAML quotes names of tags and anchors in its messages, which may be part of an unquoted password.
_QUOTED = re.compile(r"'[^' <>\\]{2,}'")
_HINT = "quote a value that begins with, or holds, a special character"


class _Loader(yaml.SafeLoader):
    """Refuses aliases: a value stands where it is used, and a small file can't unfold into a large one."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # the stubs lack it
            raise yaml.MarkedYAMLError(problem="aliases (*name) are not read; `defaults` is for all", problem_mark=mark)
        return super().compose_node(parent, index)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value at its place, as written."""

    location: Location
    written: str


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file. Where a key stands twice, the first counts and the other is among `problems`."""

    root: yaml.Node
    problems: tuple[Problem, ...]

    def scalars(self) -> Iterator[Scalar]:
        """Yield the values that are texts, in the order of the file; not those left empty, or said to be null."""
        for location, node in _walk(self.root):
            if isinstance(node, yaml.ScalarNode) and (node.style is not None or node.value not in _NULL):
                yield Scalar(location, node.value)

    def value(self, texts: dict[Location, str]) -> object:
        """Return the whole as dictionaries and lists, with `texts` by place; a key left empty has LEFT_EMPTY."""
        return _value(self.root, (), texts)

    def line(self, location: Location) -> int:
        """Return the line, from 1, of the key at `location`, or of the closest that exists above it."""
        key, value = self._find(location)
        node = key or value or self.root
        return int(node.start_mark.line) + 1

    def place(self, location: Location) -> Location:
        """Return `location`, as of an error of pydantic, without the parts that name no key of the file."""
        place: Location = ()
        node: yaml.Node | None = self.root
        for index, part in enumerate(location):
            _, child = _child(node, part)
            if part == KEY or (child is None and index < len(location) - 1):
                continue
            place, node = (*place, part), child
        return place

    def _node(self, location: Location) -> yaml.Node | None:
        node: yaml.Node | None = self.root
        for part in location:
            _, node = _child(node, part)
        return node

    def has(self, location: Location) -> bool:
        """Tell whether the file has the key or item at `location`, be it with a value or without."""
        return self._node(location) is not None

    def is_section(self, location: Location) -> bool:
        """Tell whether keys stand at `location`."""
        return isinstance(self._node(location), yaml.MappingNode)

    def written(self, location: Location) -> str | None:
        """Return the text at `location`, None where there is none, or a list or section instead."""
        node = self._node(location)
        return str(node.value) if isinstance(node, yaml.ScalarNode) else None

    def _find(self, location: Location) -> Found:
        found: Found = (None, self.root)
        for part in location:
            key, value = _child(found[1], part)
            if value is None:
                break
            found = key, value
        return found


def read_document(path: Path) -> Document:
    """Parse the file at `path`; raise ConfigFileError where it can't be read or is not YAML."""
    text = _text_of(path)
    if isinstance(text, Problem):
        raise ConfigFileError(path, (text,))
    return parse_document(text, path)


def parse_document(text: str, path: Path) -> Document:
    """Parse `text`, the content of `path`; raise ConfigFileError where it is not YAML, or empty."""
    root = _composed(text)
    if isinstance(root, Problem):
        raise ConfigFileError(path, (root,))
    return Document(root, tuple(_mistakes(root, ())))


# Problems are returned, and raised by the callers: as its context an error would carry the library's own, which holds
# lines of the file.


def _text_of(path: Path) -> str | Problem:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        return Problem(0, "", f"can't be read: {(error.strerror or str(error)).lower()}")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return Problem(line, "", "a byte that is not UTF-8; save the file as UTF-8")


def _composed(text: str) -> yaml.Node | Problem:
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        return Problem(line, "", "a control character, which YAML has no place for")
    except yaml.MarkedYAMLError as error:
        return _problem_of(error)
    except RecursionError:
        return Problem(0, "", "lists or sections are nested too deeply")
    return root or Problem(0, "", "the file is empty; `maskstream init DIR` writes an example")


def _problem_of(error: yaml.MarkedYAMLError) -> Problem:
    # A missing colon or quote is noticed lines after the one to mend.
    is_scanning = (error.context or "").startswith("while scanning")
    mark = (error.context_mark if is_scanning else None) or error.problem_mark
    said = _QUOTED.sub("***", error.problem or "this is not YAML")
    return Problem(0 if mark is None else mark.line + 1, "", f"not YAML: {said}; {_HINT}")


def _child(node: yaml.Node | None, part: str | int) -> Found:
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == part), (None, None))
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return None, node.value[part]
    return None, None


def _is_left_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.value == "" and node.style is None


def _walk(node: yaml.Node, location: Location = ()) -> Iterator[tuple[Location, yaml.Node]]:
    yield location, node
    if isinstance(node, yaml.MappingNode):
        for key, value in _pairs(node):
            yield from _walk(value, (*location, key))
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _walk(item, (*location, index))


def _pairs(node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node]]:
    """Yield keys and values, a key that stands twice once."""
    seen: set[str] = set()
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode) and key.value not in seen:
            seen.add(key.value)
            yield key.value, value


def _value(node: yaml.Node, location: Location, texts: dict[Location, str]) -> object:
    if isinstance(node, yaml.MappingNode):
        return {
            key: LEFT_EMPTY if _is_left_empty(value) else _value(value, (*location, key), texts)
            for key, value in _pairs(node)
        }
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*location, index), texts) for index, item in enumerate(node.value)]
    return texts.get(location)


def _mistakes(node: yaml.Node, location: Location) -> Iterator[Problem]:
    """Yield what YAML allows and a configuration does not: keys that stand twice or are no texts, and tags."""
    if not node.tag.startswith(_TAG_PREFIX):
        message = "tags (!name) are not read; quote a value that begins with !"
        yield Problem(node.start_mark.line + 1, key_of(location), message)
    if isinstance(node, yaml.MappingNode):
        yield from _key_mistakes(node, location)
        for key, value in _pairs(node):
            yield from _mistakes(value, (*location, key))
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _mistakes(item, (*location, index))


def _key_mistakes(node: yaml.MappingNode, location: Location) -> Iterator[Problem]:
    lines: dict[str, int] = {}
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            yield Problem(line, key_of(location), "a key is a plain word, got a list or a section")
        elif key.value in lines:
            message = f"this key stands twice, first on line {lines[key.value]}; keep one"
            yield Problem(line, key_of((*location, key.value)), message)
        else:
            lines[key.value] = line
