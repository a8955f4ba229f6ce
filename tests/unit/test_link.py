"""The line between parent and worker: whole messages, and an end that both notice."""

import socket
import threading
from collections.abc import Iterable, Iterator

import pytest

from pipeline.runtime.link import Link, LinkLostError

Ends = tuple[Link[object, object], Link[object, object]]


@pytest.fixture
def ends() -> Iterator[Ends]:
    ours, theirs = socket.socketpair()
    links: Ends = Link(ours), Link(theirs)
    yield links
    for link in links:
        link.close()


def test_messages_arrive_whole_and_in_order(ends: Ends) -> None:
    ours, theirs = ends
    large = b"x" * 3_000_000  # more than any buffer of the system
    sender = threading.Thread(target=send_all, args=(ours, (1, large, "end")), name="sender")
    sender.start()
    received = theirs.received()
    assert [next(received) for _ in range(3)] == [1, large, "end"]
    sender.join()


def test_messages_of_many_threads_do_not_mix(ends: Ends) -> None:
    ours, theirs = ends
    sizes = range(100_000, 100_020)
    senders = [threading.Thread(target=ours.send, args=(bytes(size),), name=f"sender-{size}") for size in sizes]
    for sender in senders:
        sender.start()
    received = theirs.received()
    assert {next(received) for _ in senders} == {bytes(size) for size in sizes}
    for sender in senders:
        sender.join()


def test_hanging_up_ends_a_wait_at_both_ends(ends: Ends) -> None:
    ours, theirs = ends
    waits = [threading.Thread(target=list, args=(link.received(),), name="waits") for link in ends]
    for wait in waits:
        wait.start()
    ours.hang_up()
    for wait in waits:
        wait.join()
    with pytest.raises(LinkLostError):
        theirs.send("too late")


def test_a_message_cut_off_by_a_death_is_an_end(ends: Ends) -> None:
    ours, theirs = ends
    ours._socket.sendall(b"\x80\x05")
    ours.hang_up()
    assert list(theirs.received()) == []


def send_all(link: Link[object, object], messages: Iterable[object]) -> None:
    for message in messages:
        link.send(message)
