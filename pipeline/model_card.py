"""What a model promises: a JSON card of the same stem beside each `.onnx`, checked when the model is loaded.

A model takes (N, S, S, 3) uint8 RGB crops and gives (N, C) float32 probabilities of its card's classes:
scaling, softmax and temperature are part of its graph, so that the caller sends bytes and reads shares.
"""

import hashlib
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from pipeline.errors import ModelError
from pipeline.types import SCORED_STATES

Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Sha256: TypeAlias = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Text: TypeAlias = Annotated[str, Field(min_length=1)]
ClassName: TypeAlias = Literal["masked", "incorrect", "unmasked"]
Precision: TypeAlias = Literal["fp32", "fp16", "int8"]

HOW_TO_MAKE_ONE = "`python -m exporters onnx MODEL.keras --out MODEL.onnx` writes a model with its card"


class ModelCard(BaseModel):
    """One model's card; unknown keys are refused.

    `classes` names the columns of the output. `temperature` is what the logits were divided by (Guo et al., On
    Calibration of Modern Neural Networks, 2017). A verdict is `unknown` below the confidence `unknown_below`, or where
    the face's longer side is under `smallest_face_px`. `figures` holds measurements by name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Text
    version: Text
    architecture: Text
    classes: Annotated[tuple[ClassName, ...], Field(min_length=2)]
    input_size_px: Annotated[int, Field(ge=16, le=1024)]
    preprocessing_version: Annotated[int, Field(ge=1)]
    crop_margin: Annotated[float, Field(ge=0, le=2)]
    precision: Precision
    opset: Annotated[int, Field(ge=13)]
    temperature: Annotated[float, Field(gt=0)]
    unknown_below: Share
    smallest_face_px: Annotated[float, Field(ge=0)]
    data: Text
    recipe: Text
    figures: dict[str, float]
    created: date
    sha256: Sha256
    source_sha256: Sha256

    @field_validator("classes")
    @classmethod
    def _differ(cls, classes: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(classes)) != len(classes):
            raise ValueError("each class is named once")
        return classes

    @property
    def columns(self) -> tuple[int, ...]:
        """The place in `SCORED_STATES` of each output column."""
        order = [state.value for state in SCORED_STATES]
        return tuple(order.index(name) for name in self.classes)

    @property
    def stamp(self) -> dict[str, str]:
        """What exporters write into the model's own metadata too: a card that was changed later is found out."""
        return {
            "maskstream.classes": ",".join(self.classes),
            "maskstream.preprocessing_version": str(self.preprocessing_version),
        }


def card_path(model: Path) -> Path:
    """Return where the card of `model` lies: the same folder and stem, `.json`."""
    return model.with_suffix(".json")


def sha256_of(data: bytes) -> str:
    """Return the SHA-256 of `data` in lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def read_card(model: Path) -> ModelCard:
    """Read the card of `model`; raise ModelError where it is missing, or says what no card may say."""
    path = card_path(model)
    try:
        return ModelCard.model_validate_json(path.read_text(encoding="utf-8"), strict=True)
    except FileNotFoundError as error:
        raise ModelError(f"{model} has no card: {path} is missing; {HOW_TO_MAKE_ONE}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"cannot read the model card {path}: {error}") from error
    except ValidationError as error:
        raise ModelError(f"the model card {path} is not valid: {first_fault(error)}; {HOW_TO_MAKE_ONE}") from error


def write_card(card: ModelCard, model: Path) -> Path:
    """Write `card` beside `model` and return its path; the OSError of a folder that cannot be written passes."""
    path = card_path(model)
    path.write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return path


def first_fault(error: ValidationError) -> str:
    """Return the first key that is wrong, why, and what was got, as part of a sentence."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"]) or "the file"
    got = "" if first["type"] in {"missing", "json_invalid"} else f", got {first['input']!r}"
    return f"{key}: {first['msg']}{got}"
