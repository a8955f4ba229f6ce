import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.inference.quiet import without_log_lines

REPOSITORY = Path(__file__).resolve().parents[2]

DETECT = """
import numpy as np
from pipeline.inference.detectors import open_detector
detector = open_detector({name!r})
for size in ((90, 160), (1, 1), (700, 400)):
    detector.detect(np.zeros((*size, 3), np.uint8))
"""

NOISE = """
import os, sys, threading
from pipeline.inference.quiet import quiet_native_logs

def write(text):
    os.write(2, text.encode())

with quiet_native_logs() as dropped:
    write("INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\\n")
    write("W0000 00:00:1795300781.270621    7114 runner.cc:14] Input tensor memory is not aligned.\\n")
    other = threading.Thread(target=write, args=("another thread\\n",))
    other.start()
    other.join()
    print("python itself", file=sys.stderr)
print("afterwards", file=sys.stderr)
print(len(dropped))
"""


def _run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("name", "ending"), [("short", "detector.close()"), ("short", ""), ("short", "del detector"), ("full", "")]
)
def test_mediapipe_says_nothing_whether_closed_or_not(name: str, ending: str) -> None:
    done = _run(DETECT.format(name=name) + ending)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_mediapipe_does_not_bring_tensorflow_in() -> None:
    done = _run(DETECT.format(name="short") + "import sys; print('tensorflow' in sys.modules)")
    assert done.stdout == "False\n"


def test_an_error_while_a_detector_is_open_is_all_that_is_said() -> None:
    done = _run(DETECT.format(name="short") + "raise SystemExit('stopped')")
    assert (done.returncode, done.stderr) == (1, "stopped\n")


def test_what_others_write_meanwhile_is_passed_on() -> None:
    done = _run(NOISE)
    assert done.stderr == "another thread\npython itself\nafterwards\n"
    assert done.stdout == "2\n"


def test_a_process_without_stderr_is_none_the_worse() -> None:
    program = "import os; os.close(2)\nfrom pipeline.inference.quiet import quiet_native_logs\n"
    done = _run(program + "with quiet_native_logs():\n    print('inside')")
    assert (done.returncode, done.stdout) == (0, "inside\n")


@pytest.mark.parametrize(
    "line",
    [
        b"INFO: [environment.cc:36] Creating LiteRT environment with options\n",
        b"ERROR: The model is not a valid Flatbuffer buffer\n",
        b"WARNING: [model_load.cc:402] Sparsity tensors may not yet be fully supported.\n",
        b"WARNING: Logging before InitGoogle() is written to STDERR\n",
        b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n",
        b"E0000 00:00:1795300781.270621    7114 graph.cc:99] no end of line",
    ],
)
def test_a_log_line_goes_and_its_neighbours_stay(line: bytes) -> None:
    assert without_log_lines(b"before\n" + line) == b"before\n"


@pytest.mark.parametrize("line", [b"INFO: 3 of 5 done\n", b"error: W0000 is no camera\n", b"\x1b[2K 50 %\r"])
def test_other_lines_stay(line: bytes) -> None:
    assert without_log_lines(line) == line
