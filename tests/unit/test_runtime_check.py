"""Start-up wants exactly one wheel of ONNX Runtime."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import ExitCode, ModelError
from pipeline.inference.runtime_check import EXTRA_BY_WHEEL, check_runtime

Install = Callable[[str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """An empty installation, and how to put a wheel into it."""
    monkeypatch.setattr(sys, "path", [str(tmp_path)])

    def put(wheel: str) -> None:
        folder = tmp_path / f"{wheel.replace('-', '_')}-1.31.1.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {wheel}\nVersion: 1.31.1\n")

    return put


@pytest.mark.parametrize("wheel", EXTRA_BY_WHEEL)
def test_one_wheel_is_right(wheel: str, install: Install) -> None:
    install(wheel)
    assert check_runtime() == wheel


@pytest.mark.usefixtures("install")
def test_none_is_refused_with_the_line_that_mends_it() -> None:
    with pytest.raises(ModelError, match=r"pip install 'maskstream\[cpu\]'.*\[gpu\].*\[openvino\]") as caught:
        check_runtime()
    assert caught.value.exit_code is ExitCode.MODEL


@pytest.mark.parametrize(
    ("wheels", "mending"),
    [
        (
            ("onnxruntime", "onnxruntime-gpu"),
            r"pip uninstall -y onnxruntime onnxruntime-gpu && pip install 'maskstream\[gpu\]'",
        ),
        (
            ("onnxruntime-openvino", "onnxruntime"),
            r"pip uninstall -y onnxruntime onnxruntime-openvino && pip install 'maskstream\[openvino\]'",
        ),
        (tuple(EXTRA_BY_WHEEL), r"^3 wheels"),
    ],
)
def test_several_are_refused_with_the_line_that_mends_it(
    wheels: tuple[str, ...], mending: str, install: Install
) -> None:
    for wheel in wheels:
        install(wheel)
    with pytest.raises(ModelError, match=mending):
        check_runtime()


def test_the_check_imports_no_runtime() -> None:
    code = (
        "import sys; from pipeline.inference.runtime_check import check_runtime; check_runtime(); "
        "sys.exit('onnxruntime' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
