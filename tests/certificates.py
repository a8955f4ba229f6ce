"""A certificate for 127.0.0.1 that nobody but its owner trusts."""

import subprocess
from pathlib import Path

from tests.machine import require_system


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Write a certificate and its key to `folder`; return their paths."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    extensions = ["-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-out", str(certificate), "-keyout", str(key)]
    subprocess.run([require_system("openssl"), *request, *extensions, *files], check=True, capture_output=True)
    return certificate, key
