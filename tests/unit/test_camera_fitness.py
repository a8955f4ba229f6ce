"""What a camera's operator is told to mend."""

from pipeline.fleet.camera_fitness import CameraFitness

LOOKS = 60
FIT = {"too_dark": 1.0, "blurred": 1.0}


def told(fitness: CameraFitness, tiles: tuple[int, int] | None = None, **values: float) -> list[str]:
    """Return how the hints begin after two minutes of such pictures."""
    for _ in range(LOOKS):
        fitness.take({**FIT, **values})
    return [hint.partition(":")[0] for hint in fitness.hints(tiles)]


def test_a_fit_camera_needs_nothing() -> None:
    assert told(CameraFitness(), faces_too_small=0.9) == []


def test_each_flaw_is_told() -> None:
    assert told(CameraFitness(), too_dark=0.1, blurred=0.2, faces_too_small=0.3) == [
        "too dark",
        "blurred",
        "faces too small",
    ]


def test_a_hint_goes_when_the_picture_is_better_and_does_not_flicker_before() -> None:
    fitness = CameraFitness()
    assert told(fitness, too_dark=0.45) == []
    assert told(fitness, too_dark=0.35) == ["too dark"]
    assert told(fitness, too_dark=0.45) == ["too dark"]
    assert told(fitness, too_dark=0.55) == []


def test_who_walks_by_the_lens_makes_no_camera_dark() -> None:
    fitness = CameraFitness()
    told(fitness)
    fitness.take({**FIT, "too_dark": 0.0})
    assert fitness.hints(None) == ()


def test_more_tiles_are_advised_to_who_has_few() -> None:
    fitness = CameraFitness()
    told(fitness, faces_too_small=0.25)
    (automatic,) = fitness.hints(None)
    (many,) = fitness.hints((2, 2))
    assert "75%" in automatic
    assert "try tiles: 2x2" in automatic
    assert "tiles" not in many
