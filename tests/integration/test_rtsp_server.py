"""The test server is a real one: two builds of FFmpeg (PyAV's and OpenCV's) play it, and its faults are felt."""

import socket
from collections.abc import Iterator
from itertools import islice
from time import monotonic

import av
import cv2
import numpy as np
import pytest
from av.container import InputContainer

from benchmarks.rtsp.auth import Credentials, Scheme
from benchmarks.rtsp.camera import Camera
from benchmarks.rtsp.clip import ClipFormat
from benchmarks.rtsp.drawn_clock import read_number
from benchmarks.rtsp.server import RtspServer
from pipeline.types import UInt8Array

SMALL = ClipFormat(frame_count=50)
HEVC = ClipFormat(width=160, height=128, codec="H265")
LARGE = ClipFormat(width=640, height=360, frame_count=10)
"""Whose key frames need fragments."""


def opened(url: str, transport: str = "tcp") -> InputContainer:
    options = {"rtsp_transport": transport, "probesize": "32768", "analyzeduration": "200000"}
    return av.open(url, options=options, timeout=(20, 20))


def lumas(container: InputContainer) -> Iterator[UInt8Array]:
    for picture in container.decode(video=0):
        yield picture.to_ndarray(format="gray").astype("uint8")


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("clip_format", [SMALL, HEVC, LARGE], ids=["h264", "hevc", "fragments"])
def test_pyav_sees_every_picture_once(transport: str, clip_format: ClipFormat) -> None:
    with RtspServer({"cam/1": Camera(clip_format)}) as server, opened(server.url("cam/1"), transport) as container:
        pictures = list(islice(lumas(container), 12))
    assert {picture.shape for picture in pictures} == {(clip_format.height, clip_format.width)}
    numbers = [read_number(picture) for picture in pictures]
    assert numbers == [(numbers[0] + step) % clip_format.frame_count for step in range(12)]


def test_opencv_plays_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_transport;tcp")
    with RtspServer({"a": Camera(SMALL), "b": Camera(HEVC)}) as server:
        for path, shape in (("a", (96, 128, 3)), ("b", (128, 160, 3))):
            capture = cv2.VideoCapture(server.url(path), cv2.CAP_FFMPEG)
            assert capture.read()[1].shape == shape
            capture.release()


@pytest.mark.parametrize("scheme", Scheme)
def test_only_who_knows_the_password_gets_in(scheme: Scheme) -> None:
    with RtspServer({"a": Camera(SMALL)}, Credentials("viewer", "hunter22", scheme)) as server:
        with opened(server.url("a")) as container:
            next(lumas(container))
        for url in (server.url("a", with_credentials=False), server.url("a").replace("hunter22", "hunter23")):
            with pytest.raises(av.error.HTTPUnauthorizedError):
                opened(url)


def test_an_unknown_path_is_not_found() -> None:
    with RtspServer({"a": Camera(SMALL)}) as server, pytest.raises(av.error.HTTPNotFoundError):
        opened(server.url("b"))


def test_the_age_of_a_picture_is_told_by_its_number() -> None:
    camera = Camera(SMALL)
    with RtspServer({"a": camera}) as server, opened(server.url("a")) as container:
        picture = next(lumas(container))
        assert 0 <= camera.age_s(read_number(picture), monotonic()) < 2
        assert camera.age_s(0, camera.started_s + 10.5) == pytest.approx(0.5)


def test_a_killed_server_hangs_up_and_refuses_until_it_is_revived() -> None:
    with RtspServer({"a": Camera(SMALL)}) as server:
        container = opened(server.url("a"))
        server.kill()
        assert len(list(lumas(container))) < 500, "the pictures end, without an error"
        container.close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port))
        server.revive()
        with opened(server.url("a")) as container:
            next(lumas(container))


def test_the_resolution_may_change_while_it_is_watched() -> None:
    camera = Camera(SMALL)
    with RtspServer({"a": camera}) as server, opened(server.url("a")) as container:
        pictures = lumas(container)
        next(pictures)
        camera.show(LARGE)
        assert next(picture for picture in pictures if picture.shape != (96, 128)).shape == (360, 640)
        camera.heal()
        assert next(picture for picture in pictures if picture.shape != (360, 640)).shape == (96, 128)


def test_what_was_held_comes_at_once() -> None:
    camera = Camera(SMALL)
    with RtspServer({"a": camera}) as server, opened(server.url("a")) as container:
        pictures = lumas(container)
        next(pictures)
        camera.hold(pictures=20)
        camera.wait_until_sent(20)
        numbers = [read_number(picture) for picture in islice(pictures, 20)]
    assert numbers == [(numbers[0] + step) % 50 for step in range(20)], "nothing is lost"


def test_a_camera_shows_the_scene_it_is_given() -> None:
    def bright(index: int, width: int, height: int) -> UInt8Array:
        return np.full((height, width, 3), 180 + index, np.uint8)

    with RtspServer({"a": Camera(ClipFormat(scene=bright))}) as server, opened(server.url("a")) as container:
        luma = next(lumas(container))
    assert luma[: luma.shape[0] // 2].min() > 150
