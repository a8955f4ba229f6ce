"""A machine for scripts: its commands are stubs in one folder."""

import shutil
import subprocess
from pathlib import Path

TOOLS = ("bash", "env", "cat", "rm", "mktemp", "touch", "chmod", "dirname", "realpath")


class StubMachine:
    """Each call of apt-get is kept."""

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

    def run(self, script: Path, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.bin / "bash"), str(script), *words],
            env={"PATH": str(self.bin)},
            capture_output=True,
            text=True,
            check=False,
        )
