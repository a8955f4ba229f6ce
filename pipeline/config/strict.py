"""What every section of a configuration is made of."""

import re
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pipeline.config.environment import LEFT_EMPTY
from pipeline.redact import redact

FOLDER = "folder"
"""The key of the validation context that holds the folder of the file: relative paths begin there."""

AUTO = "auto"

_NAME = "[A-Za-z0-9][A-Za-z0-9_-]{0,62}"
_TILES = "(auto|[1-8]x[1-8])"


class Strict(BaseModel):
    """A frozen section that refuses unknown keys; no error of it repeats the input."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        # Default sections were made without a context: their paths find the file's folder when they are checked again.
        revalidate_instances="always",
    )

    @model_validator(mode="before")
    @classmethod
    def _counts_empty_as_absent(cls, data: object) -> object:
        # `recording:` with all its keys commented out is what it is without them; an unknown key is a mistake even so.
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if value is not LEFT_EMPTY or key not in cls.model_fields}


def mistake(message: str) -> PydanticCustomError:
    """Return the error of a validator; `message` goes on after "takes" and says nothing of what was got."""
    return PydanticCustomError("mistake", "{message}", {"message": message})


def _name(text: str) -> str:
    if not re.fullmatch(_NAME, text):
        raise mistake("1 to 63 letters, digits, - and _, beginning with a letter or digit")
    return text


def is_plain(text: str) -> bool:
    """Tell whether `text` can be shown: printable, and without credentials as URLs have them."""
    return text.isprintable() and redact(text) == text


def _plain_path(value: object) -> object:
    if isinstance(value, str) and not (is_plain(value) and value):
        raise mistake("a path of printable characters without credentials")
    return value


def _path(path: Path, info: ValidationInfo) -> Path:
    folder: Path | None = (info.context or {}).get(FOLDER)
    return path if folder is None else folder / path


def _tiles(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.lower()
    if not re.fullmatch(_TILES, text):
        raise mistake("COLUMNSxROWS, each from 1 to 8, such as 2x2, or auto")
    return None if text == "auto" else tuple(map(int, text.split("x")))


def _tiles_text(tiles: tuple[int, int] | None) -> str:
    return "x".join(map(str, tiles)) if tiles else "auto"


def _every_frames(value: object, whole_number: ValidatorFunctionWrapHandler) -> int | None:
    if isinstance(value, str) and value.lower() == AUTO:
        return None
    try:
        number: int | None = whole_number(value)
    except ValidationError:
        raise mistake("a whole number from 1 to 1000, or auto") from None
    return number


def _every_frames_value(every_frames: int | None) -> int | str:
    return every_frames or AUTO


Name: TypeAlias = Annotated[str, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": f"^{_NAME}$"})]
"""Safe as a label's value, as a file name and in a URL."""

FilePath: TypeAlias = Annotated[Path, BeforeValidator(_plain_path), AfterValidator(_path)]
"""Relative to the folder of the configuration file."""

Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Seconds: TypeAlias = Annotated[float, Field(gt=0)]
Port: TypeAlias = Annotated[int, Field(ge=1, le=65535)]
Tiles: TypeAlias = Annotated[
    tuple[int, int] | None,
    BeforeValidator(_tiles),
    PlainSerializer(_tiles_text, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": f"^{_TILES}$"}),
]
"""(columns, rows); None chooses by the shape of the frame."""

EveryFrames: TypeAlias = Annotated[
    Annotated[int, Field(ge=1, le=1000)] | None,
    WrapValidator(_every_frames),
    PlainSerializer(_every_frames_value, when_used="json"),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": 1000},
                {"type": "string", "pattern": r"^(auto|\$\{[A-Za-z_][A-Za-z0-9_]*\})$"},
            ]
        }
    ),
]
"""None is auto."""
