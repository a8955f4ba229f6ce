"""A notice as JSON: the body of a webhook and the payload of an MQTT message.

`configs/alerts/alert.schema.json` documents it, and is written by `python -m pipeline.alerts.message`.
"""

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

from pipeline.alerts.alert import Alert

Utc = Annotated[AwareDatetime, PlainSerializer(lambda moment: _iso(moment), return_type=str)]


class AlertMessage(BaseModel):
    """A notice of maskstream: an alert fires, or is resolved."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal["maskstream.alert/1"] = Field(description="Changes when a field goes or means something else.")
    id: str = Field(description="The same in both notices of an alert.", pattern="^[0-9a-f]{16}$")
    key: str = Field(
        description="The same each time that this notice is sent: a receiver that knows it already may ignore it. "
        "Also sent as the header Idempotency-Key.",
        pattern="^[0-9a-f]{16}-(firing|resolved)$",
    )
    state: Literal["firing", "resolved"]
    kind: Literal["compliance_below", "camera_down", "no_faces"]
    rule: str = Field(description="The operator's name of the rule.")
    stream: str = Field(description="The operator's id of the stream.")
    labels: dict[str, str] = Field(description="The operator's labels of the stream.")
    fired_utc: Utc = Field(description="When the alert fired; the same in both notices.")
    since_utc: Utc = Field(description="When that began which this notice tells.")
    at_utc: Utc = Field(description="When this notice was decided.")
    value: float | None = Field(
        description="Compliance as a share from 0 to 1, or how long it lasted in seconds; null where nobody was "
        "judged, or the stream is not watched any more."
    )
    limit: float = Field(description="The rule's limit, in the unit of value.")
    persons: int | None = Field(description="Judged persons behind a share, else null.", ge=0)
    message: str = Field(description="The notice in a sentence, for people.")


def message_of(alert: Alert) -> AlertMessage:
    return AlertMessage(
        version="maskstream.alert/1",
        id=alert.alert_id,
        key=alert.idempotency_key,
        state=alert.state.value,
        kind=alert.kind.value,
        rule=alert.rule,
        stream=alert.stream,
        labels=dict(alert.labels),
        fired_utc=alert.fired_utc,
        since_utc=alert.since_utc,
        at_utc=alert.at_utc,
        value=alert.reading.value,
        limit=alert.reading.limit,
        persons=alert.reading.persons,
        message=alert.message,
    )


def encode(alert: Alert) -> bytes:
    """Return the notice as UTF-8 JSON, the same bytes each time."""
    return message_of(alert).model_dump_json().encode()


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of what `encode` gives."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **AlertMessage.model_json_schema(mode="validation"),
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2))
