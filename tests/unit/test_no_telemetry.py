"""What is judged, and on which machine, is told to nobody: ONNX Runtime's own reports stay off."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
OPEN_A_SESSION = """
from pipeline.inference.onnx_classifier import open_classifier
open_classifier(None, "cpu").close()
"""


def run(program: str, home: Path) -> None:
    # ONNX Runtime reports nothing from CI, and nothing where it is told not to: neither may be what makes this pass.
    environment = {key: value for key, value in os.environ.items() if key not in ("CI", "ORT_DISABLE_TELEMETRY")}
    environment |= {"HOME": str(home), "MPLCONFIGDIR": str(home / "matplotlib")}
    subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, env=environment, check=True)


def test_a_session_leaves_no_report_to_be_sent(tmp_path: Path) -> None:
    run(OPEN_A_SESSION, tmp_path)
    assert not list(tmp_path.rglob("*onnxruntime*"))


@pytest.mark.parametrize("package", ["pipeline", "exporters", "benchmarks"])
def test_every_package_that_loads_it_says_so_first(package: str, tmp_path: Path) -> None:
    run(f"import os, {package}; assert os.environ['ORT_DISABLE_TELEMETRY'] == '1'", tmp_path)
