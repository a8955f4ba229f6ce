"""The script that finds missing system parts, on machines made of stubs."""

import subprocess
from pathlib import Path

import pytest

from tests.stub_machine import StubMachine

SCRIPT = Path(__file__).parents[2] / "scripts" / "system_packages.sh"


class Machine(StubMachine):
    def find(self, *groups: str) -> subprocess.CompletedProcess[str]:
        return self.run(SCRIPT, *groups)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with a user's rights, every library, every part of the tests but a browser."""
    made = Machine(tmp_path)
    for command in ("promtool", "mosquitto", "openssl", "curl", "docker-compose", "systemd-analyze"):
        made.has(command)
    made.has("python3")
    made.has("id", "echo 1000")
    return made


def test_nothing_missing_is_silent(machine: Machine) -> None:
    result = machine.find("runtime")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_user_without_rights_is_told_the_line(machine: Machine) -> None:
    machine.has("python3", "exit 1")
    machine.has_apt("libegl1")

    result = machine.find("runtime")

    assert result.returncode == 1
    assert (
        "sudo apt-get update && sudo apt-get install -y libegl1 libgles2 libgl1 libxcb1 libglib2.0-0" in result.stderr
    )
    assert machine.installed() == []


def test_root_installs_what_is_missing_and_looks_again(machine: Machine) -> None:
    machine.has("id", "echo 0")
    machine.has_apt("chromium", installs=f"touch {machine.bin}/chromium; chmod +x {machine.bin}/chromium")

    assert machine.find("test").returncode == 0
    assert machine.installed() == ["chromium"]


def test_sudo_without_a_password_will_do(machine: Machine) -> None:
    machine.has("sudo", 'shift; exec "$@"')
    machine.has("true")
    machine.has_apt("chromium", installs=f"touch {machine.bin}/chromium; chmod +x {machine.bin}/chromium")

    assert machine.find("test").returncode == 0
    assert machine.installed() == ["chromium"]


def test_the_newer_name_of_a_package_is_taken_where_there_is_one(machine: Machine) -> None:
    machine.has("id", "echo 0")
    machine.has("python3", f'[[ $3 != libgthread* || -e "{machine.bin}/glib" ]]')
    machine.has_apt("libglib2.0-0", "libglib2.0-0t64", installs=f"touch {machine.bin}/glib")

    assert machine.find("runtime").returncode == 0
    assert machine.installed() == ["libglib2.0-0t64"]


def test_an_install_that_changes_nothing_is_a_failure(machine: Machine) -> None:
    machine.has("id", "echo 0")
    machine.has_apt("chromium")

    result = machine.find("test")

    assert result.returncode == 1
    assert "apt-get install -y chromium" in result.stderr


def test_what_apt_says_is_shown_when_it_fails(machine: Machine) -> None:
    machine.has("id", "echo 0")
    machine.has_apt("chromium", installs="echo no space left; exit 100")

    result = machine.find("test")

    assert result.returncode == 1
    assert "no space left" in result.stderr


def test_the_check_of_the_metrics_comes_with_prometheus(machine: Machine) -> None:
    (machine.bin / "promtool").unlink()
    machine.has("chromium")
    machine.has("id", "echo 0")
    machine.has_apt("prometheus", installs=f"touch {machine.bin}/promtool; chmod +x {machine.bin}/promtool")

    assert machine.find("test").returncode == 0
    assert machine.installed() == ["prometheus"]


@pytest.mark.parametrize("groups", [(), ("nonsense",)])
def test_an_unknown_group_is_a_usage_error(groups: tuple[str, ...], machine: Machine) -> None:
    result = machine.find(*groups)
    assert result.returncode == 2
    assert "usage:" in result.stderr
