"""One attempt to post a notice: what is sent, what counts as a receipt, and what an error says."""

import base64
import hashlib
import hmac
import logging
import socket
import ssl
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.alerts.message import encode
from pipeline.alerts.receiver import ReceiverError
from pipeline.errors import ConfigError
from pipeline.sinks.webhook import Webhook
from tests.alerts import notice
from tests.certificates import self_signed
from tests.http_receiver import CUT, HANG, HttpReceiver

LONG_S, SHORT_S = 30.0, 0.2


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with HttpReceiver() as made:
        yield made


def failure(webhook: Webhook, timeout_s: float = LONG_S) -> ReceiverError:
    """Return the error of an attempt, which holds no secret."""
    with pytest.raises(ReceiverError) as caught:
        webhook.deliver(notice(), timeout_s)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))
    return caught.value


def test_a_notice_is_posted_as_its_json(receiver: HttpReceiver) -> None:
    Webhook(receiver.url).deliver(notice(), LONG_S)
    request = receiver.next_request()
    assert request.path == "/hooks/s3cret-path?token=s3cret-token"
    assert request.body == encode(notice())
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Idempotency-Key"] == notice().idempotency_key
    assert "X-Maskstream-Signature-256" not in request.headers
    assert "Authorization" not in request.headers


def test_a_secret_signs_the_body(receiver: HttpReceiver) -> None:
    Webhook(receiver.url, secret="s3cret").deliver(notice(), LONG_S)
    request = receiver.next_request()
    expected = hmac.new(b"s3cret", request.body, hashlib.sha256).hexdigest()
    assert request.headers["X-Maskstream-Signature-256"] == f"sha256={expected}"


def test_no_secret_is_logged_at_any_level(receiver: HttpReceiver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.answer(500)
    webhook = Webhook(receiver.url.replace("//", "//me:s3cret@"), secret="s3cret")
    failure(webhook)
    webhook.deliver(notice(), LONG_S)
    assert "s3cret" not in caplog.text


def test_a_user_in_the_address_is_authenticated(receiver: HttpReceiver) -> None:
    Webhook(receiver.url.replace("//", "//me:s3cret@")).deliver(notice(), LONG_S)
    request = receiver.next_request()
    assert base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")) == b"me:s3cret"
    assert "@" not in request.headers["Host"]


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_success_is_a_receipt(receiver: HttpReceiver, status: int) -> None:
    receiver.answer(status)
    Webhook(receiver.url).deliver(notice(), LONG_S)


@pytest.mark.parametrize("status", [307, 401, 403, 404, 408, 409, 429, 500, 503])
def test_a_refusal_that_can_be_mended_may_be_tried_again(receiver: HttpReceiver, status: int) -> None:
    receiver.answer(status)
    error = failure(Webhook(receiver.url))
    assert (str(error), error.is_final) == (f"it answered with status {status}", False)
    receiver.next_request()
    assert not receiver.has_more()


@pytest.mark.parametrize("status", [400, 410, 413, 415, 422])
def test_a_judgement_of_the_notice_is_final(receiver: HttpReceiver, status: int) -> None:
    receiver.answer(status)
    assert failure(Webhook(receiver.url)).is_final


def test_a_receiver_that_hangs_is_left_in_time(receiver: HttpReceiver) -> None:
    receiver.answer(HANG)
    assert str(failure(Webhook(receiver.url), SHORT_S)) == "no answer within 0.2 s"


def test_a_connection_that_breaks_may_be_tried_again(receiver: HttpReceiver) -> None:
    receiver.answer(CUT)
    assert str(failure(Webhook(receiver.url))) == "the connection broke (ProtocolError)"


def test_a_receiver_that_is_not_there(receiver: HttpReceiver) -> None:
    receiver.close()
    assert str(failure(Webhook(receiver.url))) == "it takes no connection"
    receiver.reopen()
    Webhook(receiver.url).deliver(notice(), LONG_S)


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert str(failure(Webhook("https://hooks.invalid/s3cret"))) == "its name can't be looked up"


def test_a_certificate_that_nobody_trusts_is_refused(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with HttpReceiver(tls) as receiver:
        assert str(failure(Webhook(receiver.url))) == "its TLS was not accepted (self-signed certificate)"
        assert not receiver.has_more()
        Webhook(receiver.url, ca_file=certificate).deliver(notice(), LONG_S)
        assert receiver.next_request().body == encode(notice())


def test_a_certificate_for_another_address_is_refused(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path, "127.0.0.2")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with HttpReceiver(tls) as receiver:
        assert "IP address mismatch" in str(failure(Webhook(receiver.url, ca_file=certificate)))
        assert not receiver.has_more()


def test_the_name_of_a_webhook_is_safe_to_print() -> None:
    webhook = Webhook("https://me:s3cret@hooks.example:8443/s3cret?token=s3cret", secret="s3cret")
    assert webhook.name == "webhook https://hooks.example:8443"
    assert "s3cret" not in repr(webhook)


@pytest.mark.parametrize("url", ["", "hooks.example/s3cret", "ftp://hooks.example/s3cret", "http://", "http://[s3cret"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="looks like https://host/path") as caught:
        Webhook(url)
    assert "s3cret" not in str(caught.value)


def test_certificates_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read the certificates of .*missing\.pem: No such file"):
        Webhook("https://hooks.example", ca_file=tmp_path / "missing.pem")
