"""What was found against what was drawn."""

from pipeline.demo import DemoRow, compare, table_cells
from pipeline.sources.actors import DrawnFace
from pipeline.sources.mask_drawing import MaskWear
from pipeline.types import UNDECIDED, Box, Face, FrameResult, MaskState, Track, Verdict
from tests.results import flat_frame

LEFT, RIGHT = Box(10, 10, 50, 60), Box(200, 10, 240, 60)
MASKED, UNMASKED = Verdict(MaskState.MASKED, 0.9, 4), Verdict(MaskState.UNMASKED, 0.8, 3)
TRUTH = tuple((DrawnFace("Ann", MaskWear.SNUG, LEFT), DrawnFace("Bo", MaskWear.NONE, RIGHT)) for _ in range(4))


def result(index: int, boxes: dict[int, Box], verdicts: dict[int, Verdict]) -> FrameResult:
    tracks = tuple(Track(track_id, Face(box, 0.9)) for track_id, box in boxes.items())
    return FrameResult(flat_frame(index), tracks, verdicts)


def steady(boxes: dict[int, Box], verdicts: dict[int, Verdict]) -> list[FrameResult]:
    return [result(index, boxes, verdicts) for index in range(len(TRUTH))]


def test_each_actor_meets_the_person_found_there() -> None:
    shifted = Box(14, 14, 54, 66)
    rows = compare(TRUTH, steady({7: shifted, 9: RIGHT}, {7: MASKED, 9: UNMASKED}))
    assert rows == (DemoRow("Ann", MaskWear.SNUG, 7, MASKED), DemoRow("Bo", MaskWear.NONE, 9, UNMASKED))
    assert all(row.is_right for row in rows)


def test_a_wrong_verdict_is_not_right() -> None:
    rows = compare(TRUTH, steady({7: LEFT, 9: RIGHT}, {7: UNMASKED, 9: UNMASKED}))
    assert [row.is_right for row in rows] == [False, True]


def test_the_last_verdict_on_a_person_counts() -> None:
    results = [result(0, {7: LEFT}, {7: UNMASKED}), result(1, {7: LEFT}, {7: MASKED}), result(2, {}, {})]
    assert compare(TRUTH, results)[0].verdict == MASKED


def test_an_actor_whom_nobody_found_is_missed() -> None:
    rows = compare(TRUTH, steady({7: LEFT}, {7: MASKED}))
    assert rows[1] == DemoRow("Bo", MaskWear.NONE, None, UNDECIDED)
    assert not rows[1].is_right


def test_a_person_whom_nobody_drew_is_one_too_many() -> None:
    rows = compare(TRUTH, steady({7: LEFT, 8: Box(100, 10, 130, 40), 9: RIGHT}, {7: MASKED, 8: MASKED, 9: UNMASKED}))
    assert rows[2] == DemoRow(None, None, 8, MASKED)
    assert not rows[2].is_right


def test_an_actor_counted_twice_is_told_once_and_once_too_often() -> None:
    first = [result(0, {3: LEFT, 9: RIGHT}, {3: MASKED, 9: UNMASKED})]
    then = [result(index, {7: LEFT, 9: RIGHT}, {7: MASKED, 9: UNMASKED}) for index in range(1, 4)]
    rows = compare(TRUTH, first + then)
    assert [(row.actor, row.person_id, row.is_right) for row in rows] == [
        ("Ann", 7, True),
        ("Bo", 9, True),
        ("Ann", 3, False),
    ]


def test_a_person_without_a_verdict_is_unknown() -> None:
    assert compare(TRUTH, steady({7: LEFT}, {}))[0].verdict.state is MaskState.UNKNOWN


def test_the_table_names_what_was_drawn_and_found() -> None:
    rows = (
        DemoRow("Ann", MaskWear.NOSE_FREE, 1, Verdict(MaskState.INCORRECT, 0.834, 3)),
        DemoRow("Bo", MaskWear.NONE, None, UNDECIDED),
        DemoRow("Ann", None, 2, MASKED),
        DemoRow(None, None, 3, MASKED),
    )
    assert list(table_cells(rows)) == [
        ("Ann", "incorrect (under the nose)", "incorrect", "0.83", "yes"),
        ("Bo", "unmasked (no mask)", "missed", "", "no"),
        ("Ann", "(seen again)", "masked", "0.90", "no"),
        ("", "nobody", "masked", "0.90", "no"),
    ]
