from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnxruntime  # type: ignore[import-untyped]  # ships no types
import pytest

from pipeline.errors import ModelError
from pipeline.inference import providers
from pipeline.inference.model_files import load_model
from pipeline.inference.onnx_classifier import open_classifier
from pipeline.inference.providers import candidates, open_session
from tests.models import tiny_model

EVERYTHING = tuple(providers.PROVIDER_BY_DEVICE)


def pretend_available(monkeypatch: pytest.MonkeyPatch, devices: Sequence[str]) -> None:
    monkeypatch.setattr(providers, "available_devices", lambda: tuple(devices))


class OnlyOnCpu:
    """A session of ONNX Runtime after its accelerator did not start: it runs on the CPU and says so."""

    def __init__(self, _data: bytes, _options: Any, providers: list[str]) -> None:
        self.asked = providers

    def get_providers(self) -> list[str]:
        return [providers.CPU_PROVIDER]


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
