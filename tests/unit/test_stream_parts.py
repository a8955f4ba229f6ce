"""What becomes of a stream's configuration: where pictures come from, where they go, and what is told of it."""

from pathlib import Path

import pytest

from pipeline.app import DetectionOptions
from pipeline.config.streams import StreamConfig
from pipeline.jpeg import Jpeg
from pipeline.sinks.preview import PreviewSettings
from pipeline.sinks.segment_folder import SegmentFolder
from pipeline.sources.stream_state import StateChange, StreamState
from pipeline.vision.blur import Blur
from pipeline.vision.pick import PickSettings
from pipeline.worker.stream_parts import StreamParts, location, open_parts
from tests.config_files import load
from tests.mosquitto import free_port
from tests.reported import Reported
from tests.results import flat_frame, seen, with_utc

RECORDED = "recording: {enabled: true, folder: films, segment_length_s: 60, keep_age_days: 1}"


def stream(folder: Path, *settings: str, url: str = "camera:0", **variables: str) -> StreamConfig:
    text = ", ".join(("id: door", f"url: '{url}'", *settings))
    return load(folder, f"streams: [{{{text}}}]\n", **variables).streams[0]


class Opened:
    """The parts of a stream, and what they told; nothing is watched until a test says so."""

    def __init__(self, config: StreamConfig) -> None:
        self.changes: list[StateChange] = []
        self.pictures: list[tuple[str, Jpeg]] = []
        self.telemetry = Reported()
        self.parts: StreamParts = open_parts(config, self._take, self._keep, self.telemetry)

    def write(self, count: int) -> None:
        for index in range(count):
            for sink in self.parts.sinks:
                sink.write(seen(with_utc(flat_frame(index, (640, 360), luma=200)), {1: "masked"}))

    def _keep(self, name: str, picture: Jpeg) -> None:
        self.pictures.append((name, picture))

    def _take(self, change: StateChange) -> None:
        self.changes.append(change)
        if change.state is StreamState.BACKING_OFF:
            self.parts.source.close()


def test_a_stream_has_a_preview_and_no_recording_unless_told_otherwise(tmp_path: Path) -> None:
    parts = Opened(stream(tmp_path)).parts
    assert parts.sinks == (parts.preview,)
    assert parts.detection == DetectionOptions()
    assert parts.source.info.is_live
    parts.close()


def test_how_often_persons_are_looked_at_is_taken_over(tmp_path: Path) -> None:
    parts = Opened(stream(tmp_path, "classify: {recheck_s: 5, min_votes: 3}")).parts
    assert parts.picks == PickSettings(min_votes=3, recheck_s=5.0)
    parts.close()


def test_what_detects_is_taken_over(tmp_path: Path) -> None:
    settings = "detector: yunet, detector_model: yunet.onnx, min_score: 0.7, tiles: 2x1, every_frames: 3"
    parts = Opened(stream(tmp_path, settings, "preview: {enabled: false}")).parts
    assert parts.detection == DetectionOptions("yunet", tmp_path / "yunet.onnx", 0.7, (2, 1), 3)
    assert (parts.preview, parts.sinks) == (None, ())
    parts.close()


@pytest.mark.parametrize("url", ["camera:0", "/dev/video1", "RTSP://me:s3cret@cam/1", "https://cam/hls.m3u8"])
def test_a_camera_is_opened_by_its_address(tmp_path: Path, url: str) -> None:
    assert location(stream(tmp_path, url=url)) == url


def test_a_file_is_looped_as_if_it_were_a_camera(tmp_path: Path) -> None:
    assert location(stream(tmp_path, url="clips/door.mp4")) == f"loop:{tmp_path / 'clips' / 'door.mp4'}"


def test_no_secret_is_told_wherever_it_stands_in_the_address(tmp_path: Path) -> None:
    url = f"http://me:s3cret-password@127.0.0.1:{free_port()}/${{KEY}}/live"
    opened = Opened(stream(tmp_path, url=url, KEY="s3cret-path"))
    assert list(opened.parts.source.frames()) == []
    told = repr((opened.changes, opened.parts))
    assert [change.detail for change in opened.changes] == [
        "calling the camera",
        "the camera can't be opened: connection refused",
    ]
    assert "s3cret" not in told
    opened.parts.close()


def test_pictures_go_to_the_recording_and_to_whoever_watches(tmp_path: Path) -> None:
    opened = Opened(stream(tmp_path, RECORDED, "preview: {frames_per_s: 30, width_px: 320}"))
    opened.write(3)
    assert opened.pictures == []
    assert opened.parts.preview is not None
    opened.parts.preview.wanted = True
    opened.write(1)
    assert [(name, picture.number) for name, picture in opened.pictures] == [("door", 1)]
    opened.parts.close()
    opened.parts.close()
    assert [path.name for path in (tmp_path / "films" / "door").glob("*.mp4*")] == ["door_20260301T083000.000Z.mp4"]


def test_without_overlay_the_picture_stays_as_it_is(tmp_path: Path) -> None:
    sizes = []
    for overlay in ("true", "false"):
        opened = Opened(stream(tmp_path, f"overlay: {overlay}"))
        assert opened.parts.preview is not None
        opened.parts.preview.wanted = True
        opened.write(1)
        sizes.append(len(opened.pictures[0][1].data))
    assert sizes[1] < sizes[0] / 2, "a picture of one colour is small"


@pytest.mark.parametrize("blur", Blur)
def test_what_is_hidden_is_told_to_the_lane(tmp_path: Path, blur: Blur) -> None:
    parts = Opened(stream(tmp_path, f"blur: {blur.value}")).parts
    assert parts.blur is blur, "off is no false here"
    parts.close()


def test_nothing_is_hidden_unless_that_is_asked_for(tmp_path: Path) -> None:
    parts = Opened(stream(tmp_path)).parts
    assert parts.blur is Blur.OFF
    parts.close()


def test_what_cannot_be_recorded_is_counted_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "films").write_text("a file where the folder should be")
    opened = Opened(stream(tmp_path, RECORDED))
    opened.write(4)
    opened.parts.close()
    assert opened.telemetry.sink_errors == [("door", "recording")] * 4


def test_what_was_opened_lets_go_of_the_folder_once_closed(tmp_path: Path) -> None:
    (tmp_path / "films" / "door").mkdir(parents=True)
    opened = Opened(stream(tmp_path, RECORDED))
    folder = SegmentFolder.below(tmp_path / "films", "door")
    with pytest.raises(BlockingIOError):
        folder.claim()
    opened.parts.close()
    assert folder.claim(), "nobody else has it"
    folder.release()


def test_settings_of_a_preview_are_within_what_it_takes(tmp_path: Path) -> None:
    lowest = stream(tmp_path, "preview: {frames_per_s: 0.1, width_px: 64, jpeg_quality: 10}").preview
    assert PreviewSettings(lowest.frames_per_s, lowest.width_px, lowest.jpeg_quality).max_width_px == 64
