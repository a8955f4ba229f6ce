"""Forms as browsers send them."""

from collections.abc import Sequence

BOUNDARY = "a-boundary-of-the-tests"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def part(field: str, name: str, data: bytes) -> bytes:
    """Return a part of a form, a file of that name in `field`."""
    head = f'Content-Disposition: form-data; name="{field}"; filename="{name}"\r\nContent-Type: image/png\r\n\r\n'
    return f"--{BOUNDARY}\r\n{head}".encode() + data + b"\r\n"


def form(files: Sequence[tuple[str, bytes]], field: str = "files") -> bytes:
    """Return the form that holds `files`, each a name and its content."""
    return b"".join(part(field, name, data) for name, data in files) + f"--{BOUNDARY}--\r\n".encode()
