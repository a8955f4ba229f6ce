"""Tables for people on a terminal."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


def print_summary(summary: dict[str, Any], folder: Path) -> None:
    """Print one input's name, where its files lie, and its figures."""
    console = Console()
    # A path that is wrapped can't be copied.
    console.print(f"{summary['input']} -> {folder}", highlight=False, markup=False, soft_wrap=True)
    console.print(_figures(summary))


def _figures(summary: dict[str, Any]) -> Table:
    table = Table(show_edge=False)
    for heading in ("frames", "frames/s", *summary["persons"], "compliance"):
        table.add_column(heading, justify="right")
    rate = summary["compliance"]["rate"]
    table.add_row(
        str(summary["frames"]),
        f"{summary['frames_per_s']:.0f}",
        *map(str, summary["persons"].values()),
        "-" if rate is None else f"{rate:.0%}",
    )
    return table
