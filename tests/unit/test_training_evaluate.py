import json
from dataclasses import replace

import numpy as np
import pytest

from pipeline.errors import SourceError
from pipeline.statistics import wilson_interval
from pipeline.types import Box
from tests.verdicts import labelled_faces, random_case
from training.answers import JudgedFaces, JudgedModel
from training.bootstrap import Resampling
from training.breakdown import by, hard_negatives, size_of
from training.evaluate import evaluation, figures
from training.faces import STATES
from training.figures import Evaluation
from training.tables import table

FEW = Resampling(replicates=100)
MASKED, INCORRECT, UNMASKED = range(3)
STABLE_KEYS = {"model_sha256", "n", "accuracy", "macro_f1", "per_class", "ece", "classes", "confusion"}


def some_evaluation(count: int = 60, unknown_below: float | None = 0.5) -> Evaluation:
    labels, probabilities = random_case(count)
    answers = JudgedModel("0" * 64, probabilities, unknown_below=unknown_below)
    return evaluation(labelled_faces(labels), answers, FEW)


def certain(*classes: int) -> JudgedModel:
    """Return a model that is sure of those classes."""
    return JudgedModel("0" * 64, np.eye(3, dtype=np.float32)[list(classes)])


def test_json_keeps_the_keys_that_others_read() -> None:
    found = some_evaluation()

    again = json.loads(json.dumps(found))
    assert again.keys() >= STABLE_KEYS
    assert again["classes"] == list(STATES)
    assert np.array(again["confusion"]).sum() == again["n"] == 60


def test_the_parts_of_a_split_are_all_of_it() -> None:
    found = some_evaluation()

    for parts in (found["by_source"], found["by_note"], found["by_size"]):
        assert sum(part["faces"] for part in parts) == found["n"]
        assert sum(part["faces"] * part["accuracy"] for part in parts) / 60 == pytest.approx(
            found["accuracy"], abs=1e-4
        )


def test_every_interval_holds_its_figure() -> None:
    found = json.loads(json.dumps(some_evaluation()))

    for name in ("accuracy", "macro_f1", "two_class_accuracy", "masked_against_rest"):
        low, high = found["intervals_95"][name]
        assert low < found[name] < high


def test_faces_of_one_photograph_widen_the_intervals() -> None:
    labels, probabilities = np.repeat(random_case(40)[0], 10), np.repeat(random_case(40)[1], 10, axis=0)
    answers = JudgedModel("0" * 64, probabilities)

    alone, together = (
        evaluation(labelled_faces(labels, group_size=size), answers, FEW)["intervals_95"] for size in (1, 10)
    )

    assert (alone["groups"], together["groups"]) == (400, 40)
    assert alone["accuracy"] is not None
    assert together["accuracy"] is not None
    assert np.ptp(together["accuracy"]) > 2 * np.ptp(alone["accuracy"])


def test_faces_of_a_class_the_model_does_not_know_are_left_out_and_counted() -> None:
    faces = labelled_faces([MASKED, INCORRECT, UNMASKED, INCORRECT])
    answers = replace(certain(MASKED, MASKED, UNMASKED, UNMASKED), classes=("masked", "unmasked"))

    found = evaluation(faces, answers, FEW)

    assert (found["n"], found["accuracy"], found["two_class_accuracy"]) == (2, 1, 1)
    assert found["left_out"] == {"incorrect": 2}
    assert found["model_classes"] == ["masked", "unmasked"]
    assert "2 faces labelled incorrect left out: the model does not know this class" in table(found)


def test_faces_of_no_class_that_the_model_knows_are_an_input_error() -> None:
    answers = replace(certain(MASKED), classes=("masked", "unmasked"))

    with pytest.raises(SourceError, match="no face is labelled masked or unmasked"):
        evaluation(labelled_faces([INCORRECT]), answers, FEW)


