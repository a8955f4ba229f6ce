"""What no test may leave behind: a running thread, or an ERROR in the log that it did not look at."""

import logging
import threading
from collections.abc import Generator, Iterator

import pytest

JOIN_TIMEOUT_S = 5.0
"""How long a thread that is ending may take; a thread that ends at once costs nothing."""

PASSED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call":
        item.stash[PASSED] = report.passed
    return report


@pytest.fixture(autouse=True)
def leaves_no_thread() -> Iterator[None]:
    """Fail a test after which a thread that it started still runs."""
    before = set(threading.enumerate())
    yield
    leaked = threads_left([thread for thread in threading.enumerate() if thread not in before])
    assert not leaked, f"threads still run after the test: {', '.join(leaked)}"


@pytest.fixture(autouse=True)
def logs_no_error(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a passing test that logged an ERROR; one that expects it checks the record and calls `caplog.clear()`."""
    yield
    errors = [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    if request.node.stash.get(PASSED, False):
        assert not errors, f"the test passed, but the log has: {errors}"


def threads_left(threads: list[threading.Thread]) -> list[str]:
    """Return the names of those that don't end within `JOIN_TIMEOUT_S`."""
    for thread in threads:
        thread.join(JOIN_TIMEOUT_S)
    return [thread.name for thread in threads if thread.is_alive()]
