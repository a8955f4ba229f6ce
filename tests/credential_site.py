"""Cameras that ask for passwords, a receiver and a broker, and the configuration that knows all their secrets."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.rtsp.auth import Credentials, Scheme
from benchmarks.rtsp.camera import Camera
from benchmarks.rtsp.clip import ClipFormat
from benchmarks.rtsp.server import RtspServer
from tests.http_files import serving
from tests.http_receiver import HttpReceiver
from tests.media import Clip, write_clip
from tests.mosquitto import broker, free_port
from tests.running_service import TOKEN

SMALL = ClipFormat(frame_count=100)
PLANTED = "planted-marker"
"""The id of a stream, which is no secret: what is searched has to show it."""

SECRETS = {
    "user": "op3rator-of-the-file",
    "password of the file": "pw-0f-the-file",
    "password of the environment": "pw/0f the:env?&r%nment@h\u00e4",
    "password of a file of its own": "pw+0f=0ther#file",
    "password that is wrong": "wr0ng-password",
    "password of REST": "pw-0f-rest",
    "password of a refused body": "pw-0f-a-body",
    "password of a broken file": "pw-0f-a-broken-file",
    "password of a camera that is not there": "pw-0f-nobody",
    "parameter of a URL": "k3y-in-the-query",
    "path of the webhook": "s3cret-path",
    "parameter of the webhook": "s3cret-token",
    "key of the webhook": "hm4c-key-of-the-hook",
    "password of the broker": "pw-0f-the-broker",
    "token": TOKEN,
}


def login(name: str, scheme: Scheme = Scheme.BASIC) -> Credentials:
    return Credentials(SECRETS["user"], SECRETS[name], scheme)


@dataclass(frozen=True, slots=True)
class Site:
    """What the service under test is to find: cameras that ask for passwords, a receiver, a broker."""

    by_name: Mapping[str, RtspServer]
    files: str
    office: HttpReceiver
    broker_port: int

    def url(self, name: str, path: str = "cam", password: str = "") -> str:
        """Return the address of a camera of the server `name`, with what stands as its password in a configuration."""
        return f"rtsp://{SECRETS['user']}:{password or SECRETS[name]}@127.0.0.1:{self.by_name[name].port}/{path}"

    def streams(self) -> list[dict[str, Any]]:
        nobodys = SECRETS["password of a camera that is not there"]
        return [
            {"id": "basic", "url": self.url("password of the file")},
            {"id": "digest", "url": self.url("password of the environment", password="${CAMERA_PASSWORD}")},
            {"id": "by-file", "url": self.url("password of a file of its own", password="${OTHER_PASSWORD}")},
            {"id": "wrong", "url": self.url("password of the file", password=SECRETS["password that is wrong"])},
            {"id": "no-path", "url": self.url("password of the file", "not-there")},
            {"id": "query", "url": f"http://{self.files}/cam.ts?token={SECRETS['parameter of a URL']}"},
            {"id": "no-file", "url": f"http://{self.files}/none.ts?token={SECRETS['parameter of a URL']}"},
            {"id": "nowhere", "url": f"http://127.0.0.1:{free_port()}/cam.ts?user=me&pass={nobodys}"},
        ]

    def config(self, log_format: str, model: Path) -> dict[str, Any]:
        hook = {"name": "office", "kind": "webhook", "url": self.office.url, "secret": SECRETS["key of the webhook"]}
        bus = {"kind": "mqtt", "host": "127.0.0.1", "username": "me", "password": SECRETS["password of the broker"]}
        buses = [{"name": "bus", "port": self.broker_port, **bus}, {"name": "void", "port": free_port(), **bus}]
        return {
            "streams": self.streams(),
            "defaults": {"recording": {"enabled": True, "segment_length_s": 1}},
            "model": str(model),
            "log": {"format": log_format, "level": "debug"},
            "http": {"rest_url_hosts": ["127.0.0.1"]},
            "alerts": {"rules": [{"name": "down", "when": "camera_down", "for_s": 1}], "channels": [hook, *buses]},
        }


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    write_clip(folder / "cam.ts", Clip(width=128, height=96, options={"tune": "zerolatency"}))
    schemes = {
        "password of the file": Scheme.BASIC,
        "password of the environment": Scheme.DIGEST,
        "password of a file of its own": Scheme.BASIC,
        "password of REST": Scheme.DIGEST,
    }
    with ExitStack() as opened:
        servers = {
            name: opened.enter_context(RtspServer({"cam": Camera(SMALL)}, login(name, scheme)))
            for name, scheme in schemes.items()
        }
        port = free_port()
        opened.enter_context(broker(folder, port))
        yield Site(servers, opened.enter_context(serving(folder)), opened.enter_context(HttpReceiver()), port)
