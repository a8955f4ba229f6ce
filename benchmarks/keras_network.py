"""The shipped network as Keras has it: a run's model, or one of the same architecture and input size, weights drawn.

What a network costs does not hang on its weights, so that the second stands in where the first is not at hand.
`python -m benchmarks.keras_network OUT.onnx [RUN.keras]` writes it as tf2onnx does.
"""

import sys
from pathlib import Path

import onnx

from exporters.keras_options import KerasOptions
from exporters.keras_source import KerasSource, open_keras
from exporters.keras_to_onnx import converted
from exporters.network_output import output_kind
from pipeline.inference.model_files import CPU_PREFERENCE, default_model
from pipeline.model_card import ModelCard, read_card
from training.config import Recipe
from training.model import build_model
from training.pixel_scale import BYTES
from training.run_folder import CALIBRATED, RECIPE, write_record


def open_network(path: Path | None) -> KerasSource:
    """Return the run's model at `path`, or the stand-in; raises MaskstreamError."""
    return _stand_in(read_card(default_model(CPU_PREFERENCE))) if path is None else open_keras(path, KerasOptions())


def write_stand_in(folder: Path) -> Path:
    """Write the stand-in as a run leaves its model, and return the file."""
    source = open_network(None)
    write_record(_recipe(read_card(default_model(CPU_PREFERENCE))), folder / RECIPE)
    source.model.save(folder / CALIBRATED)
    return folder / CALIBRATED


def _stand_in(card: ModelCard) -> KerasSource:
    model = build_model(_recipe(card))
    kind = output_kind(model, "logits", len(card.classes))
    return KerasSource(Path("weights drawn"), model, card.classes, card.input_size_px, BYTES, kind)


def _recipe(card: ModelCard) -> Recipe:
    return Recipe.model_validate(
        {
            "name": "stand-in",
            "backbone": card.architecture,
            "weights": "none",
            "classes": card.classes,
            "class_shares": dict.fromkeys(card.classes, 1 / len(card.classes)),
            "stages": [{"size_px": card.input_size_px, "epochs": 1}],
        }
    )


def main() -> None:
    out, *run = map(Path, sys.argv[1:])
    onnx.save(converted(open_network(run[0] if run else None)), out)


if __name__ == "__main__":
    main()
