"""Runs the `maskstream` command inside the test's process."""

from dataclasses import dataclass

import pytest

from pipeline.cli import main


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: its exit code, and what it wrote to stdout and stderr."""

    code: int
    out: str
    err: str


class Command:
    """Callable with the words of a command line."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capfd = capfd

    def __call__(self, *words: object) -> Ended:
        """Run `maskstream WORDS...` to its end."""
        self._monkeypatch.setattr("sys.argv", ["maskstream", *map(str, words)])
        self._capfd.readouterr()
        with pytest.raises(SystemExit) as exit_info:
            main()
        captured = self._capfd.readouterr()
        assert isinstance(exit_info.value.code, int)
        return Ended(exit_info.value.code, captured.out, captured.err)
