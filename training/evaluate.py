"""Judges a model on labelled faces."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import SourceError
from pipeline.statistics import wilson_interval
from pipeline.types import STATE_COUNT
from training.answers import JudgedFaces, JudgedModel
from training.bootstrap import Resampling, percentile_interval, resampled_sums
from training.breakdown import by, hard_negatives, note_of, rounded, size_of, source_of
from training.faces import LABEL_INDEX, STATES, LabelledFace
from training.figures import (
    ClassFigures,
    CurvePoint,
    Evaluation,
    Figures,
    Interval,
    Intervals,
    Mistake,
    RiskCoverageFigures,
    Selected,
)
from training.metrics import (
    ECE_BINS,
    MASKED,
    accuracy_of,
    brier_score,
    confidence_bins,
    confusion,
    expected_calibration_error,
    macro_f1,
    macro_f1_of,
    masked_against_rest,
    occurring,
    precision_recall,
    two_class_hits,
)
from training.selective import ALLOWED_RISK, RiskCoverage, Threshold, at_threshold, risk_coverage, risk_threshold

CURVE_POINTS = 100


def evaluation(faces: Sequence[LabelledFace], answers: JudgedModel, resampling: Resampling | None = None) -> Evaluation:
    """Return everything about a model's answers to `faces`, labels in `SCORED_STATES` order.

    Faces of classes that the model does not know are left out and counted; raises SourceError where none remains.
    """
    labels = np.array([face.label for face in faces])
    is_known = answers.knows(labels)
    if not is_known.any():
        raise SourceError(f"no face is labelled {' or '.join(answers.classes)}: the model knows no other class")
    judged = JudgedFaces(faces, labels, answers.probabilities).where(is_known)
    threshold = answers.unknown_below
    selected = None if threshold is None else at_threshold(judged.labels, judged.probabilities, threshold)
    return {
        **_figures(answers.sha256, judged),
        "model_classes": list(answers.classes),
        "left_out": dict(Counter(STATES[label] for label in labels[~is_known])),
        "intervals_95": intervals(judged, resampling or Resampling()),
        "hard_negatives": hard_negatives(judged),
        "by_source": by(source_of, judged),
        "by_note": by(note_of, judged),
        "by_size": by(size_of, judged),
        "reliability": [
            {"faces": part.faces, "confidence": round(part.confidence, 5), "accuracy": round(part.accuracy, 5)}
            for part in confidence_bins(judged.labels, judged.probabilities, ECE_BINS)
        ],
        "risk_coverage": _risk_coverage(judged),
        "unknown": None if selected is None else _selected(selected),
        "mistakes": mistakes(judged),
    }


def figures(labels: NDArray[np.integer], answers: JudgedModel) -> Figures:
    """Return the figures of (N,) labels, in `SCORED_STATES` order, against a model's answers to those faces."""
    return _figures(answers.sha256, JudgedFaces((), labels, answers.probabilities))


def intervals(judged: JudgedFaces, resampling: Resampling) -> Intervals:
    """Return 95 % bootstrap intervals, photographs resampled: faces of one group come and go together."""
    groups = [face.group for face in judged.faces]
    columns = np.eye(STATE_COUNT**2, dtype=np.int64)[judged.labels * STATE_COUNT + judged.predicted]
    compared = np.stack(two_class_hits(judged.labels, judged.probabilities), axis=1)
    against_rest = (judged.labels == MASKED) == (judged.predicted == MASKED)
    sums = resampled_sums(np.column_stack((columns, compared, against_rest)), groups, resampling).astype(np.int64)
    matrices = sums[:, : STATE_COUNT**2].reshape(-1, STATE_COUNT, STATE_COUNT)
    compared_count, told_apart, told_from_rest = sums[:, STATE_COUNT**2 :].T
    with np.errstate(invalid="ignore"):  # a resampling may hold no face of the two classes
        two_class = told_apart / compared_count
    return {
        "accuracy": _interval(accuracy_of(matrices)),
        "macro_f1": _interval(macro_f1_of(matrices)),
        "two_class_accuracy": _interval(two_class),
        "masked_against_rest": _interval(told_from_rest / matrices.sum(axis=(1, 2))),
        "groups": len(set(groups)),
        "replicates": resampling.replicates,
        "seed": resampling.seed,
    }


