"""What evaluating finds: the shape of `evaluate --json`. Shares and scores lie in [0, 1] and are rounded."""

from typing import TypedDict

from training.breakdown import HardNegative, Part

Interval = tuple[float, float]


class ClassFigures(TypedDict):
    """Precision and recall of one class, how many faces are of it, and the Wilson interval of the recall."""

    precision: float
    recall: float
    faces: int
    recall_wilson_95: Interval


class Figures(TypedDict):
    """The argmax of every face, `unknown` never asked for; rows of `confusion` are true classes, columns answers.

    `two_class_accuracy` is over the faces labelled masked or unmasked, the likelier of the two being the answer;
    `masked_against_rest` is over all faces, `incorrect` counting as not masked. `brier` lies in [0, 2].
    """

    model_sha256: str
    n: int
    accuracy: float
    macro_f1: float
    two_class_faces: int
    two_class_accuracy: float | None
    masked_against_rest: float
    per_class: dict[str, ClassFigures]
    ece: float
    brier: float
    classes: list[str]
    confusion: list[list[int]]


class Intervals(TypedDict):
    """95 % intervals, None where no resampling defines the figure, and how they were made."""

    accuracy: Interval | None
    macro_f1: Interval | None
    two_class_accuracy: Interval | None
    masked_against_rest: Interval | None
    groups: int
    replicates: int
    seed: int


class ReliabilityBin(TypedDict):
    """Faces of similar confidence: their number, mean confidence, and the share that is right."""

    faces: int
    confidence: float
    accuracy: float


class Selected(TypedDict):
    """What answering from a confidence on gives: `risk` is the error among the answered, `highest_risk` its bound."""

    confidence: float
    coverage: float
    risk: float
    highest_risk: float


class CurvePoint(TypedDict):
    """Answering from `confidence` on answers `coverage` of the faces, `risk` of the answers being wrong."""

    confidence: float
    coverage: float
    risk: float


class RiskCoverageFigures(TypedDict):
    """Area under the risk-coverage curve, and how much can be answered with `allowed_risk` of the answers wrong.

    `curve` has a point for each hundredth of the faces, or for each face where they are fewer.
    """

    aurc: float
    curve: list[CurvePoint]
    allowed_risk: float
    at_allowed_risk: Selected


class Mistake(TypedDict):
    """A wrong answer: the face's name in the data, what it is, what it was called, and how surely."""

    name: str
    true: str
    predicted: str
    confidence: float


class Evaluation(Figures):
    """All that `evaluate` finds; `left_out` counts the faces of classes that the model does not know.

    `unknown` is None where the model has no threshold of its own; `mistakes` are sorted, the surest first.
    """

    model_classes: list[str]
    left_out: dict[str, int]
    intervals_95: Intervals
    hard_negatives: list[HardNegative]
    by_source: list[Part]
    by_note: list[Part]
    by_size: list[Part]
    reliability: list[ReliabilityBin]
    risk_coverage: RiskCoverageFigures
    unknown: Selected | None
    mistakes: list[Mistake]
