"""Writes a model with its card, after judging it as serving will run it."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import onnx

from pipeline.errors import ModelError, SinkError
from pipeline.inference.onnx_classifier import open_classifier
from pipeline.model_card import ModelCard, card_path, sha256_of, write_card
from pipeline.types import Float32Array
from training.answers import JudgedModel
from training.crops import serving_crops
from training.evaluate import figures
from training.faces import LabelledFace


def write_artefact(model: onnx.ModelProto, card: ModelCard, out: Path) -> ModelCard:
    """Write `model` to `out` and `card`, with the model's hash, beside it; raise SinkError where that fails."""
    if out.suffix != ".onnx":
        raise SinkError(f"a model's file ends in .onnx, got {out}")
    data = model.SerializeToString()
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


def remove_artefact(out: Path) -> None:
    """Delete a model and its card, if they are there."""
    out.unlink(missing_ok=True)
    card_path(out).unlink(missing_ok=True)


def probabilities_of(model: Path, faces: Sequence[LabelledFace]) -> Float32Array:
    """Return the (N, 3) probabilities, in `SCORED_STATES` order, that serving on a CPU gives `faces`."""
    with closing(open_classifier(model, device="cpu")) as classifier:
        return classifier.classify(serving_crops(faces, classifier.input_size_px))


def add_figures(
    out: Path, card: ModelCard, split: str, faces: Sequence[LabelledFace], measured: dict[str, float]
) -> ModelCard:
    """Add `measured`, and how the model at `out` does on the faces of `split`, to its card."""
    labels = np.array([face.label for face in faces])
    found = figures(labels, JudgedModel(card.sha256, probabilities_of(out, faces)))
    on_split: dict[str, float] = {
        f"{split}_faces": float(found["n"]),
        f"{split}_accuracy": found["accuracy"],
        f"{split}_macro_f1": found["macro_f1"],
        f"{split}_ece": found["ece"],
        **{f"{split}_{name}_recall": one["recall"] for name, one in found["per_class"].items()},
    }
    full = card.model_copy(update={"figures": {**card.figures, **on_split, **measured}})
    write_card(full, out)
    return full


def check_parity(expected: Float32Array, got: Float32Array, tolerance: float) -> float:
    """Return the largest absolute difference of two (N, C) tables; raise ModelError where it exceeds `tolerance`."""
    difference = float(np.abs(expected - got).max())
    if not difference <= tolerance:
        raise ModelError(
            f"the export does not compute what Keras does: probabilities differ by up to {difference:.2e} "
            f"on {len(expected)} crops, {tolerance:.0e} is allowed"
        )
    return difference
