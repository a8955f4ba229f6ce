"""What everybody on the machine may read of a running process."""

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(REPOSITORY)}
RUN = (sys.executable, "-c", "from pipeline.cli import main; main()")


def command_line(process: subprocess.Popen[str]) -> str:
    return Path(f"/proc/{process.pid}/cmdline").read_text().replace("\0", " ").strip()


def title_while_it_reads(name: str, folder: Path) -> str:
    """Run `maskstream check NAME` and return its command line at the moment when it opens that file."""
    os.mkfifo(folder / name)
    with subprocess.Popen(
        (*RUN, "check", name), cwd=folder, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True
    ) as process:
        with (folder / name).open("w") as fifo:  # waits until the command opens the other end
            title = command_line(process)
            fifo.write("streams: []\n")
        process.communicate()
    return title


def test_credentials_among_the_arguments_are_not_shown(tmp_path: Path) -> None:
    assert title_while_it_reads("viewer:sesame@camera", tmp_path) == "maskstream check ***@camera"


def test_arguments_without_credentials_stay_as_they_are(tmp_path: Path) -> None:
    assert title_while_it_reads("cameras.yaml", tmp_path).endswith("check cameras.yaml")


def test_a_long_title_is_whole(tmp_path: Path) -> None:
    name = "viewer:sesame@" + "c" * 200
    assert title_while_it_reads(name, tmp_path) == f"maskstream check ***@{'c' * 200}"


def test_a_worker_tells_which_it_is() -> None:
    program = "from pipeline.process_title import show_worker; show_worker(1, 2); print('ready', flush=True); input()"
    with subprocess.Popen(
        (sys.executable, "-c", program), env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        title = command_line(process)
        process.communicate("\n")
    assert title == "maskstream: worker 1 of 2"
    assert process.returncode == 0
