"""Real examiners behind a desk: what they read, and what becomes of those that a file was too much for."""

import io
import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from prometheus_client import CollectorRegistry

from pipeline.config.log import LogConfig
from pipeline.config.uploads import UploadConfig
from pipeline.examiner.messages import Begin
from pipeline.fleet.clips import UNDER_WAY, Clips
from pipeline.fleet.examiner_desk import DeskSettings, ExaminerDesk
from pipeline.fleet.picture_visit import PictureVisit
from pipeline.fleet.relay import Rows
from pipeline.fleet.upload_metrics import UploadMetrics
from pipeline.model_card import read_card
from pipeline.types import MaskState
from pipeline.upload import CheckedClip, CheckedPicture, ClipState, Upload
from pipeline.upload_errors import (
    UnknownClipError,
    UploadBusyError,
    UploadError,
    UploadTypeError,
    UploadUnreadableError,
)
from tests.drawn_face import drawn_face
from tests.hostile_pictures import encoded, png_bomb
from tests.media import Clip, write_clip
from tests.models import TINY_SIZE_PX, tiny_model

PATIENCE_S = 120.0
LIMITS = UploadConfig(max_picture_wait_s=PATIENCE_S, max_clip_wait_s=PATIENCE_S, idle_s=PATIENCE_S, blur="all")
SHARP_STEP = 30
"""Between neighbours, of 255: the face has edges of more, and nothing that is blurred has."""

MASKED = (0.9, 0.06, 0.04)
DOUBTFUL = (0.35, 0.33, 0.32)
FACE = encoded("PNG", Image.fromarray(drawn_face().rgb))


