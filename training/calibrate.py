"""Fits the temperature and the `unknown` threshold on a validation split, and folds the temperature into the head."""

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from pipeline.types import Float32Array
from training.calibration import Calibration
from training.crops import serving_crops, softmax
from training.faces import load_faces
from training.metrics import expected_calibration_error, negative_log_likelihood
from training.model import head_layer, load_model, predict
from training.run_folder import BALANCED, BEST, CALIBRATED, CALIBRATION, read_recipe, write_record
from training.selective import ALLOWED_RISK, guaranteed_threshold, unknown_threshold

TEMPERATURE_BOUNDS = (0.05, 20.0)


def calibrate(run: Path, data: Path, split: str = "val") -> Calibration:
    """Calibrate the run's balanced model, or its best one where it was not balanced; write `calibrated.keras`.

    Temperature scaling: Guo et al., On Calibration of Modern Neural Networks, 2017. It changes no argmax.
    """
    recipe = read_recipe(run)
    model = load_model(run / BALANCED if (run / BALANCED).exists() else run / BEST)
    faces = load_faces(data, [split], recipe.class_aliases, recipe.classes)
    labels = np.array([face.label for face in faces])
    logits = predict(model, serving_crops(faces, recipe.final_size_px), recipe.batch_size)
    temperature = best_temperature(labels, logits)
    found = _measure(labels, logits, temperature, split)
    fold_temperature(model, temperature)
    model.save(run / CALIBRATED)
    write_record(found, run / CALIBRATION)
    return found


def best_temperature(labels: NDArray[np.integer], logits: NDArray[np.floating]) -> float:
    """Return the temperature with the least cross-entropy of (N, C) logits."""
    result = minimize_scalar(
        lambda log_temperature: negative_log_likelihood(labels, logits, math.exp(log_temperature)),
        bounds=(math.log(TEMPERATURE_BOUNDS[0]), math.log(TEMPERATURE_BOUNDS[1])),
        method="bounded",
    )
    return math.exp(result.x)


def fold_temperature(model: Any, temperature: float) -> None:
    """Divide the head's kernel and bias, and with them its logits, by `temperature`."""
    head = head_layer(model)
    head.set_weights([weights / temperature for weights in head.get_weights()])


def _measure(labels: NDArray[np.integer], logits: Float32Array, temperature: float, split: str) -> Calibration:
    after = softmax(logits / np.float32(temperature))
    threshold = unknown_threshold(labels, after)
    guaranteed = guaranteed_threshold(labels, after, ALLOWED_RISK)
    return Calibration(
        split=split,
        faces=len(labels),
        temperature=round(temperature, 5),
        ece_before=round(expected_calibration_error(labels, softmax(logits)), 5),
        ece_after=round(expected_calibration_error(labels, after), 5),
        unknown_below=threshold.confidence,
        coverage=round(threshold.coverage, 4),
        risk=round(threshold.risk, 5),
        highest_risk=round(threshold.highest_risk, 5),
        guaranteed_below=round(guaranteed.confidence, 6),
        guaranteed_coverage=round(guaranteed.coverage, 4),
    )
