"""The HTTP service over scripted streams, on this machine alone, and a client of it."""

import base64
import http.client
import json
import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry

from pipeline.config.schema import Config
from pipeline.config.streams import StreamConfig
from pipeline.jpeg import Jpeg
from pipeline.service.control import Examination, Health
from pipeline.service.http import create_app
from pipeline.service.server import HttpServer
from pipeline.sources.stream_state import Reason, StreamState
from pipeline.stream_errors import (
    FileOwnedError,
    NoPreviewError,
    NoThumbnailError,
    StreamExistsError,
    UnknownStreamError,
)
from pipeline.stream_events import StreamEvent
from pipeline.stream_history import DepartedPerson, StreamHistory
from pipeline.stream_status import Owner, StreamStatus
from pipeline.upload import CheckedClip, CheckedFace, CheckedPicture, ClipState, JudgingModel, Upload
from pipeline.upload_errors import UnknownClipError

TOKEN = "the-token-of-the-tests"
PATIENCE_S = 30.0
BEARER = {"Authorization": f"Bearer {TOKEN}"}
PATH = "/api/v1/streams"

WELL = Health(alive=True, ready=True)

Show = Callable[[Jpeg | None], None]
Tell = Callable[[StreamEvent], None]


def basic(password: str, user: str = "anybody") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def stream_status(stream: str, owner: Owner = Owner.FILE, **known: Any) -> StreamStatus:
    url = "rtsp://***@10.0.7.1/live"
    since = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    return StreamStatus(
        stream, owner, url, {}, StreamState.LIVE, Reason.PICTURES, "pictures come", since_utc=since, **known
    )


@dataclass
class ScriptedExamination:
    """Answers each picture with `faces`, or with what `answer` says; clips wait until a test sets them in `clips`."""

    faces: Sequence[CheckedFace] = ()
    model: JudgingModel = field(default_factory=lambda: JudgingModel("tiny", "0" * 64))
    answer: "Callable[[Upload], Future[CheckedPicture]] | None" = None
    previews: list[bool] = field(default_factory=list)
    clips: dict[str, CheckedClip] = field(default_factory=dict)

    def picture(self, upload: Upload, *, preview: bool = False) -> "Future[CheckedPicture]":
        self.previews.append(preview)
        with upload:
            if self.answer is not None:
                return self.answer(upload)
            answer: Future[CheckedPicture] = Future()
            answer.set_result(CheckedPicture(upload.name, 640, 480, self.faces, b"JPEG" if preview else None))
            return answer

    def begin_clip(self, upload: Upload) -> CheckedClip:
        with upload:
            clip = CheckedClip(f"clip-{len(self.clips)}", upload.name, ClipState.WAITING)
        self.clips[clip.id] = clip
        return clip

    def clip(self, clip_id: str) -> CheckedClip:
        if clip_id not in self.clips:
            raise UnknownClipError
        return self.clips[clip_id]

    def remove_clip(self, clip_id: str) -> None:
        del self.clips[self.clip(clip_id).id]


