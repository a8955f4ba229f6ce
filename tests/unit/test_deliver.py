"""The delivery of alerts through every fault of a receiver, stepped: no attempt comes before the test allows it."""

import json
import logging
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from pipeline.alerts.alert import Alert
from pipeline.alerts.receiver import Receiver, ReceiverError
from pipeline.retry_waits import RetryWaits
from pipeline.sinks.webhook import Webhook
from pipeline.stages.deliver import Delivery, DeliverySettings, Outcome
from tests.alerts import notice
from tests.http_receiver import CUT, HANG, HttpReceiver

PATIENCE_S = 30.0
LOGGER = "pipeline.stages.deliver"


class Steps:
    """Holds each pause of a delivery until the test lets it go."""

    def __init__(self) -> None:
        self._begun: queue.SimpleQueue[float] = queue.SimpleQueue()
        self._permits = threading.Semaphore(0)

    def pause(self, wait_s: float) -> None:
        self._begun.put(wait_s)
        assert self._permits.acquire(timeout=PATIENCE_S)

    def next_pause(self) -> float:
        """Return how long the delivery means to wait, once it does."""
        return self._begun.get(timeout=PATIENCE_S)

    def go(self) -> None:
        self._permits.release()


class FakeReceiver:
    """Answers each attempt with what the test puts in; tells the test of each."""

    name = "fake"

    def __init__(self) -> None:
        self.attempts: queue.SimpleQueue[tuple[Alert, float]] = queue.SimpleQueue()
        self.answers: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()

    def deliver(self, alert: Alert, timeout_s: float) -> None:
        self.attempts.put((alert, timeout_s))
        answer = self.answers.get(timeout=PATIENCE_S)
        if answer is not None:
            raise answer

    def next_attempt(self) -> Alert:
        return self.attempts.get(timeout=PATIENCE_S)[0]


@dataclass
class Outcomes:
    """Hears what became of each notice."""

    heard: "queue.SimpleQueue[tuple[Alert, Outcome]]" = field(default_factory=queue.SimpleQueue)

    def take(self, alert: Alert, outcome: Outcome) -> None:
        self.heard.put((alert, outcome))

    def next(self) -> tuple[Alert, Outcome]:
        return self.heard.get(timeout=PATIENCE_S)


@contextmanager
def delivering(
    receiver: Receiver, outcomes: Outcomes, pause: Callable[[float], object] | None = None, **settings: Any
) -> Iterator[Delivery]:
    delivery = Delivery(receiver, DeliverySettings(**settings), outcomes.take, pause)
    delivery.start()
    try:
        yield delivery
    finally:
        delivery.close()


def waits(first_s: float = 1.0, longest_s: float = 60.0) -> RetryWaits:
    return RetryWaits(first_s, longest_s, random=lambda: 0.0)


