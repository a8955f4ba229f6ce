"""What is wrong at one place of a configuration file, and all of it together."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pipeline.errors import ConfigError, ExitCode
from pipeline.redact import redact

Location: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys, and indices counted from 0."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake, without any secret: its line, from 1 (0 is the whole file), its key and what is wrong there."""

    line: int
    key: str
    message: str

    def of(self, path: Path) -> str:
        """Return the mistake as editors and compilers write it, to jump to: `cameras.yaml:12: streams[0].url: ...`."""
        name = redact(str(path))  # it may be the address of a camera that was given in its place
        place = f"{name}:{self.line}" if self.line else name
        return ": ".join(part for part in (place, self.key, self.message) if part)


class ConfigFileError(ConfigError):
    """A configuration file that can't be used; a line for each mistake, in the order of the file."""

    exit_code = ExitCode.CONFIG

    def __init__(self, path: Path, problems: tuple[Problem, ...]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.key)))
        lines = [problem.of(path) for problem in self.problems]
        many = [f"{redact(str(path))} has {len(lines)} mistakes"] if len(lines) > 1 else []
        super().__init__("\n".join([*many, *lines]))


def key_of(location: Location) -> str:
    """Return `location` as people write it: `streams[2].recording.folder`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{shown_key(part)}" for part in location)
    return "".join(parts).removeprefix(".")


def shown_key(key: str) -> str:
    """Return `key` where it is a plain word: `{password:hunter2}`, without a space, makes a key of the password."""
    return key if _WORD.fullmatch(key) else "***"
