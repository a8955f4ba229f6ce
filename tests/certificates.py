"""Certificates that nobody but their owner trusts."""

import subprocess
from pathlib import Path

from tests.machine import require_system


def self_signed(folder: Path, address: str = "127.0.0.1") -> tuple[Path, Path]:
    """Write a certificate for that IP address and its key to `folder`; return their paths."""
    certificate, key = folder / f"certificate-{address}.pem", folder / f"key-{address}.pem"
    request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={address}"]
    extensions = ["-addext", f"subjectAltName=IP:{address}"]
    files = ["-out", str(certificate), "-keyout", str(key)]
    subprocess.run([require_system("openssl"), *request, *extensions, *files], check=True, capture_output=True)
    return certificate, key
