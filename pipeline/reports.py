"""Tables for people on a terminal."""

from pathlib import Path
from typing import Any

from rich.table import Table

from pipeline.types import MaskState


def person_table(summary: dict[str, Any], folder: Path) -> Table:
    """Return the table of one input's summary."""
    table = Table(title=f"{summary['input']} -> {folder}", title_justify="left", show_edge=False)
    for heading in ("frames", "frames/s", *(state.value for state in MaskState), "compliance"):
        table.add_column(heading, justify="right")
    rate = summary["compliance"]["rate"]
    table.add_row(
        str(summary["frames"]),
        f"{summary['frames_per_s']:.0f}",
        *(str(summary["persons"][state.value]) for state in MaskState),
        "-" if rate is None else f"{rate:.0%}",
    )
    return table
