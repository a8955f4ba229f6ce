"""Reads a Containerfile as its builders do, as far as this project's goes."""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

INSTRUCTIONS = re.compile(
    "ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR"
)


@dataclass(frozen=True, slots=True)
class Instruction:
    """`words` is the rest of its line, or lines, as one text."""

    name: str
    words: str

    @property
    def arguments(self) -> list[str]:
        """The arguments that are no options."""
        return [word for word in shlex.split(self.words) if not word.startswith("--")]

    @property
    def options(self) -> dict[str, str]:
        pairs = (word[2:].partition("=") for word in shlex.split(self.words) if word.startswith("--"))
        return {name: value for name, _, value in pairs}

    @property
    def command(self) -> list[str]:
        """The words that are executed without a shell; `HEALTHCHECK [OPTION...] CMD` stands before them."""
        found: list[str] = json.loads(self.words[self.words.index("[") :])
        return found


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a build that begins with FROM: what it begins with, its name, and what it does."""

    image: str
    name: str
    instructions: tuple[Instruction, ...]

    def all(self, name: str) -> list[Instruction]:
        return [instruction for instruction in self.instructions if instruction.name == name]

    def last(self, name: str) -> Instruction:
        return self.all(name)[-1]


def instructions(path: Path) -> list[Instruction]:
    """Return the instructions of the file; raise ValueError for what is none."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")]
    found = []
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        name, _, words = line.strip().partition(" ")
        if name and not INSTRUCTIONS.fullmatch(name):
            raise ValueError(f"{path.name} has {name!r}, which is no instruction")
        if name:
            found.append(Instruction(name, words.strip()))
    return found


def stages(path: Path) -> list[Stage]:
    """Return the stages of the file, in order."""
    found: list[Stage] = []
    for instruction in instructions(path):
        if instruction.name == "FROM":
            image, *rest = instruction.arguments
            found.append(Stage(image, rest[1] if rest else "", ()))
            continue
        before = found.pop()
        found.append(Stage(before.image, before.name, (*before.instructions, instruction)))
    return found
