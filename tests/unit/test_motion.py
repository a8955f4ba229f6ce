"""The Kalman filter of a face."""

import pytest

from pipeline.types import Box
from pipeline.vision.motion import (
    Motion,
    MotionSettings,
    correct_motion,
    predict_motion,
    scale_motion,
    start_motion,
)

SETTINGS = MotionSettings()
BOX = Box(100, 100, 160, 180)


def seen_moving(velocity_px_s: float, interval_s: float = 1 / 30, looks: int = 30) -> Motion:
    """Return the belief after `looks` sights of a face that goes right."""
    motion = start_motion(BOX, SETTINGS)
    for look in range(1, looks):
        x = 130 + velocity_px_s * look * interval_s
        motion = correct_motion(
            predict_motion(motion, interval_s, SETTINGS), Box.around((x, 140.0), 60.0, 80.0), SETTINGS
        )
    return motion


def test_velocity_is_learned() -> None:
    motion = seen_moving(90.0)
    assert motion.velocity_x == pytest.approx(90.0, rel=0.1)
    assert motion.velocity_y == pytest.approx(0.0, abs=1e-6)


def test_prediction_does_not_depend_on_how_the_time_is_cut() -> None:
    motion = seen_moving(90.0)
    once = predict_motion(motion, 0.8, SETTINGS)
    many = motion
    for _ in range(8):
        many = predict_motion(many, 0.1, SETTINGS)
    assert (many.x, many.velocity_x) == pytest.approx((once.x, once.velocity_x))
    assert (many.center_var, many.cross_var, many.velocity_var, many.size_var) == pytest.approx(
        (once.center_var, once.cross_var, once.velocity_var, once.size_var)
    )


def test_a_hidden_face_slows_down_and_grows_unsure() -> None:
    motion = seen_moving(90.0)
    later = predict_motion(motion, 10.0, SETTINGS)
    assert motion.x < later.x <= motion.x + motion.velocity_x * SETTINGS.memory_s
    assert later.velocity_var == pytest.approx(SETTINGS.speed_sizes_per_s**2, rel=1e-3)
    assert later.center_var > motion.center_var


def test_no_time_changes_nothing() -> None:
    motion = seen_moving(90.0)
    assert predict_motion(motion, 0.0, SETTINGS) == motion


def test_a_sight_narrows_every_belief() -> None:
    motion = predict_motion(start_motion(BOX, SETTINGS), 0.1, SETTINGS)
    seen = correct_motion(motion, BOX, SETTINGS)
    assert seen.center_var < motion.center_var
    assert seen.velocity_var < motion.velocity_var
    assert seen.size_var < motion.size_var


def test_sizes_move_towards_what_is_seen() -> None:
    motion = predict_motion(start_motion(BOX, SETTINGS), 0.1, SETTINGS)
    seen = correct_motion(motion, Box.around(BOX.center, 90.0, 120.0), SETTINGS)
    assert 60 < seen.width < 90
    assert 80 < seen.height < 120


def test_scaling_keeps_the_belief_in_face_sizes() -> None:
    motion = seen_moving(90.0)
    scaled = scale_motion(motion, 2.0, 2.0)
    assert (scaled.x, scaled.velocity_x, scaled.size_px) == pytest.approx(
        (2 * motion.x, 2 * motion.velocity_x, 2 * motion.size_px)
    )
    assert scaled.center_var == motion.center_var
