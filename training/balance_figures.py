"""How refitted heads do on the validation split: figures with their spread over seeds and over photographs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from training.bootstrap import Interval, percentile_interval, resampled_sums
from training.config import Recipe
from training.embeddings import EmbeddedFaces
from training.heads import Head
from training.metrics import macro_f1_of, precision_recall
from training.remedies import NOTHING


class Frozen(BaseModel):
    """A part of the record."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Spread(Frozen):
    """A figure's mean over the seeds and its range, and the mean's 95 % interval over the validation photographs."""

    mean: float
    lowest: float
    highest: float
    interval_95: Interval


class HeadFigures(Frozen):
    """How the heads of one method do on the validation split; `gain` is the macro-F1 less that of doing nothing."""

    macro_f1: Spread
    recall: dict[str, Spread]
    gain: Spread


class Balance(Frozen):
    """What `balance` compared, and the method whose first head it kept: the one of the highest mean macro-F1."""

    kept: str
    rarest: str
    seeds: int
    figures: dict[str, HeadFigures]
    embeddings: dict[str, int]
    validation_faces: int


@dataclass(frozen=True, slots=True)
class Judged:
    """Confusions of S heads on the validation split, (S, C, C), and in R resamplings of it, (R, S, C, C)."""

    counts: NDArray[np.int64]
    resampled: NDArray[np.int64]


def compared(heads: Mapping[str, Sequence[Head]], train: EmbeddedFaces, val: EmbeddedFaces, recipe: Recipe) -> Balance:
    """Return how the heads of each method do on the validation faces, and which method is kept."""
    judged = {name: judge(own, val, len(recipe.classes)) for name, own in heads.items()}
    figures = {name: _figures(one, judged[NOTHING], recipe.classes) for name, one in judged.items()}
    counts = np.bincount(train.labels, minlength=len(recipe.classes))
    return Balance(
        kept=max(figures, key=lambda name: figures[name].macro_f1.mean),
        rarest=recipe.classes[int(counts.argmin())],
        seeds=recipe.balance.seeds,
        figures=figures,
        embeddings=dict(zip(recipe.classes, counts.tolist(), strict=True)),
        validation_faces=len(val.labels),
    )


def judge(heads: Sequence[Head], faces: EmbeddedFaces, class_count: int) -> Judged:
    """Return the confusions of S heads on N faces; photographs are resampled alike for every call."""
    cells = np.stack([faces.labels * class_count + head.predicted(faces.embeddings) for head in heads], axis=1)
    counted = np.eye(class_count**2, dtype=np.int64)[cells].reshape(len(faces.labels), -1)
    shape = (len(heads), class_count, class_count)
    resampled = resampled_sums(counted, faces.groups).astype(np.int64)
    return Judged(counted.sum(axis=0).reshape(shape), resampled.reshape(-1, *shape))


def table(found: Balance) -> str:
    """Return the comparison as a Markdown table."""
    columns = ["head refitted with", f"recall of `{found.rarest}`", "95 % interval", "macro-F1", "95 % interval"]
    columns += [f"macro-F1 less that of {NOTHING}", "95 % interval"]
    rows = [
        [name, *_cells(one.recall[found.rarest]), *_cells(one.macro_f1), *_cells(one.gain)]
        for name, one in found.figures.items()
    ]
    lines = "\n".join(f"| {' | '.join(row)} |" for row in [columns, ["---"] * len(columns), *rows])
    seen = ", ".join(f"{count:,} {name}" for name, count in found.embeddings.items())
    return (
        f"{lines}\n\nMean over {found.seeds} seeds of the head, its range in brackets; "
        f"{found.validation_faces:,} faces of `val`. Fitted on {seen}. Kept: {found.kept}."
    )


def _figures(one: Judged, nothing: Judged, classes: Sequence[str]) -> HeadFigures:
    gains = macro_f1_of(one.counts) - macro_f1_of(nothing.counts).mean()
    # Both are judged on the same resamplings, so that what is common to them cancels.
    resampled = macro_f1_of(one.resampled).mean(axis=1) - macro_f1_of(nothing.resampled).mean(axis=1)
    by_seed, by_resampling = precision_recall(one.counts)[1], precision_recall(one.resampled)[1]
    recalls = {name: _spread(by_seed[:, i], by_resampling[..., i]) for i, name in enumerate(classes)}
    macro_f1 = _spread(macro_f1_of(one.counts), macro_f1_of(one.resampled))
    return HeadFigures(macro_f1=macro_f1, recall=recalls, gain=_spread(gains, resampled[:, None]))


def _spread(by_seed: NDArray[np.float64], resampled: NDArray[np.float64]) -> Spread:
    """Return the spread of (S,) figures, the interval from (R, S) resampled ones."""
    low, high = percentile_interval(resampled.mean(axis=1)) or (0.0, 1.0)
    mean, lowest, highest = by_seed.mean(), by_seed.min(), by_seed.max()
    return Spread(
        mean=round(float(mean), 5),
        lowest=round(float(lowest), 5),
        highest=round(float(highest), 5),
        interval_95=(round(low, 5), round(high, 5)),
    )


def _cells(spread: Spread) -> list[str]:
    low, high = spread.interval_95
    value = f"{spread.mean:.3f}"
    if spread.lowest != spread.highest:
        value += f" ({spread.lowest:.3f} to {spread.highest:.3f})"
    return [value, f"{low:.3f} to {high:.3f}"]