def mistakes(judged: JudgedFaces) -> list[Mistake]:
    """Return the wrong answers, the surest first."""
    confidence = judged.probabilities.max(axis=1)
    wrong = np.flatnonzero(~judged.is_right)
    return [
        {
            "name": judged.faces[index].name,
            "true": STATES[judged.labels[index]],
            "predicted": STATES[judged.predicted[index]],
            "confidence": round(float(confidence[index]), 5),
        }
        for index in wrong[np.argsort(-confidence[wrong], kind="stable")]
    ]


def _figures(sha256: str, judged: JudgedFaces) -> Figures:
    labels, predicted, probabilities = judged.labels, judged.predicted, judged.probabilities
    matrix = confusion(labels, predicted, STATE_COUNT)
    is_compared, is_told_apart = two_class_hits(labels, probabilities)
    compared = int(is_compared.sum())
    return {
        "model_sha256": sha256,
        "n": len(labels),
        "accuracy": round(float(judged.is_right.mean()), 5),
        "macro_f1": round(macro_f1(labels, predicted, STATE_COUNT), 5),
        "two_class_faces": compared,
        "two_class_accuracy": round(int(is_told_apart.sum()) / compared, 5) if compared else None,
        "masked_against_rest": round(masked_against_rest(labels, predicted), 5),
        "per_class": _per_class(matrix),
        "ece": round(expected_calibration_error(labels, probabilities), 5),
        "brier": round(brier_score(labels, probabilities), 5),
        "classes": list(LABEL_INDEX),
        "confusion": matrix.tolist(),
    }


def _per_class(matrix: NDArray[np.int64]) -> dict[str, ClassFigures]:
    precision, recall = precision_recall(matrix)
    occurs = occurring(matrix)
    return {
        name: {
            "precision": round(float(precision[index]), 5),
            "recall": round(float(recall[index]), 5),
            "faces": int(matrix[index].sum()),
            "recall_wilson_95": rounded(wilson_interval(int(matrix[index, index]), int(matrix[index].sum()))),
        }
        for name, index in LABEL_INDEX.items()
        if occurs[index]
    }


def _risk_coverage(judged: JudgedFaces) -> RiskCoverageFigures:
    labels, probabilities = judged.labels, judged.probabilities
    curve = risk_coverage(labels, probabilities)
    return {
        "aurc": round(curve.area, 5),
        "curve": _points(curve),
        "allowed_risk": ALLOWED_RISK,
        "at_allowed_risk": _selected(risk_threshold(labels, probabilities, ALLOWED_RISK)),
    }


def _points(curve: RiskCoverage) -> list[CurvePoint]:
    faces = int(curve.answered[-1])
    wanted = np.arange(1, min(CURVE_POINTS, faces) + 1) * faces // min(CURVE_POINTS, faces)
    return [
        {
            "confidence": round(float(curve.thresholds[index]), 6),
            "coverage": round(float(curve.coverages[index]), 5),
            "risk": round(float(curve.risks[index]), 5),
        }
        for index in np.unique(np.searchsorted(curve.answered, wanted))
    ]


def _selected(threshold: Threshold) -> Selected:
    return {
        "confidence": round(threshold.confidence, 6),
        "coverage": round(threshold.coverage, 5),
        "risk": round(threshold.risk, 5),
        "highest_risk": round(threshold.highest_risk, 5),
    }


def _interval(samples: NDArray[np.floating]) -> Interval | None:
    found = percentile_interval(samples)
    return None if found is None else rounded(found)
