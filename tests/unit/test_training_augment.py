import numpy as np
import pytest

from pipeline.types import Box
from pipeline.vision.crop import crop_face
from tests.faces import FACE_BOX, face_picture
from training.augment import augmented_crop
from training.config import Augmentation
from training.faces import LabelledFace

EVERYTHING = Augmentation(
    flip=1, light=1, grayscale=1, low_resolution=1, blur=1, noise=1, compression=1, erase_upper_half=1
)
NOTHING = Augmentation(
    flip=0,
    rotation_deg=0,
    shear_deg=0,
    zoom=(1, 1),
    shift=0,
    light=0,
    grayscale=0,
    low_resolution=0,
    blur=0,
    noise=0,
    compression=0,
    erase_upper_half=0,
)


def a_face(box: tuple[int, int, int, int] = FACE_BOX) -> LabelledFace:
    return LabelledFace("a", face_picture("masked", seed=1), Box(*box), label=0, source="made", group="a")


@pytest.mark.parametrize("settings", [NOTHING, Augmentation(), EVERYTHING])
@pytest.mark.parametrize("box", [FACE_BOX, (0, 0, 48, 48), (-20, -10, 30, 40), (40, 40, 47, 48)])
def test_every_look_has_the_size_asked_for(settings: Augmentation, box: tuple[int, int, int, int]) -> None:
    for seed in range(20):
        crop = augmented_crop(a_face(box), 32, settings, np.random.default_rng(seed))
        assert crop.shape == (32, 32, 3)
        assert crop.dtype == np.uint8


def test_the_same_draw_gives_the_same_look() -> None:
    first, second = (augmented_crop(a_face(), 32, Augmentation(), np.random.default_rng(4)) for _ in range(2))

    np.testing.assert_array_equal(first, second)


def test_other_draws_give_other_looks() -> None:
    rng = np.random.default_rng(4)
    looks = [augmented_crop(a_face(), 32, Augmentation(), rng).tobytes() for _ in range(10)]

    assert len(set(looks)) == 10


def test_without_any_change_it_is_the_crop_of_serving() -> None:
    face = a_face((9, 7, 39, 37))

    for size_px in (36, 24, 50):
        look = augmented_crop(face, size_px, NOTHING, np.random.default_rng(0))
        np.testing.assert_array_equal(look, crop_face(face.picture, face.box, size_px))


def test_a_flip_mirrors() -> None:
    mirrored = NOTHING.model_copy(update={"flip": 1.0})
    plain = augmented_crop(a_face(), 43, NOTHING, np.random.default_rng(0)).astype(int)

    assert np.abs(augmented_crop(a_face(), 43, mirrored, np.random.default_rng(0))[:, ::-1] - plain).max() <= 1


def test_the_mouth_is_never_erased() -> None:
    erased = NOTHING.model_copy(update={"erase_upper_half": 1.0})
    plain = augmented_crop(a_face(), 43, NOTHING, np.random.default_rng(0))

    for seed in range(30):
        look = augmented_crop(a_face(), 43, erased, np.random.default_rng(seed))
        np.testing.assert_array_equal(look[22:], plain[22:])


def test_the_picture_is_left_alone() -> None:
    face = a_face()
    before = face.picture.copy()
    augmented_crop(face, 32, EVERYTHING, np.random.default_rng(0))

    np.testing.assert_array_equal(face.picture, before)
