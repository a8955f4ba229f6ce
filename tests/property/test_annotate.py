"""Whatever the size and wherever the boxes: the annotator draws, inside, on copies."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.types import Box, ColorMatrix, ColorRange, Face, Frame, FrameResult, MaskState, Track, Verdict
from pipeline.vision.annotate import Annotator, banner_parts, banner_rows, person_labels
from pipeline.vision.canvas import Area, Canvas
from pipeline.vision.label import Label, Style, draw_label, place
from pipeline.vision.tally import RunningTally, Tally
from tests.results import flat_frame, seen

sizes = st.tuples(st.integers(1, 400), st.integers(1, 300))
coordinates = st.floats(-500, 900)
lengths = st.floats(0.1, 600)
boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), coordinates, coordinates, lengths, lengths)
verdicts = st.builds(Verdict, st.sampled_from(MaskState), st.floats(0, 1), st.integers(0, 9))
persons = st.lists(st.tuples(boxes, verdicts), max_size=5)
formats = st.tuples(st.sampled_from(ColorMatrix), st.sampled_from(ColorRange))


def result_of(frame: Frame, people: list[tuple[Box, Verdict]]) -> FrameResult:
    tracks = tuple(Track(index, Face(box, 0.9)) for index, (box, _) in enumerate(people))
    return FrameResult(frame, tracks, {index: verdict for index, (_, verdict) in enumerate(people)})


@given(sizes, persons, formats)
def test_it_draws_on_copies_of_the_same_shape(
    size: tuple[int, int], people: list[tuple[Box, Verdict]], colours: tuple[ColorMatrix, ColorRange]
) -> None:
    frame = flat_frame(0, size, matrix=colours[0], color_range=colours[1])
    before = [plane.copy() for plane in (frame.y, frame.u, frame.v)]
    drawn = Annotator().draw(result_of(frame, people))
    for plane, copy, original in zip(drawn, before, (frame.y, frame.u, frame.v), strict=True):
        assert (plane.shape, plane.dtype) == (original.shape, original.dtype)
        assert not np.shares_memory(plane, original)
        assert np.array_equal(copy, original)


@given(sizes, persons)
def test_limited_range_stays_limited(size: tuple[int, int], people: list[tuple[Box, Verdict]]) -> None:
    y, u, v = Annotator().draw(result_of(flat_frame(0, size), people))
    assert 16 <= y.min() <= y.max() <= 235
    assert min(u.min(), v.min()) >= 16
    assert max(u.max(), v.max()) <= 240


@given(st.tuples(st.integers(64, 400), st.integers(64, 300)), boxes)
def test_nothing_changes_but_the_box_and_the_rows_beside_it(size: tuple[int, int], box: Box) -> None:
    frame, style, covered = flat_frame(0, size), Style.for_size(*size), Area.covering(box)
    verdict, far_away = Verdict(MaskState.MASKED, 1, 1), Box(-900, -900, -890, -890)
    drawn, without = (Annotator().draw(result_of(frame, [(where, verdict)]))[0] for where in (box, far_away))
    outside = covered.grown(style.halo_px + style.row_px)
    rows = np.argwhere((drawn != without).any(axis=1))
    assert all(outside.top <= row < outside.bottom for row in rows)


@given(boxes, st.lists(boxes, max_size=6), st.tuples(st.integers(200, 2000), st.integers(200, 1200)))
def test_a_label_covers_nothing_where_it_has_a_choice(box: Box, others: list[Box], size: tuple[int, int]) -> None:
    style, picture = Style.for_size(*size), Area(0, 0, *size)
    taken = [Area.covering(other) for other in others]
    labels = person_labels(12, Verdict(MaskState.MASKED, 0.97, 3))
    placed = place(labels, Area.covering(box), picture, taken, style)
    if placed:
        assert picture.contains(placed[1])
        assert placed[0] is labels[-1] or not any(placed[1].overlaps(other) for other in taken)


@given(st.integers(1, 2160))
def test_a_label_covers_no_more_than_its_area(side: int) -> None:
    style = Style.for_size(side, side)
    label = Label("#8 (p) 100 %", MaskState.UNMASKED)
    area = label.at(40, 40, style)
    canvas = Canvas(flat_frame(0, (area.right + 40, area.bottom + 40)))
    draw_label(canvas, label, area, style)
    changed = np.argwhere(canvas.planes[0] != 90)
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
    assert area.contains(Area(left, top, right + 1, bottom + 1))


@given(sizes)
def test_the_banner_stays_in_its_share_of_the_picture(size: tuple[int, int]) -> None:
    style, picture = Style.for_size(*size), Area(0, 0, *size)
    rows = banner_rows(banner_parts(Tally(12, 3, 45, 6)), picture, style)
    assert len(rows) * style.row_px <= size[1] * 0.25
    assert all(left + label.width(style) <= size[0] for row in rows for left, label in row)


@given(st.lists(st.dictionaries(st.integers(0, 5), st.sampled_from([state.value for state in MaskState])), max_size=12))
def test_the_tally_is_that_of_the_last_verdicts(frames: list[dict[int, str]]) -> None:
    running, last = RunningTally(), dict[int, str]()
    for index, states in enumerate(frames):
        running.update(seen(flat_frame(index, (16, 16)), states))
        last |= states
    tally = running.tally
    assert tally.persons == len(last)
    assert all(tally.count(state) == list(last.values()).count(state.value) for state in MaskState)
