"""From the device that is asked for to a session of ONNX Runtime that runs on it, or an error."""

import os
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import onnxruntime  # type: ignore[import-untyped]  # ships no types

from pipeline.errors import ModelError
from pipeline.inference.model_files import LoadedModel
from pipeline.inference.runtime_check import EXTRA_BY_WHEEL, check_runtime

Device: TypeAlias = Literal["auto", "cpu", "cuda", "tensorrt", "openvino"]
DEVICES: tuple[str, ...] = get_args(Device)

CPU_PROVIDER = "CPUExecutionProvider"
PROVIDER_BY_DEVICE = {
    "cpu": CPU_PROVIDER,
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
}
CUDA_PROVIDER, TENSORRT_PROVIDER = PROVIDER_BY_DEVICE["cuda"], PROVIDER_BY_DEVICE["tensorrt"]
GPU_PROVIDERS = frozenset({CUDA_PROVIDER, TENSORRT_PROVIDER})
GPU_MEMORY = "cuda"
"""What ONNX Runtime calls the memory that both of them work in."""

# TensorRT builds an engine for minutes on its first run: only where it is asked for. So is OpenVINO: on a CPU its
# provider (1.24) takes 14 ms of CPU time for a crop of the shipped model, the runtime itself 4.9 ms.
AUTOMATIC_ORDER = ("cuda", "cpu")

LOG_NOTHING = 4


def available_devices() -> tuple[str, ...]:
    """Return the devices that the installed runtime has a provider for; whether the hardware answers shows on use."""
    check_runtime()
    installed = onnxruntime.get_available_providers()
    return tuple(device for device, provider in PROVIDER_BY_DEVICE.items() if provider in installed)


def candidates(device: str) -> tuple[str, ...]:
    """Return the devices to try for `device`, best first; raise ModelError where the runtime lacks it."""
    if device not in DEVICES:
        raise ModelError(f"no device {device}: choose one of {', '.join(DEVICES)}")
    available = available_devices()
    if device == "auto":
        return tuple(name for name in AUTOMATIC_ORDER if name in available)
    if device not in available:
        raise ModelError(
            f"device {device} needs {PROVIDER_BY_DEVICE[device]}, which the installed {check_runtime()} lacks: it has "
            f"{', '.join(available)}; install the extra that has it ({', '.join(EXTRA_BY_WHEEL.values())}), "
            "or use --device auto"
        )
    return (device,)


def open_session(model: LoadedModel, device: str, threads: int | None) -> onnxruntime.InferenceSession | None:
    """Return a session of `model` on `device` (not auto), or None where its provider does not start here.

    A run on the CPU takes one thread, as its caller may run several at a time. Elsewhere `threads` bounds the threads
    of a run; None leaves it to the provider. Raises ModelError where the runtime can't load the model.
    """
    onnxruntime.set_default_logger_severity(LOG_NOTHING)
    provider = PROVIDER_BY_DEVICE[device]
    session = _create(model, provider, 1 if provider == CPU_PROVIDER else threads)
    # A run that fails would be tried again on the CPU, and every later one go there.
    session.disable_fallback()
    # ONNX Runtime runs on the CPU, with a line in its log, where another provider does not start.
    return session if session.get_providers()[0] == provider else None


def _create(model: LoadedModel, provider: str, threads: int | None) -> onnxruntime.InferenceSession:
    if provider in GPU_PROVIDERS:
        onnxruntime.preload_dlls()
    try:
        return onnxruntime.InferenceSession(model.data, _options(threads), providers=with_fallback(model, provider))
    except Exception as error:  # the runtime's errors share no base class of their own
        raise ModelError(f"{model.path} is not a model that ONNX Runtime can load: {_first_line(error)}") from error


def _options(threads: int | None) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = LOG_NOTHING
    options.intra_op_num_threads = threads or 0
    # A spinning pool would take the cores that decoding and detection need between two runs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def with_fallback(model: LoadedModel, provider: str) -> list[tuple[str, dict[str, str]]]:
    """Return providers with their options: behind `provider` those that run what it has no kernel for."""
    beside = {CPU_PROVIDER: (), TENSORRT_PROVIDER: (CUDA_PROVIDER, CPU_PROVIDER)}.get(provider, (CPU_PROVIDER,))
    return [(name, _options_of(name, model)) for name in (provider, *beside)]


def _options_of(provider: str, model: LoadedModel) -> dict[str, str]:
    if provider == CUDA_PROVIDER:
        # Left to itself cuDNN takes what is fastest just then: other kernels, and other roundings, on another day.
        return {"cudnn_conv_algo_search": "HEURISTIC"}
    if provider == TENSORRT_PROVIDER:
        return {"trt_fp16_enable": str(int(model.card.precision == "fp16")), **_engine_cache(model)}
    return {}


def _engine_cache(model: LoadedModel) -> dict[str, str]:
    """Return where TensorRT keeps what it builds for minutes, for the next start; nothing where that can't be written.

    It knows its engines by names of the graph, which two trainings of one network share: each model has its folder.
    """
    folder = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "maskstream" / "tensorrt" / model.card.sha256
    try:
        folder = folder.expanduser()
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # the second: nobody's home
        return {}
    return {"trt_engine_cache_enable": "1", "trt_engine_cache_path": str(folder)}


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