class OnceImpatient(Webhook):
    """Has a second's patience with the second attempt alone: a busy machine must not time out the others."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "s3cret")
        self._attempts = 0

    def deliver(self, alert: Alert, timeout_s: float) -> None:
        self._attempts += 1
        super().deliver(alert, 1.0 if self._attempts == 2 else timeout_s)


def test_a_notice_survives_every_fault_of_its_receiver(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    steps, outcomes, keys = Steps(), Outcomes(), []
    with (
        HttpReceiver() as receiver,
        delivering(OnceImpatient(receiver.url), outcomes, steps.pause, waits=waits(), timeout_s=PATIENCE_S) as delivery,
    ):
        receiver.answer(500, HANG, CUT)
        delivery.submit(notice(1))
        for wait_s in (1.0, 2.0, 4.0):
            keys.append(receiver.next_request().headers["Idempotency-Key"])
            assert steps.next_pause() == wait_s
            if wait_s < 4.0:
                steps.go()
        receiver.close()
        steps.go()
        assert steps.next_pause() == 8.0
        receiver.reopen()
        delivery.submit(notice(2))
        steps.go()
        assert [outcomes.next() for _ in range(2)] == [(notice(n), Outcome.DELIVERED) for n in (1, 2)]
        keys += [receiver.next_request().headers["Idempotency-Key"] for _ in range(2)]
    assert keys == [notice(1).idempotency_key] * 4 + [notice(2).idempotency_key]
    name = f"webhook http://127.0.0.1:{receiver.port}"
    assert [record.message for record in caplog.records] == [
        f"alerts to {name} are held up: it answered with status 500",
        f"alerts to {name} go out again",
    ]


def test_notices_arrive_in_order() -> None:
    outcomes = Outcomes()
    with HttpReceiver() as receiver, delivering(Webhook(receiver.url), outcomes, timeout_s=PATIENCE_S) as delivery:
        for number in range(10):
            delivery.submit(notice(number))
        bodies = [json.loads(receiver.next_request().body) for _ in range(10)]
        assert [outcomes.next()[1] for _ in range(10)] == [Outcome.DELIVERED] * 10
    assert [body["key"] for body in bodies] == [notice(number).idempotency_key for number in range(10)]


def test_the_oldest_notice_makes_room_and_is_counted() -> None:
    receiver, outcomes = FakeReceiver(), Outcomes()
    with delivering(receiver, outcomes, capacity=2) as delivery:
        delivery.submit(notice(0))
        assert receiver.next_attempt() == notice(0)
        for number in (1, 2, 3, 4):
            delivery.submit(notice(number))
        assert len(delivery) == 2
        for _ in range(3):
            receiver.answers.put(None)
        heard = [outcomes.next() for _ in range(5)]
    assert [alert for alert, outcome in heard if outcome is Outcome.DROPPED] == [notice(1), notice(2)]
    assert [alert for alert, outcome in heard if outcome is Outcome.DELIVERED] == [notice(0), notice(3), notice(4)]
    assert delivery.outcomes == {Outcome.DELIVERED: 3, Outcome.DROPPED: 2}


def test_a_notice_that_is_refused_for_good_holds_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    receiver, outcomes = FakeReceiver(), Outcomes()
    receiver.answers.put(ReceiverError("it answered with status 422", is_final=True))
    receiver.answers.put(None)
    with delivering(receiver, outcomes) as delivery:
        delivery.submit(notice(1))
        delivery.submit(notice(2))
        assert [outcomes.next()[1] for _ in range(2)] == [Outcome.REFUSED, Outcome.DELIVERED]
    assert f"fake refused the alert {notice(1).idempotency_key}: it answered with status 422" in caplog.text


def test_a_notice_is_given_up_after_its_attempts(caplog: pytest.LogCaptureFixture) -> None:
    receiver, outcomes = FakeReceiver(), Outcomes()
    slept: list[float] = []
    for _ in range(3):
        receiver.answers.put(ReceiverError("it takes no connection"))
    receiver.answers.put(None)
    with delivering(receiver, outcomes, slept.append, attempts=3, waits=waits(1, 1.5)) as delivery:
        delivery.submit(notice(1))
        delivery.submit(notice(2))
        assert [outcomes.next()[1] for _ in range(2)] == [Outcome.GIVEN_UP, Outcome.DELIVERED]
    assert slept == [1.0, 1.5]
    assert "the alert door-1: no pictures for 60 s did not reach fake: given_up" in caplog.text


def test_a_fault_of_our_own_loses_one_notice_and_not_the_thread(caplog: pytest.LogCaptureFixture) -> None:
    receiver, outcomes = FakeReceiver(), Outcomes()
    receiver.answers.put(KeyError("s3cret"))
    receiver.answers.put(None)
    with delivering(receiver, outcomes) as delivery:
        delivery.submit(notice(1))
        delivery.submit(notice(2))
        assert [outcomes.next()[1] for _ in range(2)] == [Outcome.FAILED, Outcome.DELIVERED]
    assert "fake failed: KeyError at test_deliver.py:" in caplog.text
    assert "s3cret" not in caplog.text
    caplog.clear()


def test_closing_delivers_what_waits() -> None:
    outcomes = Outcomes()
    with HttpReceiver() as receiver, delivering(Webhook(receiver.url), outcomes, timeout_s=PATIENCE_S) as delivery:
        for number in range(5):
            delivery.submit(notice(number))
        assert delivery.close(PATIENCE_S)
        assert delivery.close(PATIENCE_S)
    assert delivery.outcomes == {Outcome.DELIVERED: 5}


def test_closing_ends_a_pause_and_tries_once_more() -> None:
    receiver, outcomes = FakeReceiver(), Outcomes()
    for _ in range(2):
        receiver.answers.put(ReceiverError("it takes no connection"))
    receiver.answers.put(None)
    with delivering(receiver, outcomes, waits=waits(1000, 1000)) as delivery:
        delivery.submit(notice(1))
        delivery.submit(notice(2))
        assert receiver.next_attempt() == notice(1)
        assert delivery.close(PATIENCE_S)
    assert [outcomes.next() for _ in range(2)] == [(notice(1), Outcome.LOST), (notice(2), Outcome.DELIVERED)]


def test_several_are_wound_up_at_the_same_time() -> None:
    receivers, outcomes = [FakeReceiver(), FakeReceiver()], Outcomes()
    never = waits(1000, 1000)
    with delivering(receivers[0], outcomes, waits=never) as one, delivering(receivers[1], outcomes, waits=never) as two:
        for receiver, delivery in zip(receivers, (one, two), strict=True):
            receiver.answers.put(ReceiverError("it takes no connection"))
            delivery.submit(notice())
            receiver.next_attempt()
            delivery.wind_up(PATIENCE_S)
        for receiver in receivers:
            receiver.next_attempt()
            receiver.answers.put(None)
        assert one.close(PATIENCE_S)
        assert two.close(PATIENCE_S)
    assert [outcomes.next()[1] for _ in receivers] == [Outcome.DELIVERED] * 2


def test_closing_does_not_wait_for_a_receiver_that_hangs() -> None:
    outcomes = Outcomes()
    with HttpReceiver() as receiver, delivering(Webhook(receiver.url), outcomes, timeout_s=PATIENCE_S) as delivery:
        receiver.answer(HANG)
        delivery.submit(notice(1))
        receiver.next_request()
        delivery.submit(notice(2))
        assert not delivery.close(grace_s=0.0)
        assert outcomes.next() == (notice(2), Outcome.LOST)
        receiver.release.set()
        assert outcomes.next()[0] == notice(1)


def test_what_comes_after_closing_is_lost_and_counted() -> None:
    delivery = Delivery(FakeReceiver())
    delivery.close()
    delivery.submit(notice())
    assert delivery.outcomes == {Outcome.LOST: 1}


def test_an_attempt_while_closing_lasts_no_longer_than_the_grace() -> None:
    receiver, outcomes = FakeReceiver(), Outcomes()
    with delivering(receiver, outcomes, timeout_s=1000.0) as delivery:
        delivery.submit(notice())
        assert receiver.attempts.get(timeout=PATIENCE_S) == (notice(), 1000.0)
        closer = threading.Thread(target=delivery.close, args=(PATIENCE_S,))
        closer.start()
        assert delivery._closing.wait(PATIENCE_S)
        receiver.answers.put(ReceiverError("it takes no connection"))
        assert 0 < receiver.attempts.get(timeout=PATIENCE_S)[1] <= PATIENCE_S
        receiver.answers.put(None)
        closer.join()
    assert delivery.outcomes == {Outcome.DELIVERED: 1}
