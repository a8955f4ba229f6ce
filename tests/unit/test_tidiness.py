"""A test that leaves a thread or an unseen error behind fails."""

from collections.abc import Iterator

import pytest

from tests import tidiness

PLUGIN = "from tests.tidiness import *\nfrom tests.tidiness import pytest_runtest_makereport\n"


@pytest.fixture
def tidy(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[pytest.Pytester]:
    """A run inside the run; what the inner one logs is not held against the outer one."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setattr(tidiness, "JOIN_TIMEOUT_S", 0.01)
    pytester.makeconftest(PLUGIN)
    yield pytester
    caplog.get_records("call").clear()


def test_a_leaked_thread_is_an_error(tidy: pytest.Pytester) -> None:
    tidy.makepyfile(
        """
        import threading

        release = threading.Event()
        thread = threading.Thread(target=release.wait, name="read:cam", daemon=True)

        def test_leaks():
            thread.start()

        def test_next():
            release.set()
            thread.join()
        """
    )

    result = tidy.runpytest_inprocess()

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*threads still run after the test: read:cam*"])


def test_a_thread_that_ends_is_none(tidy: pytest.Pytester) -> None:
    tidy.makepyfile(
        """
        import threading

        def test_ends():
            thread = threading.Thread(target=int)
            thread.start()
            thread.join()
        """
    )

    tidy.runpytest_inprocess().assert_outcomes(passed=1)


def test_an_error_in_the_log_of_a_passing_test_is_an_error(tidy: pytest.Pytester) -> None:
    tidy.makepyfile("import logging\ndef test_logs(): logging.getLogger('lane').error('the lane broke')")

    result = tidy.runpytest_inprocess()

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*the lane broke*"])


def test_an_error_that_was_looked_at_is_none(tidy: pytest.Pytester) -> None:
    tidy.makepyfile(
        """
        import logging

        def test_logs(caplog):
            logging.getLogger("lane").error("the lane broke")
            assert "the lane broke" in caplog.text
            caplog.clear()
        """
    )

    tidy.runpytest_inprocess().assert_outcomes(passed=1)


def test_a_failing_test_is_not_blamed_twice(tidy: pytest.Pytester) -> None:
    tidy.makepyfile("import logging\ndef test_logs():\n    logging.error('broken')\n    assert False")

    tidy.runpytest_inprocess().assert_outcomes(failed=1)
