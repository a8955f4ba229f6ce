"""A password never survives `redact`, wherever people put it."""

import string

from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.redact import redact
from pipeline.sources.inputs import expand_inputs

SCHEMES = st.sampled_from(["rtsp", "rtsps", "http", "https", "rtmp", "RTSP"])
SECRET_NAMES = st.sampled_from(
    ["password", "passwd", "pwd", "token", "access_token", "api_key", "Key", "secret", "auth"]
)
# An X marks each password, so that none can be part of the rest of a URL by chance.
PASSWORDS = st.text(string.ascii_letters + string.digits + "!$()*+,-._~@:/?#=;%", min_size=1).map(
    lambda text: f"X{text}X"
)
PARAMETER_VALUES = PASSWORDS.filter(lambda password: "@" not in password)


@given(SCHEMES, PASSWORDS, st.sampled_from(["", "/", "/cam/1?channel=2", ":554/ch1#main", "/a?x=1&y=2"]))
@example("rtsp", "Xpass@word/with?all#X", "/stream")
def test_no_password_before_the_host(scheme: str, password: str, rest: str) -> None:
    shown = redact(f"{scheme}://admin:{password}@camera{rest}")
    assert password not in shown
    assert "admin" not in shown
    assert shown.startswith(f"{scheme}://***@camera")


@given(SCHEMES, SECRET_NAMES, PARAMETER_VALUES, st.sampled_from(["?", "?channel=1&", "/user=admin_"]))
def test_no_secret_among_the_parameters(scheme: str, name: str, password: str, before: str) -> None:
    shown = redact(f"{scheme}://camera/live{before}{name}={password}&subtype=0")
    assert password not in shown
    assert shown.startswith(f"{scheme}://camera/live")
    assert shown.endswith(f"{name}=***&subtype=0")


@given(PASSWORDS)
def test_neither_typing_error_nor_output_folder_shows_it(password: str) -> None:
    assert password not in redact(f"rtsp:/admin:{password}@camera/1")
    assert password not in redact(f"admin:{password}@camera/1")
    (live,) = expand_inputs([f"rtsp://admin:{password}@camera/1"]).inputs
    assert password not in live.name + live.stem + repr(live)


@given(st.sampled_from(["camera:0", "/dev/video0", "clips/a.mp4", "me@home.jpg", "rtsp://camera:554/ch1?channel=1"]))
def test_what_holds_no_secret_stays(location: str) -> None:
    assert redact(location) == location
