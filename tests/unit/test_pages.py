"""What the README and CONTRIBUTING say can be typed and followed."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli import maskstream

REPOSITORY = Path(__file__).parents[2]
PAGES = ("README.md", "CONTRIBUTING.md")
TEXT = "\n".join((REPOSITORY / page).read_text(encoding="utf-8") for page in PAGES)
COMMAND_LINES = re.findall(r"^    maskstream (.+?)(?:\s+#.*)?$", TEXT, re.MULTILINE)
MODULE_COMMANDS = sorted(set(re.findall(r"^    python -m (\w+) (\w+)", TEXT, re.MULTILINE)))


def test_the_targets_of_make_exist() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    asked = set(re.findall(r"\bmake ([a-z-]+)\b", TEXT))
    assert {"demo", "test", "check"} <= asked <= targets


@pytest.mark.parametrize("line", COMMAND_LINES)
def test_a_command_line_is_understood(line: str) -> None:
    name, *arguments = shlex.split(line)
    maskstream.commands[name].make_context(name, arguments)


@pytest.mark.parametrize("command", MODULE_COMMANDS, ids=" ".join)
def test_a_subcommand_of_a_module_exists(command: tuple[str, str]) -> None:
    subprocess.run([sys.executable, "-m", *command, "--help"], cwd=REPOSITORY, check=True, capture_output=True)


def test_every_subcommand_is_shown() -> None:
    assert set(maskstream.commands) <= {line.split()[0] for line in COMMAND_LINES}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", (REPOSITORY / page).read_text(encoding="utf-8"))
    assert not [target for target in targets if not (REPOSITORY / target).exists()]
