"""What a service remembers of a stream with a person in view, whatever becomes of the process that watches it."""

import os
import signal
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from pipeline.sources.demo_picture import demo_picture
from pipeline.sources.pictures import load_picture
from pipeline.types import UInt8Array
from tests.media import Clip, write_clip
from tests.models import tiny_model
from tests.running_service import RunningService

GATE = "/api/v1/streams/gate"
FRAMES_PER_S = 10
MOST_PICTURES = 300


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Two seconds of a person and two of an empty room, in turn as it is played again and again."""
    portrait = cv2.resize(load_picture(demo_picture()), (256, 256), interpolation=cv2.INTER_AREA)
    room = np.full((256, 256, 3), 120, np.uint8)

    def picture(index: int, _width: int, _height: int) -> UInt8Array:
        return np.asarray(np.roll(portrait, index, axis=1) if index < 2 * FRAMES_PER_S else room, np.uint8)

    times_s = tuple(index / FRAMES_PER_S for index in range(4 * FRAMES_PER_S))
    return write_clip(tmp_path / "gate.mp4", Clip(256, 256, times_s=times_s, picture=picture))


def history_once(service: RunningService, is_so: Callable[[Any], bool]) -> Any:
    """Return the history as soon as `is_so` of it, looking at it after each picture that comes."""
    for _ in range(MOST_PICTURES):
        history = service.ask(f"{GATE}/history").json
        if is_so(history):
            return history
        assert service.ask(f"{GATE}/snapshot").status == HTTPStatus.OK
    raise AssertionError(f"it never was so; at last {history}")


def left(history: Any) -> int:
    """Return how many persons left in the last hour."""
    return sum(minute[state] for minute in history["minutes"] for state in minute if state != "start_utc")


def test_the_past_of_a_stream_outlives_its_process(tmp_path: Path, clip: Path) -> None:
    config = {"streams": [{"id": "gate", "url": str(clip)}], "model": str(tiny_model(tmp_path))}
    with RunningService(tmp_path, config) as service:
        live = service.wait_for_state("gate", "live")
        before = history_once(service, lambda history: bool(left(history) and history["changes"]))
        first = before["changes"][-1]
        assert (first["number"], first["before"], first["thumbnail"]) == (1, "unknown", f"{GATE}/thumbnails/1")
        face = service.ask(first["thumbnail"])
        assert face.headers["Content-Type"] == "image/jpeg"
        assert cv2.imdecode(np.frombuffer(face.body, np.uint8), cv2.IMREAD_COLOR) is not None

        os.kill(service.workers()[0], signal.SIGKILL)
        lost = service.wait_for_log({"state": "backing_off", "reason": "crashed"}, live)
        service.wait_for_state("gate", "live", lost)
        after = history_once(service, lambda history: left(history) > left(before))
        assert first in after["changes"]
        assert [state["reason"] for state in after["states"][:3]] == ["pictures", "started", "crashed"]
        numbers = [change["number"] for change in after["changes"]]
        assert numbers == list(range(len(numbers), 0, -1))
        assert service.ask(first["thumbnail"]).body == face.body
        people = service.ask("/api/v1/people?stream=gate").json["people"]
        assert len(people) >= left(after)
        assert all(person["first_seen_utc"] < person["last_seen_utc"] for person in people)
