"""From the device that is asked for to a session of ONNX Runtime that runs on it, or an error."""

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
GPU_PROVIDERS = frozenset({"CUDAExecutionProvider", "TensorrtExecutionProvider"})

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
    # ONNX Runtime runs on the CPU, with a line in its log, where another provider does not start.
    return session if session.get_providers()[0] == provider else None


def _create(model: LoadedModel, provider: str, threads: int | None) -> onnxruntime.InferenceSession:
    if provider in GPU_PROVIDERS:
        onnxruntime.preload_dlls()
    try:
        return onnxruntime.InferenceSession(model.data, _options(threads), providers=_with_fallback(provider))
    except Exception as error:  # the runtime's errors share no base class of their own
        raise ModelError(f"{model.path} is not a model that ONNX Runtime can load: {_first_line(error)}") from error


def _options(threads: int | None) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = LOG_NOTHING
    options.intra_op_num_threads = threads or 0
    # A spinning pool would take the cores that decoding and detection need between two runs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _with_fallback(provider: str) -> list[str]:
    """Return the provider lists that let operators without a kernel on the accelerator run beside it."""
    if provider == "TensorrtExecutionProvider":
        return [provider, "CUDAExecutionProvider", CPU_PROVIDER]
    return [provider] if provider == CPU_PROVIDER else [provider, CPU_PROVIDER]


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
