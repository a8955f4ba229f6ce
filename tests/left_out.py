"""The list that closes a test run: what was left out, and why."""

from collections import Counter
from collections.abc import Iterable

import pytest

NOTHING = "nothing: every test collected has run"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    stats = terminalreporter.stats
    terminalreporter.section("left out")
    for line in left_out(stats.get("skipped", ()), len(stats.get("deselected", ()))):
        terminalreporter.write_line(line)


def left_out(skipped: Iterable[pytest.TestReport | pytest.CollectReport], deselected: int) -> list[str]:
    """Return a line per reason, the most frequent first."""
    reasons = Counter(reason_of(report) for report in skipped)
    if deselected:
        reasons["deselected on the command line"] += deselected
    return [f"{count} x {reason}" for reason, count in reasons.most_common()] or [NOTHING]


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return str(report.longrepr)