class Scoring:
    """Stands for the workers: it answers each crop with `row`, after `meanwhile`, which a test sets."""

    def __init__(self) -> None:
        self.row: tuple[float, float, float] | None = MASKED
        self.meanwhile: Callable[[], None] = lambda: None
        self.asked = 0

    def __call__(self, crops: bytes) -> Rows:
        self.asked += 1
        self.meanwhile()
        return [self.row] * (len(crops) // (3 * TINY_SIZE_PX**2)) if self.row else ()


class ToldMetrics(UploadMetrics):
    """Releases `told` with each upload that is counted."""

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__(registry)
        self.told = threading.Semaphore(0)

    def judged(self, kind: str) -> None:
        super().judged(kind)
        self.told.release()

    def refused(self, kind: str, error: Exception) -> None:
        super().refused(kind, error)
        self.told.release()


class Office:
    """A desk with a real examiner behind it."""

    def __init__(self, folder: Path, *, reads_clips: bool = False, **changed: float) -> None:
        """`changed` are limits of the configuration."""
        self.scoring = Scoring()
        self.registry = CollectorRegistry()
        self.metrics = ToldMetrics(self.registry)
        card = read_card(tiny_model(folder))
        limits = LIMITS.model_copy(update=changed)
        begin = Begin(card, limits, LogConfig(), reads_clips)
        settings = DeskSettings(limits.max_waiting, limits.max_picture_wait_s, limits.idle_s)
        self.desk = ExaminerDesk("examine", settings, lambda: begin, self.scoring)
        self.desk.start()

    def submit(self, data: bytes, name: str = "hers.png", *, preview: bool = False) -> "Future[CheckedPicture]":
        visit = PictureVisit(Upload.of(name, data), self.metrics, preview=preview)
        self.desk.submit(visit)
        return visit.answer

    def judged(self, data: bytes, name: str = "hers.png", *, preview: bool = False) -> CheckedPicture:
        return self.submit(data, name, preview=preview).result(PATIENCE_S)

    def refused(self, data: bytes) -> UploadError:
        error = self.submit(data).exception(PATIENCE_S)
        assert isinstance(error, UploadError)
        return error

    def count(self, outcome: str, kind: str = "picture") -> float | None:
        return self.registry.get_sample_value("maskstream_uploads_total", {"kind": kind, "outcome": outcome})

    def close(self) -> None:
        self.desk.stop()
        self.desk.join()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.close()


def test_a_face_is_judged_by_the_classifier_of_others(office: Office) -> None:
    picture = office.judged(FACE)
    (face,) = picture.faces
    assert (picture.name, picture.width, picture.height, picture.preview) == ("hers.png", 300, 360, None)
    assert (face.state, face.why) == (MaskState.MASKED, None)
    assert face.confidence == pytest.approx(0.9)
    assert sum(face.probabilities.values()) == pytest.approx(1.0)
    assert face.box.center == pytest.approx((150, 140), abs=10)

    office.scoring.row = DOUBTFUL
    picture = office.judged(FACE, preview=True)
    assert picture.faces[0].why == "the model can't tell masked (35%) from incorrect (33%)"
    assert picture.preview is not None
    shown = np.asarray(Image.open(io.BytesIO(picture.preview)), np.float32)
    assert shown.shape == (360, 300, 3)
    assert np.abs(np.diff(shown, axis=1)).max() < SHARP_STEP
    assert office.judged(encoded("PNG")).faces == ()
    assert office.count("judged") == 3


def test_a_file_that_a_process_dies_of_costs_nobody_else_anything(office: Office) -> None:
    def die() -> None:
        assert office.desk.pid is not None
        os.kill(office.desk.pid, signal.SIGSEGV)

    office.scoring.meanwhile = die
    error = office.refused(FACE)
    assert isinstance(error, UploadUnreadableError)
    assert str(error).startswith("hers.png was given up: the process that read it died of it")
    office.scoring.meanwhile = lambda: None
    assert office.judged(FACE).faces
    assert (office.count("unreadable"), office.count("judged")) == (1, 1)


def test_one_that_takes_too_much_memory_is_refused(tmp_path: Path) -> None:
    office = Office(tmp_path, max_memory_bytes=1_500_000_000, max_pixels=200_000_000)
    try:
        assert "takes more memory than an upload may have" in str(office.refused(png_bomb(14_000)))
        assert office.judged(FACE).faces
    finally:
        office.close()


def test_one_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    office = Office(tmp_path, max_picture_wait_s=0.0)
    try:
        office.scoring.meanwhile = office.desk.tick
        assert "reading it took more than 0 s" in str(office.refused(FACE))
        office.scoring.meanwhile = lambda: None
        assert office.judged(FACE).faces
    finally:
        office.close()


def test_without_a_worker_it_is_to_be_sent_again(office: Office) -> None:
    office.scoring.row = None
    assert isinstance(office.refused(FACE), UploadBusyError)
    assert isinstance(office.refused(b"hello"), UploadTypeError)


def test_a_process_without_work_ends(tmp_path: Path) -> None:
    office, processes = Office(tmp_path, idle_s=0.0), list[int]()

    def watch() -> None:
        assert office.desk.pid is not None
        processes.append(os.pidfd_open(office.desk.pid))

    try:
        office.scoring.meanwhile = watch
        office.judged(FACE)
        (process,) = processes
        ended, _, _ = select.select([process], [], [], PATIENCE_S)
        os.close(process)
        assert ended
    finally:
        office.close()


def test_a_clip_that_is_removed_is_given_up(tmp_path: Path) -> None:
    office = Office(tmp_path, reads_clips=True)
    clips = Clips(office.desk, office.metrics, max_under_way=1)
    upload = Upload.of("party.mp4", face_clip(tmp_path / "a.mp4").read_bytes())
    try:
        clip = clips.begin(upload)
        office.scoring.meanwhile = lambda: clips.remove(clip.id)
        assert office.metrics.told.acquire(timeout=PATIENCE_S)
        with pytest.raises(UnknownClipError):
            clips.look(clip.id)
        assert office.count("unreadable", "clip") == 1
    finally:
        office.close()


def test_at_the_end_everybody_is_told(office: Office) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        asked.set()
        assert go_on.wait(PATIENCE_S)

    office.scoring.meanwhile = wait
    answers = [office.submit(FACE) for _ in range(3)]
    assert asked.wait(PATIENCE_S)
    office.desk.stop()
    go_on.set()
    errors = [answer.exception(PATIENCE_S) for answer in answers]
    assert [type(error) for error in errors] == [UploadBusyError] * 3
    with pytest.raises(UploadBusyError, match="being stopped"):
        office.submit(FACE)


def test_a_clip_is_judged_person_by_person(tmp_path: Path) -> None:
    office = Office(tmp_path, reads_clips=True)
    clips = Clips(office.desk, office.metrics, max_under_way=4)
    try:
        begun = clips.begin(Upload.of("party.mp4", face_clip(tmp_path / "a.mp4").read_bytes()))
        assert begun.state is ClipState.WAITING
        failing = clips.begin(Upload.of("song.mp4", b"RIFF\0\0\0\0WAVE"))
        assert ended(clips, office.metrics, failing.id).detail.startswith("song.mp4 is a sound file")
        done = ended(clips, office.metrics, begun.id)
    finally:
        office.close()
    (person,) = done.persons
    assert (done.state, done.progress, done.width, done.height) == (ClipState.DONE, 1.0, 300, 360)
    assert done.duration_s == pytest.approx(2.0)
    assert (person.state, done.compliance) == (MaskState.MASKED, 1.0)
    assert 0 <= person.first_s < person.last_s <= 1.91
    assert person.best_face_px > 100


def face_clip(path: Path) -> Path:
    """Write two seconds of the drawn face, ten frames a second."""
    picture = drawn_face().rgb
    return write_clip(path, Clip(300, 360, times_s=[index / 10 for index in range(20)], picture=lambda *_: picture))


def ended(clips: Clips, metrics: ToldMetrics, clip_id: str) -> CheckedClip:
    """Return a clip once it is done or has failed."""
    while clips.look(clip_id).state in UNDER_WAY:
        assert metrics.told.acquire(timeout=PATIENCE_S)
    return clips.look(clip_id)
