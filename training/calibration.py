"""What calibrating found: written beside the calibrated model, read by the exporter."""

from pydantic import BaseModel, ConfigDict


class Calibration(BaseModel):
    """The temperature folded into a model, the error it left, and the `unknown` threshold with the share it answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    split: str
    faces: int
    temperature: float
    ece_before: float
    ece_after: float
    unknown_below: float
    coverage: float
