"""What an installation carries: the wheel is built from a copy of the tree and looked into."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PARTS = (
    "pipeline",
    "exporters",
    "training",
    "benchmarks",
    "configs",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "NOTICE",
)
BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in the wheel."""
    tree, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("wheel")
    for part in PARTS:
        path = REPOSITORY / part
        (shutil.copytree if path.is_dir() else shutil.copy2)(path, tree / part)
    subprocess.run([sys.executable, "-c", BUILD, str(out)], cwd=tree, check=True, capture_output=True)
    (wheel,) = out.glob("maskstream-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def data_files(folder: str, *patterns: str) -> set[str]:
    found = {path for pattern in patterns for path in (REPOSITORY / folder).rglob(pattern)}
    return {path.relative_to(REPOSITORY).as_posix() for path in found}


def test_every_module_is_in_the_wheel(content: set[str]) -> None:
    modules = {
        name for package in ("pipeline", "exporters", "training", "benchmarks") for name in data_files(package, "*.py")
    }
    assert modules <= content


def test_models_their_cards_and_notes_are_in_the_wheel(content: set[str]) -> None:
    assets = data_files("pipeline/assets", "*.tflite", "*.onnx", "*.json", "*.md")
    assert assets
    assert assets <= content


def test_configurations_are_in_the_wheel(content: set[str]) -> None:
    configurations = data_files("configs", "*.yaml", "*.yml", "*.json", "*.md", "*.service", "Containerfile*")
    assert configurations
    assert configurations <= content


def test_licence_and_notice_are_in_the_wheel(content: set[str]) -> None:
    assert {Path(name).name for name in content if ".dist-info/licenses/" in name} == {"LICENSE", "NOTICE"}


def test_no_test_is_in_the_wheel(content: set[str]) -> None:
    assert not [name for name in content if name.startswith("tests")]


def test_the_page_of_an_evaluation_is_in_the_wheel(content: set[str]) -> None:
    assert data_files("training", "*.html") == {"training/report.html"} & content


def test_the_page_of_the_service_is_in_the_wheel(content: set[str]) -> None:
    page = data_files("pipeline/service/pages", "*")
    assert page
    assert page <= content
