"""What calibrating found: written beside the calibrated model, read by the exporter."""

from pydantic import BaseModel, ConfigDict

SMALLEST_FACE_PX = 20.0
"""Where it was not measured: the first model lost less than a point of macro-F1 on `val` faces reduced to 20 px."""


class Calibration(BaseModel):
    """The temperature folded into a model, the error it left, and the two limits below which a verdict is `unknown`.

    From the confidence `unknown_below` on, `coverage` of the faces are answered and `risk` of these answers are wrong,
    at most `highest_risk` with 95 % confidence; from `guaranteed_below` on, such a bound keeps to the allowed risk.
    `smallest_face_px` is the longer side of the smallest face that is judged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    split: str
    faces: int
    temperature: float
    ece_before: float
    ece_after: float
    unknown_below: float
    coverage: float
    risk: float | None = None
    highest_risk: float | None = None
    guaranteed_below: float | None = None
    guaranteed_coverage: float | None = None
    smallest_face_px: float = SMALLEST_FACE_PX
