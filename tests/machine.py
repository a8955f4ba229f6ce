"""What the machine under test has: a part that is missing leaves a test out, or fails it where it is required."""

import os
import pty
import shutil
import subprocess
from importlib import metadata
from typing import NoReturn

import pytest

COMMANDS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "curl": ("curl",),
    "docker-compose": ("docker-compose",),
    "mosquitto": ("mosquitto", "/usr/sbin/mosquitto"),
    "mosquitto_passwd": ("mosquitto_passwd",),
    "openssl": ("openssl",),
    "promtool": ("promtool",),
    "systemd-analyze": ("systemd-analyze",),
}
"""The commands that tests may ask for, each with the names that it goes by."""


def require_system(part: str) -> str:
    """Return the path of a command named in `COMMANDS`; without it the test is left out.

    With MASKSTREAM_REQUIRE_SYSTEM=1 the test fails instead.
    """
    found = next(filter(None, map(shutil.which, COMMANDS[part])), None)
    if found is None:
        leave_out(f"{part} is not installed: run `bash scripts/system_packages.sh test`", "MASKSTREAM_REQUIRE_SYSTEM")
    return found


GST_PACKAGES = (
    "gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad python3-gi"
)
_HAS_GST = """
import gi
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer
Gst.init(None)
raise SystemExit(not all(map(Gst.ElementFactory.find, ("matroskademux", "h264parse", "rtph264pay"))))
"""


def require_gstreamer() -> str:
    """Return the python that has GStreamer's RTSP server; without it the test is left out.

    It is 180 MB in 122 of Debian's packages, too much for scripts/system_packages.sh to bring.
    """
    python = "/usr/bin/python3"
    if subprocess.run([python, "-c", _HAS_GST], capture_output=True, check=False).returncode != 0:
        pytest.skip(f"GStreamer's RTSP server is not installed: apt-get install --no-install-recommends {GST_PACKAGES}")
    return python


def require_terminal() -> tuple[int, int]:
    """Return the ends of a new pseudo-terminal, the master's first; without one, as `require_system` does."""
    try:
        return pty.openpty()
    except OSError as error:
        leave_out(f"no pseudo-terminal can be had ({error}): mount devpts on /dev/pts", "MASKSTREAM_REQUIRE_SYSTEM")


def require_gpu() -> None:
    """Leave the test out where there is no GPU to run on; with MASKSTREAM_REQUIRE_GPU=1 it fails instead."""
    lacking = missing_gpu_part()
    if lacking is not None:
        leave_out(lacking, "MASKSTREAM_REQUIRE_GPU")


def missing_gpu_part() -> str | None:
    """Return what keeps a test from running on a GPU, or None where nothing does."""
    if not has_nvidia_gpu():
        return "no NVIDIA GPU answers nvidia-smi"
    try:
        metadata.version("onnxruntime-gpu")
    except metadata.PackageNotFoundError:
        return "the onnxruntime-gpu wheel is not installed: see the extra `gpu`"
    return None


def has_nvidia_gpu() -> bool:
    command = shutil.which("nvidia-smi")
    return command is not None and subprocess.run([command, "-L"], capture_output=True, check=False).returncode == 0


def leave_out(reason: str, switch: str) -> NoReturn:
    """Skip the running test for that reason, or fail it where the environment variable `switch` is 1."""
    if os.environ.get(switch) == "1":
        pytest.fail(f"{reason} ({switch}=1 asks for it)", pytrace=False)
    pytest.skip(reason)
