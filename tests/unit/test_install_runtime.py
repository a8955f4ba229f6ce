"""The script by which everything installs maskstream, on a machine made of stubs; `make demo` runs it in earnest."""

from pathlib import Path

import pytest

from tests.stub_machine import StubMachine

SCRIPT = Path(__file__).parents[2] / "scripts" / "install_runtime.sh"
OLD_PYTHON = """
[[ $2 != *version_info* ]] || { echo "python 3.11 or newer is needed, got 3.10.2" >&2; exit 1; }
"""
PYTHON_OF_THE_ENVIRONMENT = 'echo "$PWD: $*" >> "${0%/bin/python}/python.calls"'
PYTHON = f"""
[[ $2 == venv ]] || exit 0
mkdir -p "$3/bin"
echo made >> "$3/made"
printf '%s\\n' '#!/bin/bash' '{PYTHON_OF_THE_ENVIRONMENT}' > "$3/bin/python"
chmod +x "$3/bin/python"
cp "$3/bin/python" "$3/bin/pip"
"""


@pytest.fixture
def machine(tmp_path: Path) -> StubMachine:
    """A machine with every library and a python that makes environments of stubs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    made = StubMachine(folder)
    for tool in ("mkdir", "cp"):
        (folder / tool).symlink_to(f"/bin/{tool}")
    made.has("python3", PYTHON)
    return made


def test_the_runtime_for_cpus_is_installed_with_pinned_versions(machine: StubMachine, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    ended = machine.run(SCRIPT, str(venv))
    assert (ended.returncode, ended.stderr) == (0, "")
    folder, _, words = (venv / "python.calls").read_text().strip().partition(": ")
    assert Path(folder) == SCRIPT.parents[1]
    assert words.startswith("-m pip install ")
    assert words.endswith(" -c constraints.txt .[cpu]")


def test_what_else_is_asked_for_goes_to_pip(machine: StubMachine, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    assert machine.run(SCRIPT, str(venv), "-e", ".[cpu,demo]").returncode == 0
    assert (venv / "python.calls").read_text().endswith(" -c constraints.txt -e .[cpu,demo]\n")


def test_an_environment_that_is_there_is_kept(machine: StubMachine, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    for _ in range(2):
        assert machine.run(SCRIPT, str(venv)).returncode == 0
    assert (venv / "made").read_text() == "made\n"


def test_an_old_python_is_refused(machine: StubMachine, tmp_path: Path) -> None:
    machine.has("python3", OLD_PYTHON)
    ended = machine.run(SCRIPT, str(tmp_path / "venv"))
    assert ended.returncode == 1
    assert ended.stderr == "python 3.11 or newer is needed, got 3.10.2\n"


def test_a_missing_library_ends_it(machine: StubMachine, tmp_path: Path) -> None:
    machine.has("python3", "[[ $2 != *CDLL* ]]")
    machine.has("id", "echo 1000")
    ended = machine.run(SCRIPT, str(tmp_path / "venv"))
    assert ended.returncode == 1
    assert "apt-get install -y libegl1" in ended.stderr
    assert not (tmp_path / "venv").exists()


def test_no_environment_named_is_a_usage_error(machine: StubMachine) -> None:
    ended = machine.run(SCRIPT)
    assert ended.returncode == 2
    assert "usage:" in ended.stderr
