"""The pictures of the fitness benchmark are darker and blurrier by as much as they say."""

import numpy as np

from benchmarks.fitness import FitnessFigures, blurred, darkened, table
from pipeline.types import ColorRange
from pipeline.vision.fitness import bright_share, focus_ratio
from tests.results import flat_frame, noisy_frame


def test_light_and_colour_go_down_together() -> None:
    frame = flat_frame(0, (320, 180), luma=200, color_range=ColorRange.FULL)
    dark = darkened(frame, 0.25, np.random.default_rng(0))
    assert abs(float(dark.y.mean()) - 50) < 1
    assert abs(float(dark.y.std()) - 2) < 0.5
    assert (int(dark.u[0, 0]), int(dark.v[0, 0])) == (121, 133)
    assert bright_share(dark.y, ColorRange.FULL) < bright_share(frame.y, ColorRange.FULL)


def test_blur_grows_with_its_share_and_none_changes_nothing() -> None:
    frame = noisy_frame(0, (320, 180))
    ratios = [focus_ratio(blurred(frame, share).y) for share in (0.0, 0.002, 0.01)]
    assert blurred(frame, 0.0) is frame
    assert ratios == sorted(ratios, reverse=True)


def test_a_row_for_each_kind_of_picture() -> None:
    lines = table([FitnessFigures("blur 0.2 %", 0.77, 0.07512, 0.735, 0.622)]).splitlines()
    assert lines[2:] == ["| blur 0.2 % | 0.77 | 0.0751 | 0.73 | 0.62 |"]
