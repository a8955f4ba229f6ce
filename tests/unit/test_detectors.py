import gc
from pathlib import Path

import pytest

from pipeline.errors import ConfigError, ModelError
from pipeline.inference import haar_detector, mediapipe_detector
from pipeline.inference.box_convention import IDENTITY, BoxConvention
from pipeline.inference.detectors import open_detector, open_frame_detector
from pipeline.inference.haar_detector import score_of_weight
from pipeline.inference.mediapipe_detector import BlazeFaceModel, MediaPipeDetector
from pipeline.types import Box


def test_an_unknown_detector_is_named_with_those_on_offer() -> None:
    with pytest.raises(ConfigError, match=r"no face detector 'dlib'; choose one of short, full, haar, yunet"):
        open_detector("dlib")


@pytest.mark.parametrize("name", ["short", "full", "haar"])
def test_a_model_path_is_for_yunet_alone(name: str) -> None:
    with pytest.raises(ConfigError, match="takes no model"):
        open_frame_detector(name, model_path=Path("any.onnx"))


def test_yunet_needs_a_model_path() -> None:
    with pytest.raises(ConfigError, match="needs the path of its ONNX model"):
        open_detector("yunet")


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan")])
@pytest.mark.parametrize("name", ["short", "full", "haar"])
def test_a_lowest_score_lies_in_the_unit_interval(name: str, score: float) -> None:
    with pytest.raises(ConfigError, match=r"lowest score lies in \[0, 1\]"):
        open_frame_detector(name, min_score=score)


def test_a_missing_yunet_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no YuNet model at .*absent\.onnx; give the path"):
        open_detector("yunet", model_path=tmp_path / "absent.onnx")


@pytest.mark.parametrize("content", [b"", b"no model at all" * 50])
def test_a_corrupt_yunet_model_is_refused(tmp_path: Path, content: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "corrupt.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"corrupt\.onnx is no YuNet model") as raised:
        open_detector("yunet", model_path=path)
    assert "\n" not in str(raised.value)
    assert capfd.readouterr().err == ""


def test_another_network_is_no_yunet(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="onnx writes the stand-in for YuNet")
    from tests.yunet import write_bright_cell_yunet

    path = tmp_path / "headless.onnx"
    write_bright_cell_yunet(path)
    model = onnx.load(str(path))
    del model.graph.output[1:]
    onnx.save(model, str(path))
    with pytest.raises(ModelError, match="is no YuNet model"):
        open_detector("yunet", model_path=path)


def test_a_corrupt_mediapipe_model_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "corrupt.tflite").write_bytes(b"no model at all" * 50)
    monkeypatch.setattr(mediapipe_detector, "ASSETS", tmp_path)
    with pytest.raises(ModelError, match=r"can't run corrupt\.tflite"):
        MediaPipeDetector(BlazeFaceModel("corrupt.tflite", 128, IDENTITY), 0.5)
    gc.collect()  # MediaPipe's idle thread ends with a cycle of its own objects
    assert capfd.readouterr().err == ""


def test_an_opencv_without_cascades_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(haar_detector, "CASCADE_FILE", "absent.xml")
    with pytest.raises(ModelError, match=r"carries no absent\.xml"):
        open_detector("haar")


def test_a_cascade_scores_half_where_odds_are_even_and_grows_with_the_weight() -> None:
    assert score_of_weight(haar_detector.EVEN_ODDS_WEIGHT) == 0.5
    scores = [score_of_weight(weight) for weight in (-1e4, -1.0, 0.0, 5.0, 1e4)]
    assert scores == sorted(scores)
    assert (scores[0], scores[-1]) == (0.0, 1.0)


def test_a_convention_moves_and_scales_in_units_of_the_detectors_box() -> None:
    convention = BoxConvention(shift_x=0.1, shift_y=-0.25, scale_width=0.5, scale_height=1.5)
    assert convention.face_box(Box(0, 0, 40, 80)) == Box(14, -40, 34, 80)


def test_the_identity_leaves_a_box_alone() -> None:
    assert IDENTITY.face_box(Box(1, 2, 3, 5)) == Box(1, 2, 3, 5)
