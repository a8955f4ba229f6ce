"""The pictures of `maskstream run`: snapshots and recordings of one camera under each `blur`."""

from http import HTTPStatus
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.demo_face import face_picture
from pipeline.sources.demo_picture import demo_picture
from pipeline.sources.recording import Recording
from pipeline.types import Box, UInt8Array
from tests.media import Clip, write_clip
from tests.models import tiny_model
from tests.running_service import RunningService

SIDE_PX = 256
SNAPSHOTS = 5
FAINT = 0.2
"""The detail of a picture of means, as a share of that of the portrait; another encoding keeps more than half."""


@pytest.fixture
def portrait() -> tuple[UInt8Array, Box]:
    """The demo's portrait, (256, 256) grey, and where the face is on it."""
    picture = face_picture(demo_picture())
    scale_x, scale_y = SIDE_PX / picture.rgb.shape[1], SIDE_PX / picture.rgb.shape[0]
    box = picture.face.box
    small = cv2.resize(picture.rgb, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    return np.asarray(grey, np.uint8), Box(box.x1 * scale_x, box.y1 * scale_y, box.x2 * scale_x, box.y2 * scale_y)


def detail(luma: UInt8Array, box: Box) -> float:
    """Return how much neighbouring pixels differ in a box, but for the coder's noise."""
    part = luma[round(box.y1) : round(box.y2), round(box.x1) : round(box.x2)]
    smooth = cv2.GaussianBlur(np.ascontiguousarray(part), (0, 0), 1.0)
    return float(cv2.Laplacian(smooth, cv2.CV_32F).std())


def snapshots(service: RunningService, stream: str) -> list[UInt8Array]:
    """Return some pictures of a stream as grey ones."""
    pictures = []
    for _ in range(SNAPSHOTS):
        answer = service.ask(f"/api/v1/streams/{stream}/snapshot")
        assert answer.status == HTTPStatus.OK
        pictures.append(np.asarray(cv2.imdecode(np.frombuffer(answer.body, np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8))
    return pictures


def test_no_picture_of_a_camera_shows_what_its_blur_hides(tmp_path: Path, portrait: tuple[UInt8Array, Box]) -> None:
    grey, face = portrait
    rgb = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)
    times_s = tuple(index / 10 for index in range(20))
    clip = write_clip(tmp_path / "one.mp4", Clip(SIDE_PX, SIDE_PX, times_s=times_s, picture=lambda *_: rgb))
    config = {
        "defaults": {"overlay": False, "recording": {"enabled": True}, "preview": {"frames_per_s": 30}},
        "streams": [{"id": blur, "url": str(clip), "blur": blur} for blur in ("off", "faces", "all")],
        "model": str(tiny_model(tmp_path)),
    }
    with RunningService(tmp_path, config) as service:
        for stream in ("off", "faces", "all"):
            service.wait_for_state(stream, "live")
        seen = {stream: snapshots(service, stream) for stream in ("off", "faces", "all")}
    for stream in seen:
        for path in (tmp_path / "recordings" / stream).glob("*.mp4"):
            seen[stream] += [frame.y for frame in Recording(path, stream).frames()]
    assert all(len(pictures) > SNAPSHOTS for pictures in seen.values()), "each was recorded"
    kept = {stream: [detail(luma, face) / detail(grey, face) for luma in seen[stream]] for stream in seen}
    assert min(kept["off"]) > 0.5
    assert max(kept["faces"]) < FAINT
    assert max(kept["all"]) < FAINT
    suit = Box(40, 180, 216, 250)
    assert max(detail(luma, suit) for luma in seen["faces"]) > detail(grey, suit) / 2, "the rest is shown"
    assert max(detail(luma, suit) for luma in seen["all"]) < FAINT * detail(grey, suit)
