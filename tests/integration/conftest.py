"""What the tests of whole commands share."""

from pathlib import Path

import pytest

from tests.command import Command
from tests.models import tiny_model


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capfd)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tiny_model(tmp_path)
