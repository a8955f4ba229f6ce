"""The comparison of refitted heads: means and ranges over seeds, intervals over photographs."""

from pathlib import Path

import numpy as np
import pytest

from training import embeddings
from training.balance_figures import Balance, compared, judge, table
from training.config import Recipe
from training.embeddings import EmbeddedFaces
from training.heads import Head
from training.metrics import macro_f1

RECIPE = Recipe.model_validate(
    {
        "name": "heads",
        "class_shares": {"masked": 0.4, "incorrect": 0.2, "unmasked": 0.4},
        "stages": [{"size_px": 32, "epochs": 1}],
    }
)
RIGHT = Head(np.eye(3, dtype=np.float32), np.zeros(3, np.float32))
NEVER_INCORRECT = Head(np.eye(3, dtype=np.float32), np.array([0, -9, 0], np.float32))


def faces(counts: tuple[int, int, int], group_size: int = 1) -> EmbeddedFaces:
    """Return faces whose embeddings are their classes, `group_size` in a row from one photograph."""
    labels = np.repeat(np.arange(3), counts)
    groups = tuple(str(index // group_size) for index in range(len(labels)))
    return EmbeddedFaces(np.eye(3, dtype=np.float32)[labels], labels, groups)


@pytest.fixture
def found() -> Balance:
    heads = {"as trained": [NEVER_INCORRECT], "nothing": [RIGHT, NEVER_INCORRECT], "SMOTE": [RIGHT, RIGHT]}
    return compared(heads, faces((40, 5, 20)), faces((12, 8, 10)), RECIPE)


def test_the_best_mean_is_kept(found: Balance) -> None:
    assert found.kept == "SMOTE"
    assert found.figures["SMOTE"].macro_f1.mean == 1


def test_the_rarest_class_is_the_training_splits(found: Balance) -> None:
    assert found.rarest == "incorrect"
    assert found.embeddings == {"masked": 40, "incorrect": 5, "unmasked": 20}


def test_seeds_have_a_mean_and_a_range(found: Balance) -> None:
    recall = found.figures["nothing"].recall["incorrect"]

    assert (recall.mean, recall.lowest, recall.highest) == (0.5, 0, 1)
    assert recall.interval_95 == (0.5, 0.5)


def test_gains_are_measured_on_the_same_photographs(found: Balance) -> None:
    worse = macro_f1(*without_incorrect((12, 8, 10)), 3)
    gain = found.figures["SMOTE"].gain

    assert gain.mean == pytest.approx((1 - worse) / 2, abs=1e-5)
    assert 0 < gain.interval_95[0] <= gain.mean <= gain.interval_95[1]
    # Against itself, nothing gains nothing, on whatever photographs.
    assert found.figures["nothing"].gain.interval_95 == (0, 0)


def without_incorrect(counts: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    labels = np.repeat(np.arange(3), counts)
    return labels, np.where(labels == 1, 0, labels)


def test_faces_of_one_photograph_widen_the_interval() -> None:
    heads = {"nothing": [NEVER_INCORRECT]}
    apart, together = (
        compared(heads, faces((4, 2, 4)), faces((40, 20, 40), size), RECIPE).figures["nothing"].macro_f1.interval_95
        for size in (1, 10)
    )

    assert together[1] - together[0] > 1.5 * (apart[1] - apart[0])


def test_confusions_count_every_face() -> None:
    judged = judge([RIGHT, NEVER_INCORRECT], faces((3, 2, 1)), 3)

    assert judged.counts.tolist() == [
        [[3, 0, 0], [0, 2, 0], [0, 0, 1]],
        [[3, 0, 0], [2, 0, 0], [0, 0, 1]],
    ]
    assert (judged.resampled.sum(axis=(2, 3)) == 6).all()


def test_the_table_can_be_pasted(found: Balance) -> None:
    header, rule, *rows, blank, what = table(found).splitlines()

    assert header.startswith("| head refitted with | recall of `incorrect` | 95 % interval | macro-F1 |")
    assert {row.count("|") for row in (header, rule, *rows)} == {8}
    assert rows[1].startswith("| nothing | 0.500 (0.000 to 1.000) | 0.500 to 0.500 |")
    assert rows[2].startswith("| SMOTE | 1.000 | 1.000 to 1.000 | 1.000 |")
    assert not blank
    assert "30 faces of `val`" in what
    assert "Kept: SMOTE." in what


def test_a_recipe_that_says_smote_is_still_read() -> None:
    content = RECIPE.model_dump()
    content["smote"] = {**content.pop("balance"), "neighbors": 4}

    assert Recipe.model_validate(content).balance.neighbors == 4


def test_embeddings_are_taken_for_their_key_alone(tmp_path: Path) -> None:
    path = tmp_path / "embeddings.npz"
    np.savez(path, key="model and faces", train=np.ones((4, 2), np.float32), val=np.zeros((3, 2), np.float32))

    kept = embeddings._kept(path, "model and faces")

    assert kept is not None
    assert [part.shape for part in kept] == [(4, 2), (3, 2)]
    assert embeddings._kept(path, "another model") is None


@pytest.mark.parametrize("content", [None, b"", b"hello", b"PK\x03\x04 cut off"])
def test_embeddings_that_cannot_be_read_are_none(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "embeddings.npz"
    if content is not None:
        path.write_bytes(content)

    assert embeddings._kept(path, "any") is None
