"""The promises that the project makes about its own files."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
CODE = ("pipeline", "exporters", "training", "benchmarks")
MAX_FUNCTION_LINES = 40
MAX_PARAMETERS = 5
MAX_BINARIES_BYTES = 60_000_000
BINARIES = (".onnx", ".tflite", ".keras", ".h5", ".npz", ".bin")
FOREIGN = re.compile(r"p[y]pi\.|pythonh[o]sted|index-[u]rl|(?<![.\w])/(?:w[o]rk|r[o]ot|h[o]me)/")
"""A registry's host, or a path of one machine; the brackets keep the pattern from finding itself."""
PIN = re.compile(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+")

Function = ast.FunctionDef | ast.AsyncFunctionDef
MODULES = sorted(path for package in CODE for path in (REPOSITORY / package).rglob("*.py"))
MODULES_OF_PIPELINE = [path for path in MODULES if path.is_relative_to(REPOSITORY / "pipeline")]


def name_of(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield node


def line_count(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def parameters(function: Function) -> list[str]:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [argument.arg for argument in named if argument.arg not in ("self", "cls")]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_functions_are_short(path: Path) -> None:
    long = {f"{f.name}:{f.lineno}": line_count(f) for f in functions(path) if line_count(f) > MAX_FUNCTION_LINES}
    assert not long, f"functions of {name_of(path)} over {MAX_FUNCTION_LINES} lines: {long}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_functions_take_few_parameters(path: Path) -> None:
    wide = {f"{f.name}:{f.lineno}": parameters(f) for f in functions(path) if len(parameters(f)) > MAX_PARAMETERS}
    assert not wide, f"functions of {name_of(path)} with over {MAX_PARAMETERS} parameters: {wide}"


def test_every_module_of_the_pipeline_has_its_layer() -> None:
    contracts = pyproject()["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    placed = set(re.findall(r"pipeline\.(\w+)", " ".join(layers)))
    modules = {path.relative_to(REPOSITORY / "pipeline").parts[0].removesuffix(".py") for path in MODULES_OF_PIPELINE}
    assert modules - {"__init__"} <= placed


def test_constraints_are_pins_alone() -> None:
    strange = [line for line in read_lines("constraints.txt") if not line.startswith("#") and not PIN.fullmatch(line)]
    assert not strange


def test_every_dependency_is_pinned() -> None:
    project = pyproject()["project"]
    asked = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    pinned = {normalised(line.partition("==")[0]) for line in read_lines("constraints.txt")}
    assert not {normalised(re.split(r"[<>=!~]", line)[0]) for line in asked} - pinned


def pyproject() -> dict[str, Any]:
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lines(name: str) -> list[str]:
    return (REPOSITORY / name).read_text(encoding="utf-8", errors="replace").splitlines()


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True, text=True
    ).stdout
    texts = [REPOSITORY / name for name in listed.split("\0") if name and not name.endswith(BINARIES)]
    lines = [(path, line) for path in texts if path.is_file() for line in read_lines(name_of(path))]
    assert not [f"{name_of(path)}: {line.strip()}" for path, line in lines if FOREIGN.search(line)]


def test_binaries_stay_small() -> None:
    files = [path for package in (*CODE, "configs") for path in (REPOSITORY / package).rglob("*")]
    sizes = {name_of(path): path.stat().st_size for path in files if path.suffix in BINARIES}
    assert sum(sizes.values()) < MAX_BINARIES_BYTES, sizes
