"""Looks for secrets in what a program says, in each form that a secret takes on its way there."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

GROUP_BITS = 6
"""What a letter of base64 stands for."""


def forms(secret: str) -> frozenset[bytes]:
    """Return `secret` as it is, percent-encoded, in JSON, and as base64 has it anywhere in a longer text."""
    texts = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), json.dumps(secret)[1:-1]}
    texts |= {text.lower() for text in texts if "%" in text}
    texts |= {text.translate(str.maketrans("+/", "-_")) for text in set(_in_base64(secret))} | set(_in_base64(secret))
    return frozenset(text.encode() for text in texts)


def leaks(secrets: Mapping[str, str], said: Mapping[str, bytes]) -> list[str]:
    """Return `NAME in PLACE` for each of the secrets by name that a form of is in one of the places by name."""
    return [
        f"{name} in {place}"
        for name, secret in secrets.items()
        for place, text in said.items()
        if any(form in text for form in forms(secret))
    ]


def files_below(folder: Path) -> dict[str, bytes]:
    """Return the places of all files below `folder`: the name of each, and its content."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {f"file {path.relative_to(folder)}": bytes(path) + b"\n" + path.read_bytes() for path in paths}


def titles(pid: int) -> dict[str, bytes]:
    """Return what everybody may read of a process: its command line, and the names of its threads."""
    process = Path(f"/proc/{pid}")
    threads = b"\n".join(path.read_bytes() for path in process.glob("task/*/comm"))
    return {f"title of {pid}": (process / "cmdline").read_bytes(), f"threads of {pid}": threads}


def _in_base64(secret: str) -> Iterator[str]:
    """Yield the letters that `secret` alone decides, for each place within a group of three bytes."""
    for before in range(3):
        data = bytes(before) + secret.encode()
        first, end = -(-8 * before // GROUP_BITS), 8 * len(data) // GROUP_BITS
        yield b64encode(data).decode()[first:end]
