"""What is allowed in a configuration, and seldom meant."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from pipeline.config.schema import Config
from pipeline.config.streams import StreamConfig


def advice(config: Config) -> Iterator[str]:
    """Yield sentences for the operator, without secrets."""
    for ids in _same_sources(config.streams):
        yield (
            f"the streams {' and '.join(ids)} have the same URL: what it shows is judged and counted more than once, "
            "and some cameras serve one reader alone; keep one of them"
        )
    if config.http.rest_url_hosts and config.http.token is None:
        yield "http.rest_url_hosts lets REST make streams, but that needs http.token, which is not set"
    sharp = [stream.id for stream in config.streams if stream.thumbnails == "sharp" and stream.blur != "off"]
    if sharp:
        yield f"thumbnails: sharp has no effect on {', '.join(sharp)}, of which blur leaves no face to be recognised"


def _same_sources(streams: Sequence[StreamConfig]) -> Iterator[tuple[str, ...]]:
    """Yield the ids of the streams that are read from one place."""
    ids: defaultdict[str, list[str]] = defaultdict(list)
    for stream in streams:
        ids[stream.url.reveal().replace("/dev/video", "camera:")].append(stream.id)
    yield from (tuple(names) for names in ids.values() if len(names) > 1)
