"""The image's recipe, as far as it can be proven without building it; its install steps are run by `make`."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.containerfile import instructions, stages

REPOSITORY = Path(__file__).parents[2]
CONTAINERFILE = REPOSITORY / "configs" / "deploy" / "Containerfile"
STAGES = stages(CONTAINERFILE)
FINAL = STAGES[-1]
COPIED = [
    source
    for stage in STAGES
    for copy in stage.all("COPY")
    if "from" not in copy.options
    for source in copy.arguments[:-1]
]
ANSWER_S = 60.0


def test_it_begins_with_images_without_a_registry() -> None:
    names = {stage.name for stage in STAGES}
    images = [stage.image for stage in STAGES if stage.image not in names]
    assert images == ["python:3.13-slim"]


@pytest.mark.parametrize("source", COPIED)
def test_what_it_copies_is_in_the_repository(source: str) -> None:
    tracked = subprocess.run(["git", "ls-files", source], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert tracked.stdout, f"{source} is not in the repository"


def test_stages_take_from_earlier_ones() -> None:
    for number, stage in enumerate(STAGES):
        earlier = {before.name for before in STAGES[:number]}
        assert {copy.options["from"] for copy in stage.all("COPY") if "from" in copy.options} <= earlier


@pytest.mark.parametrize("run", [run.words for stage in STAGES for run in stage.all("RUN")])
def test_what_it_runs_is_shell_and_its_scripts_exist(run: str) -> None:
    assert subprocess.run(["sh", "-n", "-c", run], capture_output=True, check=False).returncode == 0
    for script in re.findall(r"[\w/]+\.sh", run):
        assert (REPOSITORY / "scripts" / Path(script).name).is_file()
        assert any(script.endswith(name) or name == "scripts" for name in COPIED)


def test_it_installs_by_the_script_of_make_and_keeps_no_build_tools() -> None:
    (run,) = (run.words for stage in STAGES if stage.name == "build" for run in stage.all("RUN"))
    assert "scripts/install_runtime.sh /opt/maskstream " in run
    assert run.endswith("pip uninstall --yes --quiet pip")
    assert [copy.arguments for copy in FINAL.all("COPY")] == [["/opt/maskstream", "/opt/maskstream"]]


def test_every_dependency_that_it_installs_is_pinned_where_it_is_copied() -> None:
    assert "constraints.txt" in COPIED


def test_it_runs_as_nobody_of_importance() -> None:
    assert re.fullmatch(r"[1-9]\d{4,}:[1-9]\d{4,}", FINAL.last("USER").words)
    names = [instruction.name for instruction in FINAL.instructions]
    assert "RUN" not in names[names.index("USER") :]


def test_it_starts_the_service() -> None:
    assert FINAL.last("ENTRYPOINT").command == ["maskstream"]
    assert FINAL.last("CMD").command == ["run", "/etc/maskstream/cameras.yaml"]


@pytest.mark.parametrize(("status", "code"), [("200 OK", 0), ("503 Service Unavailable", 1)])
def test_its_health_check_asks_the_service(status: str, code: int) -> None:
    python, *words = FINAL.last("HEALTHCHECK").command
    assert python == "python"
    with socket.create_server(("127.0.0.1", 0)) as service:
        service.settimeout(ANSWER_S)
        environment = os.environ | {"PORT": str(service.getsockname()[1])}
        with subprocess.Popen([sys.executable, *words], env=environment, stderr=subprocess.DEVNULL) as check:
            client, _ = service.accept()
            with client:
                asked = client.recv(4096)
                client.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            assert check.wait(ANSWER_S) == code
    assert asked.startswith(b"GET /healthz ")


def test_the_health_check_finds_a_service_that_is_not_there() -> None:
    _, *words = FINAL.last("HEALTHCHECK").command
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        environment = os.environ | {"PORT": str(deaf.getsockname()[1])}
        ended = subprocess.run([sys.executable, *words], env=environment, capture_output=True, check=False)
    assert ended.returncode == 1


def test_the_ignore_file_lets_through_what_is_copied() -> None:
    lines = CONTAINERFILE.with_name("Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert let_through == {source.partition("/")[0] for source in COPIED}
    assert "configs/deploy/secrets" in lines


def test_a_misspelt_instruction_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Containerfile").write_text("FROM a\nCOPPY b c\n")
    with pytest.raises(ValueError, match="COPPY"):
        instructions(tmp_path / "Containerfile")
