"""`maskstream password`, and what it prints."""

import io
import os
import pty
import subprocess
import sys

import pytest
from pydantic import SecretStr, ValidationError

from pipeline.config.http import HttpConfig
from pipeline.service.password import Password, hash_password
from tests.command import Command

PASSWORD = "correct horse battery staple"
PATIENCE_S = 60


@pytest.fixture
def maskstream(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capfd)


def signs_in(printed: str, password: str) -> bool:
    config = HttpConfig(password_hash=SecretStr(printed.removesuffix("\n")))
    return Password(config).is_right(password)


def test_a_line_of_stdin_becomes_a_hash(maskstream: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\nand more\n"))
    ended = maskstream("password")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert PASSWORD not in ended.out
    assert signs_in(ended.out, PASSWORD)
    assert not signs_in(ended.out, f"{PASSWORD}\n")


@pytest.mark.parametrize("text", ["short", "", "x" * 1025])
def test_a_password_that_is_none_is_refused_and_not_repeated(
    maskstream: Command, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{text}\n"))
    ended = maskstream("password")
    assert (ended.code, ended.out) == (2, "")
    assert f"a password has 12 to 1024 characters, such as four words of a dictionary; got {len(text)}" in ended.err


def test_at_a_terminal_it_is_asked_for_twice_and_not_shown() -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from pipeline.password_command import run_password; run_password()"]
    with subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        shown = read_until(ours, b"Password: ")
        os.write(ours, f"{PASSWORD}\n".encode())
        shown += read_until(ours, b"The same again: ")
        os.write(ours, f"{PASSWORD}\n".encode())
        printed, _ = process.communicate(timeout=PATIENCE_S)
        shown += read_until(ours, b"http.password_hash")
    os.close(ours)
    assert process.returncode == 0
    assert signs_in(printed.decode(), PASSWORD)
    assert PASSWORD.encode() not in shown


def read_until(descriptor: int, end: bytes) -> bytes:
    found = b""
    while end not in found:
        found += os.read(descriptor, 1024)
    return found


def test_a_password_is_right_or_wrong_whatever_its_letters() -> None:
    config = HttpConfig(password_hash=SecretStr(hash_password("Grüße aus Zürich")))
    assert [Password(config).is_right(text) for text in ("Grüße aus Zürich", "Grüße", "", "\udcff")] == [
        True,
        False,
        False,
        False,
    ]


def test_two_hashes_of_one_password_differ() -> None:
    assert hash_password(PASSWORD) != hash_password(PASSWORD)


def test_without_any_secret_nothing_is_right() -> None:
    assert not Password(HttpConfig()).is_right("")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hunter2",
        "$2b$12$" + "x" * 53,
        "$argon2i$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$" + "h" * 43,
        "$argon2id$v=19$m=99999999,t=3,p=4$c29tZXNhbHQ$" + "h" * 43,
    ],
)
def test_what_is_no_hash_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValidationError, match="`maskstream password` printed") as refused:
        HttpConfig.model_validate({"password_hash": text})
    assert not text or text not in str(refused.value)


def test_elsewhere_a_password_will_do_for_a_token() -> None:
    config = HttpConfig.model_validate({"bind_address": "0.0.0.0", "password_hash": hash_password(PASSWORD)})
    assert config.can_sign_in
    with pytest.raises(ValidationError, match="token is needed"):
        HttpConfig.model_validate({"proxies": ["192.0.2.1"]})


@pytest.mark.parametrize("proxy", ["proxy.example", "*", "10.0.0.1/8", ""])
def test_a_proxy_is_an_address_or_a_network(proxy: str) -> None:
    with pytest.raises(ValidationError, match="an address, or a network"):
        HttpConfig.model_validate({"token": "x" * 16, "proxies": [proxy]})
