"""What a measurement was taken with: processor, cores, versions and date."""

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # ships no types

CPU_TABLE = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class Environment:
    """The date in UTC, the processor with the cores this process may use, and versions by name."""

    date: str
    processor: str
    cores: int
    versions: dict[str, str]

    def __str__(self) -> str:
        versions = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        return f"{self.date}, {self.processor}, {self.cores} cores, {versions}"


def environment() -> Environment:
    """Return the environment of this process."""
    versions = {
        "maskstream": version("maskstream"),
        "Python": platform.python_version(),
        "NumPy": np.__version__,
        "OpenCV": cv2.__version__,
        "ONNX Runtime": onnxruntime.__version__,
    }
    return Environment(datetime.now(UTC).date().isoformat(), _processor(), len(os.sched_getaffinity(0)), versions)


def _processor(table: Path = CPU_TABLE) -> str:
    """Return the processor's name as the kernel tells it, or its architecture where there is no such table."""
    lines = table.read_text(encoding="utf-8").splitlines() if table.is_file() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
