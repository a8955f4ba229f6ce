"""Moving and still pictures of a stream."""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import ExitStack
from typing import Any

import pytest
from starlette.types import Message

from pipeline.jpeg import Jpeg
from pipeline.service.pictures import MovingPicture
from pipeline.service.server import MAX_THREADS
from pipeline.service.watches import Watch, Watches
from tests.service import PATH, PATIENCE_S, ScriptedControl, served, stream_status

WATCHERS = 20
HEAD = b"--maskstream-picture\r\nContent-Type: image/jpeg\r\n\r\n"
PREVIEW = f"{PATH}/door/preview"
SNAPSHOT = f"{PATH}/door/snapshot"


@pytest.fixture
def control() -> ScriptedControl:
    return ScriptedControl({"door": stream_status("door")})


def picture(number: int) -> Jpeg:
    return Jpeg(b"picture %d" % number, number, None)


def part(number: int) -> bytes:
    """Return a picture as it is sent, with the head of the next."""
    return picture(number).data + b"\r\n" + HEAD


def test_pictures_come_as_parts_until_the_stream_ends(control: ScriptedControl) -> None:
    with served(control) as client, client.asking(PREVIEW) as answer:
        show = control.next_watcher()
        assert answer.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=maskstream-picture"
        assert answer.read(len(HEAD)) == HEAD
        for number in (1, 2):
            show(picture(number))
            assert answer.read(len(part(number))) == part(number)
        show(None)
        assert answer.read() == b""
        assert control.next_who_left() is show


def test_who_leaves_while_no_picture_comes_is_noticed(control: ScriptedControl) -> None:
    with served(control) as client:
        with client.asking(PREVIEW):
            show = control.next_watcher()
        assert control.next_who_left() is show


def test_watchers_take_no_threads(control: ScriptedControl) -> None:
    before = threading.active_count()
    with served(control) as client, ExitStack() as stack:
        answers = [stack.enter_context(client.asking(PREVIEW)) for _ in range(WATCHERS)]
        for _ in answers:
            control.next_watcher()(picture(1))
        begun = HEAD + part(1)
        assert [answer.read(len(begun)) for answer in answers] == [begun] * WATCHERS
        assert threading.active_count() <= before + 1 + MAX_THREADS


def test_there_is_no_picture_of_nothing(control: ScriptedControl) -> None:
    control.known["blind"] = stream_status("blind", has_preview=False)
    with served(control) as client:
        for name in ("preview", "snapshot"):
            unknown, blind = client.get(f"{PATH}/nobody/{name}"), client.get(f"{PATH}/blind/{name}")
            assert (unknown.status, blind.status) == (404, 404)
            assert "there is no stream 'nobody'" in unknown.detail
            assert "has no preview" in blind.detail


def show_to_the_next(control: ScriptedControl, shown: Jpeg | None) -> threading.Thread:
    """Give the next watcher a picture as streams do, on another thread."""
    thread = threading.Thread(target=lambda: control.next_watcher()(shown))
    thread.start()
    return thread


def test_a_snapshot_is_the_next_picture(control: ScriptedControl) -> None:
    with served(control) as client:
        thread = show_to_the_next(control, picture(7))
        answer = client.get(SNAPSHOT)
        thread.join()
        assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, "image/jpeg", b"picture 7")
        control.next_who_left()


def test_a_snapshot_of_a_stream_that_ends_says_so(control: ScriptedControl) -> None:
    with served(control) as client:
        thread = show_to_the_next(control, None)
        answer = client.get(SNAPSHOT)
        thread.join()
    assert answer.status == 503
    assert answer.detail == "the stream has ended"


def test_a_snapshot_that_does_not_come_says_why(control: ScriptedControl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.service.pictures.SNAPSHOT_TIMEOUT_S", 0.01)
    with served(control) as client:
        answer = client.get(SNAPSHOT)
        control.next_who_left()
    assert answer.status == 503
    assert answer.detail == "no picture came within 0.01 s: the stream is live: pictures come"


class SlowConnection:
    """What an ASGI server is to an application: takes as many messages as it has room for."""

    def __init__(self, room: int) -> None:
        self.room = asyncio.Semaphore(room)
        self.is_full = asyncio.Event()
        self.sent: asyncio.Queue[Message] = asyncio.Queue()

    async def receive(self) -> Message:
        await asyncio.Event().wait()
        raise AssertionError("nothing comes")

    async def send(self, message: Message) -> None:
        if self.room.locked():
            self.is_full.set()
        await self.room.acquire()
        await self.sent.put(message)

    def make_room(self) -> None:
        for _ in range(100):
            self.room.release()

    async def next_part(self) -> bytes:
        """Return the next piece of the body that is not empty."""
        while not (body := (await self.sent.get()).get("body", b"")):
            pass
        return bytes(body)


def run(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scene, PATIENCE_S))


def test_a_slow_watcher_gets_the_newest_picture(control: ScriptedControl) -> None:
    async def scene() -> None:
        room_for_one_part = 3
        connection = SlowConnection(room_for_one_part)
        answer = MovingPicture(Watches(control), "door")
        task = asyncio.create_task(answer({"type": "http"}, connection.receive, connection.send))
        show = await asyncio.to_thread(control.next_watcher)
        show(picture(1))
        await connection.is_full.wait()
        for number in (2, 3, 4):
            show(picture(number))
        connection.make_room()
        assert [await connection.next_part() for _ in range(3)] == [HEAD, part(1), part(4)]
        show(None)
        await task

    run(scene())


def test_a_watch_keeps_the_newest_picture_alone() -> None:
    async def scene() -> None:
        watch = Watch()
        for number in (1, 2, 3):
            watch.show(picture(number))
        first = await watch.next()
        watch.show(picture(4))
        watch.show(None)
        assert (first, await watch.next(), await watch.next()) == (picture(3), None, None)

    run(scene())


def test_a_picture_after_the_end_of_the_service_is_no_fault() -> None:
    async def scene() -> Watch:
        return Watch()

    asyncio.run(scene()).show(picture(1))


def test_who_comes_after_the_end_is_sent_away(control: ScriptedControl) -> None:
    async def scene() -> None:
        watches = Watches(control)
        watches.end()
        async with watches.of("door") as watch:
            assert await watch.next() is None

    run(scene())
