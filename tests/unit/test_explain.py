import numpy as np
import pytest

from pipeline.types import Box, Face, MaskState, UInt8Array, Verdict
from pipeline.vision.explain import why_unknown
from pipeline.vision.vote import VoteSettings

SETTINGS = VoteSettings(min_face_px=24)
CHANCES = {MaskState.MASKED: 0.4, MaskState.INCORRECT: 0.48, MaskState.UNMASKED: 0.12}
UNKNOWN = Verdict(MaskState.UNKNOWN, 0.48, 1)
SHARP: UInt8Array = np.random.default_rng(1).integers(0, 255, (96, 96, 3), np.uint8)
BLURRED: UInt8Array = np.tile(np.linspace(20, 220, 96).astype(np.uint8)[:, None, None], (1, 96, 3))
FRONTAL = ((30.0, 40.0), (70.0, 40.0), (50.0, 60.0))
TURNED = ((30.0, 40.0), (70.0, 40.0), (66.0, 60.0))


def why(size_px: float, crop: UInt8Array = SHARP, points: tuple[tuple[float, float], ...] = FRONTAL) -> str | None:
    return why_unknown(Face(Box(0, 0, size_px, size_px), 0.9, points), crop, UNKNOWN, CHANCES, SETTINGS)


def test_nothing_is_to_be_explained_where_something_is_said() -> None:
    verdict = Verdict(MaskState.MASKED, 0.9, 1)
    assert why_unknown(Face(Box(0, 0, 9, 9), 0.9), SHARP, verdict, CHANCES, SETTINGS) is None


def test_a_face_below_what_the_card_promises() -> None:
    assert why(20) == "the face is smaller than 24 px: take the picture from nearer, or send a larger one"


DOUBT = "the model can't tell incorrect (48%) from masked (40%)"


@pytest.mark.parametrize(
    ("size_px", "crop", "points", "told"),
    [
        (100, SHARP, FRONTAL, DOUBT),
        (100, SHARP, TURNED, f"{DOUBT}: the face is turned away"),
        (100, BLURRED, FRONTAL, f"{DOUBT}: the face is blurred"),
        (28, BLURRED, TURNED, f"{DOUBT}: the face is turned away and blurred and small (28 px)"),
    ],
)
def test_a_doubt_names_what_may_be_its_cause(
    size_px: float, crop: UInt8Array, points: tuple[tuple[float, float], ...], told: str
) -> None:
    assert why(size_px, crop, points) == told
