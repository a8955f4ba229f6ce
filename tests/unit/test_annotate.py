import numpy as np
import pytest

from pipeline.types import Box, ColorMatrix, ColorRange, Face, FrameResult, MaskState, Track, UInt8Array, Verdict
from pipeline.vision.annotate import Annotator, banner_parts, banner_rows, person_labels
from pipeline.vision.canvas import Area
from pipeline.vision.i420 import rgb_frame
from pipeline.vision.label import COLORS, SIGNS, Style
from pipeline.vision.tally import RunningTally, Tally
from tests.results import flat_frame, seen

BOX = Box(101, 80, 180, 161)


def drawn_rgb(state: MaskState, matrix: ColorMatrix, color_range: ColorRange) -> UInt8Array:
    """Return the annotated picture of one person in `BOX`, as RGB."""
    frame = flat_frame(0, (320, 240), matrix=matrix, color_range=color_range)
    result = FrameResult(frame, (Track(1, Face(BOX, 0.9)),), {1: Verdict(state, 0.97, 3)})
    y, u, v = Annotator().draw(result)
    return rgb_frame(flat_frame(0, (320, 240), matrix=matrix, color_range=color_range, y=y, u=u, v=v))


@pytest.mark.parametrize("matrix", ColorMatrix)
@pytest.mark.parametrize("color_range", ColorRange)
@pytest.mark.parametrize("state", MaskState)
def test_a_box_has_the_colour_of_its_verdict(state: MaskState, matrix: ColorMatrix, color_range: ColorRange) -> None:
    rgb = drawn_rgb(state, matrix, color_range).astype(int)
    for y, x in ((120, 100), (120, 179), (161, 140), (160, 102)):
        assert np.abs(rgb[y, x] - COLORS[state]).max() <= 3


def test_a_box_stands_out_from_any_ground_by_a_dark_halo() -> None:
    rgb = drawn_rgb(MaskState.MASKED, ColorMatrix.BT601, ColorRange.LIMITED)
    assert rgb[120, 98:100].max() <= 3
    assert rgb[162:164, 140].max() <= 3


def test_the_face_itself_is_left_as_it_is() -> None:
    frame = flat_frame(0, (320, 240))
    y, u, v = Annotator().draw(FrameResult(frame, (Track(1, Face(BOX, 0.9)),), {}))
    assert (y[84:156, 104:178] == 90).all()
    assert (u[42:78, 52:89] == 100).all()
    assert (v[42:78, 52:89] == 150).all()


def test_a_label_has_person_verdict_and_confidence() -> None:
    labels = person_labels(3, Verdict(MaskState.MASKED, 0.968, 5))
    assert [label.text for label in labels] == ["#3 masked 97 %", "#3 masked", "masked", ""]
    assert person_labels(4, Verdict(MaskState.UNKNOWN, 0.4, 1))[0].text == "#4 unknown"


def test_every_state_has_its_own_colour_and_sign() -> None:
    assert set(COLORS) == set(SIGNS) == set(MaskState)
    assert len(set(COLORS.values())) == len(set(SIGNS.values())) == len(MaskState)


def test_the_banner_says_the_compliance_and_the_counts() -> None:
    texts = [part.text for part in banner_parts(Tally(masked=2, unmasked=1))]
    assert texts == ["compliance 67 % (2 of 3)", "masked 2", "incorrect 0", "unmasked 1", "unknown 0"]
    assert banner_parts(Tally(unknown=4))[0].text == "compliance - (0 of 0)"


@pytest.mark.parametrize(("size", "rows"), [((1920, 1080), 1), ((480, 270), 2), ((1080, 1920), 2), ((16, 16), 0)])
def test_the_banner_takes_the_rows_it_needs(size: tuple[int, int], rows: int) -> None:
    placed = banner_rows(banner_parts(Tally(2, 0, 1, 0)), Area(0, 0, *size), Style.for_size(*size))
    assert len(placed) == rows
    assert sum(map(len, placed)) == (5 if rows else 0)


def test_the_banner_darkens_what_is_below_it_and_no_more() -> None:
    y, _, _ = Annotator().draw(seen(flat_frame(0, (1920, 1080), luma=200), {}))
    style = Style.for_size(1920, 1080)
    assert (y[: style.row_px, 1800:] == round(16 + 0.15 * (200 - 16))).all()
    assert (y[style.row_px :] == 200).all()


def test_the_banner_counts_persons_who_have_left() -> None:
    annotator, running = Annotator(), RunningTally()
    for result in (seen(flat_frame(0), {1: "masked"}, closed_ids=(1,)), seen(flat_frame(1), {2: "unmasked"})):
        annotator.draw(result)
        running.update(result)
    assert running.tally == Tally(masked=1, unmasked=1)


def test_a_verdict_after_the_end_changes_no_count() -> None:
    running = RunningTally()
    running.update(seen(flat_frame(0), {1: "masked"}, closed_ids=(1,)))
    running.update(FrameResult(flat_frame(1), (), {1: Verdict(MaskState.UNMASKED, 0.9, 1)}))
    assert running.tally == Tally(masked=1)
