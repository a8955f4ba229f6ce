from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnxruntime  # type: ignore[import-untyped]  # ships no types
import pytest

from pipeline.errors import ModelError
from pipeline.inference import providers
from pipeline.inference.model_files import LoadedModel, load_model
from pipeline.inference.onnx_classifier import open_classifier
from pipeline.inference.providers import PROVIDER_BY_DEVICE, candidates, open_session, with_fallback
from tests.models import tiny_model

EVERYTHING = tuple(providers.PROVIDER_BY_DEVICE)


def pretend_available(monkeypatch: pytest.MonkeyPatch, devices: Sequence[str]) -> None:
    monkeypatch.setattr(providers, "available_devices", lambda: tuple(devices))


class OnlyOnCpu:
    """A session of ONNX Runtime after its accelerator did not start: it runs on the CPU and says so."""

    def __init__(self, _data: bytes, _options: Any, providers: list[tuple[str, dict[str, str]]]) -> None:
        self.asked = providers

    def get_providers(self) -> list[str]:
        return [providers.CPU_PROVIDER]

    def disable_fallback(self) -> None:
        """It has none."""


@pytest.mark.parametrize(
    ("available", "expected"),
    [
        (("cpu",), ("cpu",)),
        (("cpu", "cuda", "tensorrt"), ("cuda", "cpu")),
        (("cpu", "openvino"), ("cpu",)),
    ],
)
def test_auto_tries_the_fastest_first(
    monkeypatch: pytest.MonkeyPatch, available: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    pretend_available(monkeypatch, available)

    assert candidates("auto") == expected


@pytest.mark.parametrize("device", EVERYTHING)
def test_a_device_that_is_asked_for_stands_alone(monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    pretend_available(monkeypatch, EVERYTHING)

    assert candidates(device) == (device,)


@pytest.mark.parametrize("device", ["cuda", "tensorrt", "openvino"])
def test_a_device_without_its_provider_is_an_error(monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    pretend_available(monkeypatch, ["cpu"])

    with pytest.raises(ModelError, match=rf"device {device} needs .*ExecutionProvider.*--device auto"):
        candidates(device)


def test_an_unknown_device_lists_the_known_ones() -> None:
    with pytest.raises(ModelError, match="no device tpu: choose one of auto, cpu, cuda"):
        candidates("tpu")


def test_a_device_that_does_not_start_never_runs_on_the_cpu_instead(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pretend_available(monkeypatch, EVERYTHING)
    monkeypatch.setattr(onnxruntime, "InferenceSession", OnlyOnCpu)

    with pytest.raises(ModelError, match="device cuda does not answer"):
        open_classifier(tiny_model(tmp_path), device="cuda")


def test_auto_falls_back_where_the_accelerator_does_not_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pretend_available(monkeypatch, ["cpu", "cuda"])
    real = onnxruntime.InferenceSession

    def on_the_cpu(data: bytes, options: Any, **_: Any) -> Any:
        return real(data, options, providers=["CPUExecutionProvider"])

    monkeypatch.setattr(onnxruntime, "InferenceSession", on_the_cpu)

    assert open_classifier(tiny_model(tmp_path)).provider == "CPUExecutionProvider"


def test_threads_bound_one_inference(tmp_path: Path) -> None:
    session = open_session(load_model(tiny_model(tmp_path)), "cpu", threads=1)

    assert session is not None
    assert session.get_session_options().intra_op_num_threads == 1


def test_fewer_than_one_thread_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="at least 1 thread, got 0"):
        open_classifier(tiny_model(tmp_path), device="cpu", threads=0)


def test_a_run_that_fails_is_not_tried_on_another_device(tmp_path: Path) -> None:
    session = open_session(load_model(tiny_model(tmp_path)), "cpu", threads=1)

    assert session is not None
    assert not session._enable_fallback


def test_what_an_accelerator_lacks_runs_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    model = load_model(tiny_model(tmp_path))
    found = {device: [name for name, _ in with_fallback(model, name)] for device, name in PROVIDER_BY_DEVICE.items()}

    assert found["cpu"] == ["CPUExecutionProvider"]
    assert found["cuda"] == ["CUDAExecutionProvider", "CPUExecutionProvider"]
    assert found["tensorrt"] == ["TensorrtExecutionProvider", *found["cuda"]]
    assert found["openvino"] == ["OpenVINOExecutionProvider", "CPUExecutionProvider"]


def test_engines_of_two_models_never_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    model = load_model(tiny_model(tmp_path))
    other = replace(model, card=model.card.model_copy(update={"sha256": "f" * 64}))
    folders = [Path(_tensorrt_options(each)["trt_engine_cache_path"]) for each in (model, other)]

    assert folders[0] != folders[1]
    assert all(folder.is_dir() and folder.is_relative_to(tmp_path / "cache") for folder in folders)


def test_without_a_place_for_engines_tensorrt_builds_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cache").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    assert _tensorrt_options(load_model(tiny_model(tmp_path))) == {"trt_fp16_enable": "0"}


def test_tensorrt_computes_in_halves_what_was_exported_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    model = load_model(tiny_model(tmp_path))
    halves = replace(model, card=model.card.model_copy(update={"precision": "fp16"}))

    assert [_tensorrt_options(each)["trt_fp16_enable"] for each in (model, halves)] == ["0", "1"]


def _tensorrt_options(model: LoadedModel) -> dict[str, str]:
    return dict(with_fallback(model, "TensorrtExecutionProvider"))["TensorrtExecutionProvider"]
