"""`maskstream models`: the shipped models, their cards in short, and the devices here."""

import json

from rich.console import Console
from rich.table import Table

from pipeline.console import say
from pipeline.errors import ExitCode
from pipeline.inference.model_files import shipped_models
from pipeline.inference.providers import available_devices
from pipeline.model_card import ModelCard, read_card

HEADLINES = tuple(
    f"{split}_{name}"
    for split in ("test", "val")
    for name in ("faces", "accuracy", "macro_f1", "incorrect_recall", "ece")
)
"""The figures in the table; `--json` has all of a card's."""


def run_models(as_json: bool) -> ExitCode:
    """Print the models; raises ModelError where a card is missing or invalid."""
    cards = {path.name: read_card(path) for path in shipped_models()}
    devices = available_devices()
    if as_json:
        objects = {name: card.model_dump(mode="json") for name, card in cards.items()}
        say(json.dumps({"models": objects, "devices": devices}))
        return ExitCode.OK
    table = Table(show_edge=False)
    for heading in ("model", "precision", "input", "classes", "figures", "sha256"):
        table.add_column(heading, overflow="fold")
    for name, card in cards.items():
        table.add_row(name, *_cells(card))
    Console().print(table)
    say(f"devices here: {', '.join(devices)}")
    return ExitCode.OK


def _cells(card: ModelCard) -> tuple[str, ...]:
    figures = "\n".join(f"{name} {card.figures[name]:.3f}" for name in HEADLINES if name in card.figures)
    size = f"{card.input_size_px} px"
    return card.precision, size, ", ".join(card.classes), figures, card.sha256[:12]
