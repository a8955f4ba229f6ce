"""Writes a model with its card, and judges it as serving will run it."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import onnx

from exporters.card_figures import CheckedFaces, difference_figures, split_figures
from pipeline.errors import ModelError, SinkError
from pipeline.inference.onnx_classifier import open_classifier
from pipeline.model_card import ModelCard, card_path, sha256_of, write_card
from pipeline.types import Float32Array, UInt8Array
from training.answers import JudgedModel
from training.evaluate import evaluation


def write_artefact(model: onnx.ModelProto, card: ModelCard, out: Path) -> ModelCard:
    """Write `model` to `out` and `card`, with the model's hash, beside it; raise SinkError where that fails.

    The model bears the card's stamp, so that a card which was changed later is found out.
    """
    if out.suffix != ".onnx":
        raise SinkError(f"a model's file ends in .onnx, got {out}")
    stamped = onnx.ModelProto()
    stamped.CopyFrom(model)
    onnx.helper.set_model_props(stamped, card.stamp)
    data = stamped.SerializeToString()
    named = card.model_copy(update={"name": out.stem, "sha256": sha256_of(data)})
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        scratch = out.with_suffix(".onnx.partial")
        scratch.write_bytes(data)
        scratch.replace(out)
        write_card(named, out)
    except OSError as error:
        raise SinkError(f"cannot write {out}: {error.strerror}") from error
    return named


@contextmanager
def removed_on_error(out: Path) -> Iterator[None]:
    """Delete the model at `out` and its card where what is done with them meanwhile fails."""
    try:
        yield
    except BaseException:
        out.unlink(missing_ok=True)
        card_path(out).unlink(missing_ok=True)
        raise


def probabilities_of(model: Path, crops: UInt8Array) -> Float32Array:
    """Return the (N, 3) probabilities, in `SCORED_STATES` order, that serving on a CPU gives (N, S, S, 3) crops."""
    with closing(open_classifier(model, device="cpu")) as classifier:
        return classifier.classify(crops)


def complete_card(
    out: Path, card: ModelCard, faces: CheckedFaces, got: Float32Array, references: Mapping[str, Float32Array]
) -> ModelCard:
    """Add to the card at `out` how the model does on `faces`, and how far it is from each of `references` by name."""
    judged = JudgedModel(card.sha256, got, card.classes, card.unknown_below, card.input_size_px)
    measured = split_figures(faces.split, evaluation(faces.faces, judged))
    for name, expected in references.items():
        measured |= difference_figures(name, faces, card.classes, expected, got)
    full = card.model_copy(update={"figures": {**card.figures, **measured}})
    write_card(full, out)
    return full


def check_parity(expected: Float32Array, got: Float32Array, tolerance: float) -> None:
    """Raise ModelError where two (N, C) tables of probabilities differ by more than `tolerance` anywhere."""
    difference = float(np.abs(expected - got).max())
    if not difference <= tolerance:
        raise ModelError(
            f"the export does not compute what Keras does: probabilities differ by up to {difference:.2e} "
            f"on {len(expected)} crops, {tolerance:.0e} is allowed"
        )
