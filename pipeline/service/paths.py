"""The addresses for which other rules hold."""

HEALTH_PATHS = frozenset({"/healthz", "/readyz"})
"""Watchdogs and orchestrators have no token."""

LOGIN_PATH = "/login"
LOGOUT_PATH = "/logout"
ASSETS_PATH = "/assets/"
"""Styles and scripts, the same for everybody: the page of the sign-in needs them."""

PREDICT_PATH = "/api/v1/predict"
CLIPS_PATH = "/api/v1/clips"
UPLOAD_PATHS = frozenset({PREDICT_PATH, CLIPS_PATH})
"""What is sent there is looked at and forgotten: whoever may look may send."""


def is_open(path: str) -> bool:
    """Tell whether who has not signed in may ask for `path`, wherever they are."""
    return path in HEALTH_PATHS or path == LOGIN_PATH or path.startswith(ASSETS_PATH)


def is_upload(path: str) -> bool:
    """Tell whether `path` is that of uploads, or of one of them."""
    return path in UPLOAD_PATHS or path.startswith(f"{CLIPS_PATH}/")
