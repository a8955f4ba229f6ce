"""The script that finds missing system parts, on machines made of stubs."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "system_packages.sh"
TOOLS = ("bash", "env", "cat", "rm", "mktemp", "touch", "chmod")


class Machine:
    """A machine whose commands are stubs in one folder; each call of apt-get is kept."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder
        self.calls = folder / "apt-get.calls"
        for tool in TOOLS:
            (folder / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")

    def has(self, command: str, script: str = "exit 0") -> None:
        path = self.bin / command
        path.write_text(f"#{'!'}{self.bin}/bash\n{script}\n")
        path.chmod(0o755)

    def has_apt(self, *packages: str, installs: str = "true") -> None:
        """apt knows the packages; its `install` runs the line `installs`."""
        self.has("apt-cache", f"case $2 in {'|'.join(packages)}) exit 0 ;; esac; exit 1")
        self.has("apt-get", f'echo "$*" >> {self.calls}; [[ $1 != install ]] || {{ {installs}; }}')

    def installed(self) -> list[str]:
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        return [word for line in lines if line.startswith("install") for word in line.split()[1:] if word[0] != "-"]

    def run(self, *groups: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.bin / "bash"), str(SCRIPT), *groups],
            env={"PATH": str(self.bin)},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with a user's rights, every library, every part of the tests but a browser."""
    made = Machine(tmp_path)
    for command in ("promtool", "mosquitto", "openssl"):
        made.has(command)
    made.has("python3")
    made.has("id", "echo 1000")
    return made


def test_nothing_missing_is_silent(machine: Machine) -> None:
    result = machine.run("runtime")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_user_without_rights_is_told_the_line(machine: Machine) -> None:
    machine.has("python3", "exit 1")
    machine.has_apt("libegl1")

    result = machine.run("runtime")

    assert result.returncode == 1
    assert (
        "sudo apt-get update && sudo apt-get install -y libegl1 libgles2 libgl1 libxcb1 libglib2.0-0" in result.stderr
    )
    assert machine.installed() == []


def test_root_installs_what_is_missing_and_looks_again(machine: Machine) -> None:
    machine.has("id", "echo 0")
    machine.has_apt("chromium", installs=f"touch {machine.bin}/chromium; chmod +x {machine.bin}/chromium")

    assert machine.run("test").returncode == 0
    assert machine.installed() == ["chromium"]


def test_sudo_without_a_password_will_do(machine: Machine) -> None:
    machine.has("sudo", 'shift; exec "$@"')
    machine.has("true")
    machine.has_apt("chromium", installs=f"touch {machine.bin}/chromium; chmod +x {machine.bin}/chromium")

    assert machine.run("test").returncode == 0
    assert machine.installed() == ["chromium"]


def test_the_newer_name_of_a_package_is_taken_where_there_is_one(machine: Machine) -> None:
    machine.has("id", "echo 0")
    machine.has("python3", f'[[ $3 != libgthread* || -e "{machine.bin}/glib" ]]')
    machine.has_apt("libglib2.0-0", "libglib2.0-0t64", installs=f"touch {machine.bin}/glib")

    assert machine.run("runtime").returncode == 0
    assert machine.installed() == ["libglib2.0-0t64"]


def test_an_install_that_changes_nothing_is_a_failure(machine: Machine) -> None:
    machine.has("id", "echo 0")
    machine.has_apt("chromium")

    result = machine.run("test")

    assert result.returncode == 1
    assert "apt-get install -y chromium" in result.stderr


def test_what_apt_says_is_shown_when_it_fails(machine: Machine) -> None:
    machine.has("id", "echo 0")
    machine.has_apt("chromium", installs="echo no space left; exit 100")

    result = machine.run("test")

    assert result.returncode == 1
    assert "no space left" in result.stderr


def test_the_check_of_the_metrics_comes_with_prometheus(machine: Machine) -> None:
    (machine.bin / "promtool").unlink()
    machine.has("chromium")
    machine.has("id", "echo 0")
    machine.has_apt("prometheus", installs=f"touch {machine.bin}/promtool; chmod +x {machine.bin}/promtool")

    assert machine.run("test").returncode == 0
    assert machine.installed() == ["prometheus"]


@pytest.mark.parametrize("groups", [(), ("nonsense",)])
def test_an_unknown_group_is_a_usage_error(groups: tuple[str, ...], machine: Machine) -> None:
    result = machine.run(*groups)
    assert result.returncode == 2
    assert "usage:" in result.stderr
