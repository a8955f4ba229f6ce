"""Refuses to start with no ONNX Runtime, or with two whose files overwrote each other."""

from collections.abc import Sequence
from importlib import metadata

from pipeline.errors import ModelError

EXTRA_BY_WHEEL = {"onnxruntime": "cpu", "onnxruntime-gpu": "gpu", "onnxruntime-openvino": "openvino"}
"""The wheels that install the one import package `onnxruntime`, and the extra of maskstream that asks for each."""


def check_runtime() -> str:
    """Return the name of the one installed wheel of ONNX Runtime; raise ModelError where there is none, or several.

    Reads the metadata of the installation alone: two wheels in one folder leave a mixture that may import or may crash.
    """
    installed = [wheel for wheel in EXTRA_BY_WHEEL if _is_installed(wheel)]
    if not installed:
        choices = ", or ".join(f"`pip install 'maskstream[{extra}]'`" for extra in EXTRA_BY_WHEEL.values())
        raise ModelError(f"no ONNX Runtime is installed; choose one: {choices}")
    if len(installed) > 1:
        raise ModelError(_too_many(installed))
    return installed[0]


def _is_installed(wheel: str) -> bool:
    try:
        metadata.version(wheel)
    except metadata.PackageNotFoundError:
        return False
    return True


def _too_many(installed: Sequence[str]) -> str:
    extra = EXTRA_BY_WHEEL[installed[-1]]
    return (
        f"{len(installed)} wheels of ONNX Runtime are installed over each other: {', '.join(installed)}; "
        f"keep one: `pip uninstall -y {' '.join(installed)} && pip install 'maskstream[{extra}]'`"
    )
