"""The whole of an operator's configuration."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from pipeline.config.alerts import AlertConfig
from pipeline.config.consistency import inconsistencies
from pipeline.config.http import HttpConfig
from pipeline.config.log import LogConfig
from pipeline.config.streams import StreamConfig, StreamSettings
from pipeline.config.strict import FilePath, Seconds, Strict
from pipeline.config.uploads import UploadConfig

Device: TypeAlias = Literal["auto", "cpu", "cuda", "tensorrt", "openvino"]


class Config(Strict):
    """Streams, what holds for all of them, and the service around them."""

    defaults: StreamSettings = Field(default=StreamSettings(), validate_default=True)
    """What holds for every stream that says nothing else."""
    streams: tuple[StreamConfig, ...]
    """The cameras; each is complete, with the defaults filled in."""
    model: FilePath | None = None
    """The ONNX file of the classifier, its card beside it; left out: the shipped one."""
    device: Device = "auto"
    """What runs the classifier; one that is asked for and missing is an error."""
    processes: Annotated[int, Field(ge=1, le=64)] = 1
    """Over how many processes the streams are spread: a crash in one costs its share of them, for seconds."""
    compliance_window_s: Seconds = 900.0
    """The compliance is that of the persons who left within this time."""
    state_file: FilePath | None = Field(default=Path("state.json"), validate_default=True)
    """Keeps the streams that were made over REST, their URLs encrypted; null: they are forgotten at the end."""
    log: LogConfig = LogConfig()
    """What is written to stderr."""
    http: HttpConfig = HttpConfig()
    """The HTTP service."""
    uploads: UploadConfig = UploadConfig()
    """What visitors of the service may hand over to be judged."""
    alerts: AlertConfig = AlertConfig()
    """What is told to whom."""

    @field_validator("streams")
    @classmethod
    def _filled(cls, streams: tuple[StreamConfig, ...], info: ValidationInfo) -> tuple[StreamConfig, ...]:
        defaults = info.data.get("defaults")
        return streams if defaults is None else tuple(stream.over(defaults) for stream in streams)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        for _, message in inconsistencies(self.model_dump()):
            raise ValueError(message)
        return self


class _EditorSchema(GenerateJsonSchema):
    """Lets editors take `${NAME}` where a number or a switch is asked for."""

    def int_schema(self, schema: core_schema.IntSchema) -> JsonSchemaValue:
        return _or_name(super().int_schema(schema))

    def float_schema(self, schema: core_schema.FloatSchema) -> JsonSchemaValue:
        return _or_name(super().float_schema(schema))

    def bool_schema(self, schema: core_schema.BoolSchema) -> JsonSchemaValue:
        return _or_name(super().bool_schema(schema))


def _or_name(schema: JsonSchemaValue) -> JsonSchemaValue:
    return {"anyOf": [schema, {"type": "string", "pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"}]}


def editor_schema() -> dict[str, Any]:
    """Return the JSON Schema of a configuration file, for completion and checks in an editor."""
    return Config.model_json_schema(schema_generator=_EditorSchema)
