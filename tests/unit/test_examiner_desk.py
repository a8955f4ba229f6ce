"""A desk without an examiner: who waits, and who is sent away."""

import logging
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry

from pipeline.examiner.messages import Begin
from pipeline.fleet.examiner_desk import DeskSettings, ExaminerDesk
from pipeline.fleet.picture_visit import PictureVisit
from pipeline.fleet.upload_metrics import UploadMetrics
from pipeline.upload import Upload
from pipeline.upload_errors import UploadBusyError

PATIENCE_S = 30.0


def no_model() -> Begin:
    raise UploadBusyError("the model is being loaded")


def broken() -> Begin:
    raise RuntimeError("no card")


@pytest.fixture
def visits() -> Iterator[list[PictureVisit]]:
    """Four pictures."""
    metrics = UploadMetrics(CollectorRegistry())
    visits = [PictureVisit(Upload.of("a.png", b"1"), metrics, preview=False) for _ in range(4)]
    yield visits
    for visit in visits:
        visit.upload.close()


def test_more_than_may_wait_are_sent_away(visits: list[PictureVisit]) -> None:
    desk = ExaminerDesk("desk", DeskSettings(3, 1.0, 1.0), no_model, lambda _: ())
    for visit in visits[:3]:
        desk.submit(visit)
    assert len(desk) == 3
    with pytest.raises(UploadBusyError, match="3 uploads wait already"):
        desk.submit(visits[3])
    assert visits[1].answer.cancel()
    desk.start()
    errors = [visits[index].answer.exception(PATIENCE_S) for index in (0, 2)]
    desk.stop()
    desk.join()
    assert [str(error) for error in errors] == ["the model is being loaded"] * 2
    for visit in visits[:3]:
        with pytest.raises(ValueError, match="closed"):
            visit.upload.fileno()


def test_a_fault_of_ours_costs_one_visitor(visits: list[PictureVisit], caplog: pytest.LogCaptureFixture) -> None:
    desk = ExaminerDesk("desk", DeskSettings(3, 1.0, 1.0), broken, lambda _: ())
    desk.start()
    for visit in visits[:2]:
        desk.submit(visit)
        assert isinstance(visit.answer.exception(PATIENCE_S), UploadBusyError)
    desk.stop()
    desk.join()
    faults = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(faults) == 2
    caplog.clear()
