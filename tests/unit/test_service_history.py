"""What a stream did lately, over REST."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from pipeline.sources.stream_state import Reason, StreamState
from pipeline.stream_history import Minute, PastState, StreamHistory, VerdictChange
from pipeline.types import MaskState
from tests.service import PATH, Client, ScriptedControl, served, stream_status

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CHANGED = VerdictChange(7, 3, MaskState.UNKNOWN, MaskState.MASKED, 0.75, NOON, has_thumbnail=True)
FACELESS = VerdictChange(6, 3, MaskState.MASKED, MaskState.UNKNOWN, 0.5, NOON)
LOST = PastState(NOON, StreamState.BACKING_OFF, Reason.SILENT, "no picture for 5 s")


@pytest.fixture
def control() -> ScriptedControl:
    history = StreamHistory((Minute(NOON, masked=2, unknown=1),), (LOST,), (CHANGED, FACELESS))
    return ScriptedControl(
        known={"door": stream_status("door", hints=("too dark: light the faces",))},
        histories={"door": history},
        thumbnails={("door", 7): b"a picture"},
    )


@pytest.fixture
def client(control: ScriptedControl) -> Iterator[Client]:
    with served(control) as client:
        yield client


def test_the_history_of_a_stream_is_as_documented(client: Client) -> None:
    answer = client.get(f"{PATH}/door/history").json()
    noon = "2026-11-22T12:00:00Z"
    assert answer["minutes"] == [{"start_utc": noon, "masked": 2, "incorrect": 0, "unmasked": 0, "unknown": 1}]
    assert answer["states"] == [
        {"since_utc": noon, "state": "backing_off", "reason": "silent", "detail": "no picture for 5 s"}
    ]
    assert answer["changes"][0] == {
        "number": 7,
        "person_id": 3,
        "before": "unknown",
        "verdict": "masked",
        "confidence": 0.75,
        "utc": noon,
        "thumbnail": f"{PATH}/door/thumbnails/7",
    }
    assert answer["changes"][1]["thumbnail"] is None


def test_a_thumbnail_is_a_picture(client: Client) -> None:
    answer = client.get(f"{PATH}/door/thumbnails/7")
    assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, "image/jpeg", b"a picture")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["door/thumbnails/6", "gate/thumbnails/7", "gate/history"])
def test_what_is_not_there_is_404(client: Client, path: str) -> None:
    answer = client.get(f"{PATH}/{path}")
    assert answer.status == 404
    assert "door" in answer.detail or "gate" in answer.detail


def test_a_stream_tells_what_would_help(client: Client) -> None:
    assert client.get(f"{PATH}/door").json()["hints"] == ["too dark: light the faces"]
