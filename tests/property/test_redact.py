"""A password never survives `redact`, wherever people put it."""

import string

from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.redact import redact, redact_text
from pipeline.sources.inputs import expand_inputs

SCHEMES = st.sampled_from(["rtsp", "rtsps", "http", "https", "rtmp", "RTSP"])
SECRET_NAMES = st.sampled_from(
    ["password", "passwd", "loginpas", "pwd", "token", "access_token", "api_key", "Key", "secret", "auth"]
)
# An X marks each password, so that none can be part of the rest of a URL by chance.
PASSWORDS = st.text(string.ascii_letters + string.digits + "!$()*+,-._~@:/?#=;%", min_size=1).map(
    lambda text: f"X{text}X"
)
WORDS = st.lists(st.sampled_from(["camera", "(see", "it's", '{"url":', "url=", "12:30", "[Errno 111]", "\n"])).map(
    " ".join
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


@given(WORDS, SCHEMES, PASSWORDS, st.sampled_from(["", " ", "'", '"', "(", "="]), WORDS)
@example("", "rtsp", "Xtwo wordsX", "", "")
@example("http://server/ and", "rtsp", "X://X", "'", "and http://server/")
def test_no_password_in_a_line_of_text(before: str, scheme: str, password: str, quote: str, after: str) -> None:
    shown = redact_text(f"{before} {quote}{scheme}://admin:{password}@camera:554/1 {after}")
    assert password not in shown
    assert "admin" not in shown
    assert shown.endswith(f"{scheme}://***@camera:554/1 {after}")
    assert shown.startswith(before)


@given(WORDS, PASSWORDS, WORDS)
def test_no_password_in_a_text_without_its_scheme(before: str, password: str, after: str) -> None:
    assert redact_text(f"{before} admin:{password}@camera {after}") == f"{before} ***@camera {after}"


@given(st.lists(st.tuples(SCHEMES, PASSWORDS), min_size=1, max_size=4))
def test_each_url_of_a_text_keeps_its_host(urls: list[tuple[str, str]]) -> None:
    text = " and ".join(f"{scheme}://u:{password}@camera/1?token=Y" for scheme, password in urls)
    assert redact_text(text) == " and ".join(f"{scheme}://***@camera/1?token=***" for scheme, _ in urls)


@given(WORDS)
@example("rtsp://camera:554/ch1?channel=1 gave no picture within 10 s")
@example("alerts go to me@home.example")
@example("2026-11-22T05:00:00.123Z line7-front: live, H.264 640x360")
def test_a_text_without_secrets_stays(text: str) -> None:
    assert redact_text(text) == text


def test_a_long_text_takes_no_longer_than_its_length() -> None:
    for word in ("a", ":", "a:", "a ", "@", "a:/", " a:/"):
        assert redact_text(word * 20_000)
