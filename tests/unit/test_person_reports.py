"""What a worker tells of the persons of a stream."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest

from pipeline.types import Frame, MaskState
from pipeline.vision.thumbnail import THUMBNAIL_PX
from pipeline.worker.messages import PersonLeft, Report, VerdictTold
from pipeline.worker.person_reports import CHANGES_PER_S, THUMBNAILS_PER_S, PersonReports
from tests.results import flat_frame, noisy_frame, seen
from tests.streams import stream

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass
class Told:
    """Reports on a stream, and what was told by them at a time that stands still unless it is moved."""

    thumbnails: str = "blurred"
    blur: str = "off"
    now_s: float = 100.0
    reports: list[Report] = field(default_factory=list)

    def __post_init__(self) -> None:
        config = stream("gate", thumbnails=self.thumbnails, blur=self.blur)
        self.sink = PersonReports(config, self.reports.append, lambda: self.now_s)

    @property
    def changes(self) -> list[VerdictTold]:
        return [report for report in self.reports if isinstance(report, VerdictTold)]

    @property
    def left(self) -> list[PersonLeft]:
        return [report for report in self.reports if isinstance(report, PersonLeft)]

    def write(self, index: int, verdicts: dict[int, str], closed_ids: tuple[int, ...] = ()) -> None:
        self.sink.write(seen(taken(index), verdicts, closed_ids))


def taken(index: int) -> Frame:
    return replace(flat_frame(index), captured_utc=NOON + timedelta(seconds=index))


def crowd(state: str) -> dict[int, str]:
    return dict.fromkeys(range(1, 61), state)


def test_a_verdict_is_told_when_it_changes_and_once() -> None:
    told = Told()
    for index, state in enumerate(["unknown", "masked", "masked", "unmasked", "unknown"]):
        told.write(index, {7: state})
    assert [(told.change.before.value, told.change.verdict.value) for told in told.changes] == [
        ("unknown", "masked"),
        ("masked", "unmasked"),
        ("unmasked", "unknown"),
    ]
    first = told.changes[0]
    assert (first.stream, first.change.person_id, first.change.utc) == ("gate", 7, NOON + timedelta(seconds=1))
    assert first.change.confidence == pytest.approx(0.9)


def test_who_left_is_told_with_the_times_and_the_last_verdict() -> None:
    told = Told()
    told.write(0, {7: "unknown"})
    told.write(1, {7: "masked"})
    told.sink.write(replace(seen(taken(9), {7: "unmasked"}, closed_ids=(7,)), tracks=()))
    (person,) = (report.person for report in told.left)
    assert (person.stream, person.person_id, person.verdict) == ("gate", 7, MaskState.UNMASKED)
    assert (person.first_seen_utc, person.last_seen_utc) == (NOON, NOON + timedelta(seconds=1))
    told.sink.close()
    assert len(told.left) == 1


def test_the_end_of_the_lane_ends_those_in_view() -> None:
    told = Told()
    told.write(0, {7: "masked", 8: "unknown"})
    told.sink.close()
    told.sink.close()
    assert [(report.person.person_id, report.person.verdict.value) for report in told.left] == [
        (7, "masked"),
        (8, "unknown"),
    ]


def test_a_crowd_is_told_bit_by_bit_until_all_is_told() -> None:
    told = Told()
    told.write(0, crowd("masked"))
    assert len(told.changes) == CHANGES_PER_S
    assert sum(change.thumbnail is not None for change in told.changes) == THUMBNAILS_PER_S
    for index in range(1, 4):
        told.now_s += 1
        told.write(index, crowd("masked"))
    assert sorted(change.change.person_id for change in told.changes) == list(crowd("masked"))


def test_a_verdict_that_came_back_untold_is_nothing_to_tell() -> None:
    told = Told()
    told.write(0, crowd("masked"))
    told.now_s += 60
    told.write(1, crowd("unknown"))
    assert {change.change.person_id for change in told.changes[int(CHANGES_PER_S) :]} == set(range(1, 21))


def test_nothing_is_kept_of_who_left() -> None:
    told = Told()
    for person_id in range(1_000):
        told.now_s += 1
        told.write(person_id, {person_id: "masked"}, closed_ids=(person_id,))
    assert not told.sink._persons
    assert not told.sink._told
    assert len(told.left) == len(told.changes) == 1_000


def detail(jpeg: bytes) -> float:
    """Return how much neighbouring pixels of a thumbnail differ."""
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    assert picture.shape == (THUMBNAIL_PX, THUMBNAIL_PX)
    return float(cv2.Laplacian(picture, cv2.CV_32F).std())


def thumbnail_of(thumbnails: str, blur: str = "off") -> bytes | None:
    told = Told(thumbnails, blur)
    told.sink.write(seen(noisy_frame(0), {7: "masked"}))
    return told.changes[0].thumbnail


def test_a_thumbnail_is_sharp_only_where_that_is_asked_for_and_nothing_is_blurred() -> None:
    sharp = thumbnail_of("sharp")
    assert sharp is not None
    for thumbnail in (thumbnail_of("blurred"), thumbnail_of("sharp", "faces"), thumbnail_of("sharp", "all")):
        assert thumbnail is not None
        assert detail(thumbnail) < detail(sharp) / 10


def test_no_thumbnail_is_taken_where_none_is_wanted() -> None:
    assert thumbnail_of("off") is None