@dataclass
class ScriptedControl:
    """Keeps streams in memory; `watchers` gets the callback of each who comes, `left` that of each who goes;

    `subscribers` and `unsubscribed` do so of those who hear of events."""

    known: dict[str, StreamStatus] = field(default_factory=dict)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    examination: Examination = field(default_factory=lambda: ScriptedExamination())
    well: Health = WELL
    fault: Exception | None = None
    given: list[StreamConfig] = field(default_factory=list)
    watchers: "queue.SimpleQueue[Show]" = field(default_factory=queue.SimpleQueue)
    left: "queue.SimpleQueue[Show]" = field(default_factory=queue.SimpleQueue)
    histories: dict[str, StreamHistory] = field(default_factory=dict)
    thumbnails: dict[tuple[str, int], bytes] = field(default_factory=dict)
    departed: list[DepartedPerson] = field(default_factory=list)
    subscribers: "queue.SimpleQueue[Tell]" = field(default_factory=queue.SimpleQueue)
    unsubscribed: "queue.SimpleQueue[Tell]" = field(default_factory=queue.SimpleQueue)

    def health(self) -> Health:
        return self.well

    def streams(self) -> Sequence[StreamStatus]:
        if self.fault is not None:
            raise self.fault
        return list(self.known.values())

    def stream(self, stream: str) -> StreamStatus:
        if stream not in self.known:
            raise UnknownStreamError(stream)
        return self.known[stream]

    def add(self, config: StreamConfig) -> StreamStatus:
        if config.id in self.known:
            raise StreamExistsError(config.id)
        return self._keep(config)

    def replace(self, config: StreamConfig) -> StreamStatus:
        self._changeable(config.id)
        return self._keep(config)

    def remove(self, stream: str) -> None:
        self._changeable(stream)
        del self.known[stream]

    def pause(self, stream: str, *, paused: bool) -> StreamStatus:
        status = self._changeable(stream)
        state = StreamState.PAUSED if paused else StreamState.CONNECTING
        self.known[stream] = replace(status, state=state)
        return self.known[stream]

    def watch(self, stream: str, on_picture: Show) -> Callable[[], None]:
        if not self.stream(stream).has_preview:
            raise NoPreviewError(stream)
        self.watchers.put(on_picture)
        return lambda: self.left.put(on_picture)

    def history(self, stream: str) -> StreamHistory:
        self.stream(stream)
        return self.histories.get(stream, StreamHistory(()))

    def thumbnail(self, stream: str, number: int) -> bytes:
        self.stream(stream)
        if (stream, number) not in self.thumbnails:
            raise NoThumbnailError(stream, number)
        return self.thumbnails[stream, number]

    def people(self, stream: str | None = None, limit: int = 100) -> Sequence[DepartedPerson]:
        if stream is not None:
            self.stream(stream)
        return [person for person in self.departed if stream in (None, person.stream)][:limit]

    def subscribe(self, on_event: Tell) -> Callable[[], None]:
        self.subscribers.put(on_event)
        return lambda: self.unsubscribed.put(on_event)

    def next_watcher(self) -> Show:
        """Return the oldest watcher that was not looked at yet, waiting for one."""
        return self.watchers.get(timeout=PATIENCE_S)

    def next_who_left(self) -> Show:
        return self.left.get(timeout=PATIENCE_S)

    def next_subscriber(self) -> Tell:
        """Return the oldest subscriber that was not looked at yet, waiting for one."""
        return self.subscribers.get(timeout=PATIENCE_S)

    def next_unsubscribed(self) -> Tell:
        return self.unsubscribed.get(timeout=PATIENCE_S)

    def _changeable(self, stream: str) -> StreamStatus:
        status = self.stream(stream)
        if status.owner is Owner.FILE:
            raise FileOwnedError(stream)
        return status

    def _keep(self, config: StreamConfig) -> StreamStatus:
        self.given.append(config)
        self.known[config.id] = replace(stream_status(config.id, Owner.REST), url=str(config.url))
        return self.known[config.id]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def detail(self) -> str:
        """The sentence of a problem."""
        assert self.headers["Content-Type"] == "application/problem+json"
        assert self.json()["status"] == self.status
        return str(self.json()["detail"])


@dataclass(frozen=True, slots=True)
class Client:
    """Asks the service, each time over a connection of its own."""

    port: int

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> Answer:
        with self.connected() as connection:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        return self.ask("GET", path, headers)

    def change(self, method: str, path: str, value: object = None) -> Answer:
        """Ask for a change as one who knows the token."""
        if value is None:
            return self.ask(method, path, BEARER)
        body = json.dumps(value).encode()
        return self.ask(method, path, {**BEARER, "Content-Type": "application/json"}, body)

    @contextmanager
    def connected(self) -> Iterator[http.client.HTTPConnection]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            yield connection
        finally:
            connection.close()

    @contextmanager
    def asking(self, path: str) -> Iterator[http.client.HTTPResponse]:
        """Give the answer while it comes in."""
        with self.connected() as connection:
            connection.request("GET", path)
            response = connection.getresponse()
            try:
                yield response
            finally:
                response.close()


def service_config(http: dict[str, object], **rest: object) -> Config:
    return Config.model_validate({"streams": [], **rest, "http": {"port": 0, "token": TOKEN, **http}})


def make_server(control: ScriptedControl, config: Config) -> HttpServer:
    return HttpServer(create_app(control, config), config.http)


@contextmanager
def served(control: ScriptedControl, config: Config | None = None) -> Iterator[Client]:
    """Serve `control` while the context lasts."""
    server = make_server(control, config or service_config({"rest_url_hosts": ["10.0.7.0/24"]}))
    server.start()
    try:
        yield Client(server.port)
    finally:
        server.stop()
