"""From the configuration of a stream to the parts of its lane."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from pipeline.app import DetectionOptions
from pipeline.config.streams import StreamConfig
from pipeline.jpeg import Jpeg
from pipeline.ports import Sink, Telemetry
from pipeline.sinks.live_renderer import LiveRenderer, Undrawn
from pipeline.sinks.preview import Preview, PreviewSettings
from pipeline.sinks.segment_folder import SegmentFolder
from pipeline.sinks.segments import SegmentSettings, SegmentSink
from pipeline.sources.connection import ConnectionSettings, Transport
from pipeline.sources.inputs import is_live
from pipeline.sources.looped import SCHEME as LOOP_SCHEME
from pipeline.sources.reconnecting import LiveSettings, Reconnecting
from pipeline.sources.stream_state import StateChange
from pipeline.vision.annotate import Annotator
from pipeline.vision.blur import Blur
from pipeline.vision.pick import PickSettings


@dataclass(frozen=True, slots=True)
class StreamParts:
    """What the lane of a stream is made of; a lane that was started closes source and sinks itself.

    `preview` is one of the sinks, None where the stream has none.
    """

    source: Reconnecting
    sinks: tuple[Sink, ...]
    detection: DetectionOptions
    picks: PickSettings
    blur: Blur
    preview: Preview | None

    def close(self) -> None:
        """Close everything, for a lane that could not be started; closing twice is allowed."""
        with ExitStack() as closing:
            closing.callback(self.source.close)
            for sink in self.sinks:
                closing.callback(sink.close)


def open_parts(
    config: StreamConfig,
    on_state: Callable[[StateChange], None],
    on_picture: Callable[[str, Jpeg], None],
    telemetry: Telemetry,
) -> StreamParts:
    """Return the parts of the lane of `config`; they connect to nothing and load no model yet.

    The recording, whose folder is claimed at once, is the last to be made: where anything fails, nothing is held.

    The lane's reading thread calls `on_state(change)`, its publishing thread `on_picture(stream, jpeg)`, and that only
    while `StreamParts.preview.wanted` is true. `telemetry` counts what the recording loses. Raises ConfigError for
    settings that do not go together.
    """
    settings = LiveSettings(ConnectionSettings(Transport(config.transport)))
    source = Reconnecting(location(config), config.id, on_state, settings)
    preview = _preview(config, on_picture)
    sinks: tuple[Sink, ...] = (preview,) if preview else ()
    if config.recording.enabled:
        sinks = (_recording(config, source, telemetry), *sinks)
    picks = PickSettings(**config.classify.model_dump())
    return StreamParts(source, sinks, _detection(config), picks, Blur(config.blur), preview)


def location(config: StreamConfig) -> str:
    """Return what opens the stream, credentials and all; a file is looped as if it were a camera."""
    url = config.url.reveal()
    return url if is_live(url) else f"{LOOP_SCHEME}{url}"


def _detection(config: StreamConfig) -> DetectionOptions:
    return DetectionOptions(
        detector=config.detector,
        model=config.detector_model,
        min_score=config.min_score,
        tiles=config.tiles,
        every_frames=config.every_frames,
    )


def _recording(config: StreamConfig, source: Reconnecting, telemetry: Telemetry) -> SegmentSink:
    folder = SegmentFolder.below(config.recording.folder, config.id)
    settings = SegmentSettings(segment_s=config.recording.segment_length_s)
    on_loss = partial(telemetry.sink_failed, config.id, "recording")
    return SegmentSink(folder, lambda: source.info, _renderer(config), settings, on_loss)


def _preview(config: StreamConfig, on_picture: Callable[[str, Jpeg], None]) -> Preview | None:
    if not config.preview.enabled:
        return None
    settings = PreviewSettings(config.preview.frames_per_s, config.preview.width_px, config.preview.jpeg_quality)
    return Preview(_renderer(config), settings, partial(on_picture, config.id))


def _renderer(config: StreamConfig) -> LiveRenderer:
    """Return a renderer for one sink: each keeps count of the persons by itself."""
    return Annotator() if config.overlay else Undrawn()
