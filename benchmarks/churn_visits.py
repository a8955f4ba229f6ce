"""What happens to streams that come and go: each visit adds one over REST, does something with it, and removes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPResponse
from typing import Any, TypeAlias
from urllib.error import HTTPError

from benchmarks.live_service import STREAMS, Service

WATCHED_BYTES = 20_000
"""A few pictures of a preview."""

Visit: TypeAlias = Callable[["Visitor"], None]


@dataclass(frozen=True, slots=True)
class Visitor:
    """A stream that is there for a while; `urls` are those of `churn_cameras.Cameras`, by name."""

    service: Service
    urls: Mapping[str, str]
    stream: str

    @property
    def path(self) -> str:
        return f"{STREAMS}/{self.stream}"

    def add(self, camera: str = "visited", **settings: Any) -> None:
        """Begin with the stream of a camera."""
        body = {"id": self.stream, "url": self.urls[camera], "labels": {"visit": self.stream}, **settings}
        self.service.ask(STREAMS, "POST", body)

    def wait_for(self, *states: str) -> None:
        self.service.wait_for_state(self.stream, *states)

    def look(self) -> None:
        """Fetch a snapshot; on a machine that is too busy for one within five seconds there is none."""
        try:
            with self.service.open(f"{self.path}/snapshot") as picture:
                picture.read()
        except HTTPError as error:
            with error:
                if error.status != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise

    def remove(self) -> None:
        self.service.ask(self.path, "DELETE")


def visit(service: Service, urls: Mapping[str, str], number: int) -> None:
    """Make the visit of that number: the kinds take turns, and no two visits have the same id."""
    _VISITS[number % len(_VISITS)](Visitor(service, urls, f"visit-{number}"))


def _briefly(visitor: Visitor) -> None:
    visitor.add()
    visitor.remove()


def _until_live(visitor: Visitor) -> None:
    visitor.add()
    visitor.wait_for("live")
    visitor.remove()


def _with_another_detector(visitor: Visitor) -> None:
    visitor.add(detector="short", tiles="2x2", overlay=False)
    visitor.wait_for("live")
    visitor.remove()


def _recorded(visitor: Visitor) -> None:
    visitor.add(recording={"enabled": True, "segment_length_s": 1})
    visitor.wait_for("live")
    for _ in range(3):
        visitor.look()
    visitor.remove()


def _watched(visitor: Visitor) -> None:
    """Watch two previews of it, leave one, and let its end end the other."""
    visitor.add()
    with _preview(visitor) as left, _preview(visitor) as stayed:
        left.read(WATCHED_BYTES)
        left.close()
        stayed.read(WATCHED_BYTES)
        visitor.remove()
        stayed.read()


def _changed(visitor: Visitor) -> None:
    visitor.add()
    visitor.wait_for("live")
    visitor.service.ask(f"{visitor.path}/pause", "POST")
    visitor.wait_for("paused")
    visitor.service.ask(f"{visitor.path}/resume", "POST")
    labels = {"visit": visitor.stream, "line": "7"}
    visitor.service.ask(visitor.path, "PUT", {"url": visitor.urls["visited"], "labels": labels, "detector": "haar"})
    visitor.wait_for("live")
    visitor.remove()


def _of_a_dead_camera(visitor: Visitor) -> None:
    visitor.add("dead")
    visitor.wait_for("backing_off")
    visitor.remove()


def _of_a_missing_path(visitor: Visitor) -> None:
    visitor.add("missing")
    visitor.wait_for("backing_off")
    visitor.remove()


def _without_the_password(visitor: Visitor) -> None:
    visitor.add("guarded")
    visitor.wait_for("refused")
    visitor.remove()


def _of_a_mute_camera(visitor: Visitor) -> None:
    """Remove it while it waits for an answer."""
    visitor.add("mute")
    visitor.wait_for("connecting")
    visitor.remove()


def _preview(visitor: Visitor) -> HTTPResponse:
    return visitor.service.open(f"{visitor.path}/preview")


_VISITS: tuple[Visit, ...] = (
    _briefly,
    _until_live,
    _of_a_dead_camera,
    _recorded,
    _without_the_password,
    _watched,
    _of_a_missing_path,
    _changed,
    _of_a_mute_camera,
    _with_another_detector,
)