def test_hard_negatives_are_unmasked_faces_with_a_note() -> None:
    faces = labelled_faces([UNMASKED] * 4 + [MASKED], notes=("hand", "hand", "beard", "", "hand"))
    answers = certain(MASKED, UNMASKED, UNMASKED, MASKED, MASKED)

    hands, beards = sorted(
        hard_negatives(JudgedFaces(faces, np.array([face.label for face in faces]), answers.probabilities)),
        key=lambda row: -row["faces"],
    )

    assert (hands["name"], hands["faces"], hands["called_masked"], hands["share"]) == ("pasted hands", 2, 1, 0.5)
    assert (beards["name"], beards["faces"], beards["called_masked"]) == ("beards", 1, 0)
    assert beards["wilson_95"] == pytest.approx(wilson_interval(0, 1), abs=1e-5)


def test_macro_f1_of_a_part_without_a_class_is_not_given() -> None:
    labels = np.array([MASKED, INCORRECT, UNMASKED, MASKED])
    judged = JudgedFaces(labelled_faces(labels), labels, certain(*labels).probabilities)

    parts = by(lambda face: "few" if face.name == "face-3.png" else "all", judged)

    assert [(part["name"], part["macro_f1"]) for part in parts] == [("all", 1.0), ("few", None)]


def test_a_part_without_either_class_has_no_two_class_accuracy() -> None:
    found = evaluation(labelled_faces([INCORRECT] * 3), certain(INCORRECT, MASKED, INCORRECT), FEW)

    assert found["two_class_accuracy"] is None
    assert found["intervals_95"]["two_class_accuracy"] is None
    assert found["by_source"][0]["two_class_accuracy"] is None
    assert "two-class accuracy          -" in table(found)


@pytest.mark.parametrize(
    ("side_px", "name"),
    [(12, "0-31 px"), (31.9, "0-31 px"), (32, "32-47 px"), (64, "64-95 px"), (96, "96 px and more")],
)
def test_the_size_of_a_face_is_its_longer_side(side_px: float, name: str) -> None:
    (face,) = labelled_faces([MASKED])

    assert size_of(replace(face, box=Box(0, 0, side_px / 2, side_px))) == name


def test_bins_of_size_sort_by_size() -> None:
    (face,) = labelled_faces([MASKED])
    names = [size_of(replace(face, box=Box(0, 0, side, side))) for side in (20, 40, 50, 70, 96)]

    assert names == sorted(names)
    assert len(set(names)) == 5


def test_the_surest_mistake_comes_first() -> None:
    found = some_evaluation()

    confidences = [mistake["confidence"] for mistake in found["mistakes"]]
    assert confidences == sorted(confidences, reverse=True)
    assert len(confidences) == round(60 * (1 - found["accuracy"]))
    assert all(mistake["true"] != mistake["predicted"] for mistake in found["mistakes"])


def test_the_curve_ends_where_all_is_answered() -> None:
    found = some_evaluation(count=250)
    curve = found["risk_coverage"]["curve"]

    assert len(curve) == 100
    assert curve[-1]["coverage"] == 1
    assert curve[-1]["risk"] == pytest.approx(1 - found["accuracy"], abs=1e-5)
    assert [point["coverage"] for point in curve] == sorted(point["coverage"] for point in curve)


def test_unknown_is_what_the_models_own_threshold_leaves_out() -> None:
    found = some_evaluation(unknown_below=0.6)
    confidence = random_case(60)[1].max(axis=1)

    assert found["unknown"] is not None
    assert found["unknown"]["coverage"] == pytest.approx((confidence >= 0.6).mean(), abs=1e-5)
    assert some_evaluation(unknown_below=None)["unknown"] is None


def test_figures_of_labels_alone_are_those_of_the_whole() -> None:
    labels, probabilities = random_case(60)
    whole = some_evaluation()

    short = figures(labels, JudgedModel("0" * 64, probabilities))

    assert {key: whole[key] for key in short} == short  # type: ignore[literal-required]  # its keys are among the whole's


def test_the_table_names_every_part() -> None:
    text = table(some_evaluation())

    for said in ("60 faces: accuracy", "Brier", "two-class accuracy", "masked against rest", "source-1", "32-47 px"):
        assert said in text
    assert max(map(len, text.splitlines())) <= 120
