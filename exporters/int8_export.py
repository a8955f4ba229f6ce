"""`python -m exporters quantize`: an 8-bit model from an fp32 one, with its card."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import onnx

from exporters.artefact import add_figures, probabilities_of, remove_artefact, write_artefact
from exporters.quantization import calibration_sample, quantize
from pipeline.errors import ConfigError, ModelError
from pipeline.inference.model_files import load_model
from pipeline.model_card import ModelCard
from training.crops import serving_crops
from training.faces import LabelledFace, load_faces

MIN_AGREEMENT = 0.97
CALIBRATION_FACES = 300


def export_quantized(source: Path, data: Path, split: str, out: Path) -> ModelCard:
    """Write the fp32 model at `source` in 8 bits with its card, and return the card.

    Raises ModelError where it gives too many other verdicts than the source: then nothing is left behind.
    """
    loaded = load_model(source)
    if loaded.card.precision != "fp32":
        raise ConfigError(f"quantisation starts from an fp32 model, {source} is {loaded.card.precision}")
    faces = load_faces(data, [split])
    crops = serving_crops(calibration_sample(faces, CALIBRATION_FACES), loaded.card.input_size_px)
    quantized = quantize(onnx.load_from_string(loaded.data), crops)
    origin = {"precision": "int8", "source_sha256": loaded.card.sha256, "created": datetime.now(UTC).date()}
    int8_card = loaded.card.model_copy(update={**origin, "figures": {}})
    card = write_artefact(quantized, int8_card, out)
    try:
        measured = _agreement(source, out, faces)
    except ModelError:
        remove_artefact(out)
        raise
    return add_figures(out, card, split, faces, measured)


def _agreement(source: Path, out: Path, faces: list[LabelledFace]) -> dict[str, float]:
    before, after = probabilities_of(source, faces), probabilities_of(out, faces)
    agreement = float((before.argmax(axis=1) == after.argmax(axis=1)).mean())
    if agreement < MIN_AGREEMENT:
        raise ModelError(
            f"the 8-bit model agrees with its source on {agreement:.1%} of the faces, {MIN_AGREEMENT:.0%} is due"
        )
    difference = np.abs(before - after)
    return {
        "agreement_with_fp32": round(agreement, 5),
        "mean_abs_difference_from_fp32": round(float(difference.mean()), 6),
        "max_abs_difference_from_fp32": round(float(difference.max()), 5),
    }
