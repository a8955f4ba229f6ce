"""Streams for tests."""

from pipeline.config.streams import StreamConfig

URL = "rtsp://viewer:hunter22@192.0.2.10:554/live"


def stream(name: str, **said: object) -> StreamConfig:
    """Return a stream that says `said` of itself."""
    return StreamConfig.model_validate({"id": name, "url": URL, **said})
