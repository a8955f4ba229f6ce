"""Keeps the libraries that run the models from reporting on their use: ONNX Runtime to Microsoft, MediaPipe to Google.

Both do so unless told otherwise, and nothing is to leave the machine but what its operator asks for.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

PROXY = "https_proxy"
NO_PROXY = "off://"
"""A scheme that is none."""

_proxy_of_the_user = os.environ.get(PROXY)


def forbid_reports() -> None:
    """Call it before either library is imported, and before other threads read the environment."""
    # The whole of ONNX Runtime's opt-out (since 1.29): no upload, and no identifier of the machine in a file.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    # MediaPipe 1.2 has none. It posts through a curl of its own, which asks the environment for a proxy, and gives up
    # before it looks up a name where the proxy's scheme is unknown. FFmpeg and urllib3 don't read this variable.
    os.environ[PROXY] = NO_PROXY


@contextmanager
def downloads_allowed() -> Iterator[None]:
    """Let this process, and those that it starts, fetch over https meanwhile, as the user's environment says."""
    os.environ.pop(PROXY, None)
    if _proxy_of_the_user and _proxy_of_the_user != NO_PROXY:  # a parent that is ours has forbidden reports already
        os.environ[PROXY] = _proxy_of_the_user
    try:
        yield
    finally:
        forbid_reports()
