"""Fixtures and habits of every test; the parts stand in `machine`, `left_out` and `tidiness`."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from pipeline.inference.no_reports import forbid_reports
from tests.left_out import pytest_terminal_summary
from tests.machine import require_gpu
from tests.tidiness import leaves_no_thread, logs_no_error, pytest_runtest_makereport

__all__ = ["leaves_no_thread", "logs_no_error", "pytest_runtest_makereport", "pytest_terminal_summary", "shared_data"]

# Before a test imports ONNX Runtime by itself.
forbid_reports()

# A busy machine is no failure: no example has a deadline. CI tries the same examples on each run.
settings.register_profile("project", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("project")

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of faces.zip, scenes.zip and clips/: MASKSTREAM_DATA, by default `../shared/data`."""
    folder = Path(os.environ.get("MASKSTREAM_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no shared data in {folder}: set MASKSTREAM_DATA")
    return folder


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("needs_gpu"):
        require_gpu()
