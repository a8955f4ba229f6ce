"""Opens a stream over HTTP with FFmpeg, which gets its data from `HttpFiles`."""

import av
from av.container import InputContainer

from pipeline.sources.http_client import HTTP_ERRORS
from pipeline.sources.http_files import HttpFiles
from pipeline.sources.losses import lost
from pipeline.sources.patience import Patience

_OPTIONS = {
    # No format that takes a text for pictures, and no file that FFmpeg opens by itself.
    "format_whitelist": "mpjpeg,mjpeg,mpegts,hls,mov,mp4,matroska,webm,flv,live_flv,h264,hevc,avi,mpeg,mpegvideo,asf",
    "protocol_whitelist": "none",
    # For connections that it holds by itself; of ours it asks the same and aborts the process (FFmpeg 8.1).
    "http_persistent": "0",
    "http_multiple": "0",
}
_HLS_OPTIONS = {
    # Enough for the size of the picture; by default five seconds of it have to be there.
    "analyzeduration": "200000",
    "fpsprobesize": "0",
    # The last segment but one: the next is there before its pictures are used up.
    "live_start_index": "-2",
}


def is_http(location: str) -> bool:
    return location.lower().startswith(("http:", "https:"))


def open_http(location: str, name: str, patience: Patience, read_timeout_s: float) -> tuple[InputContainer, HttpFiles]:
    """Return the container at `location`, which messages call `name`, and what it reads from.

    `patience` bounds each wait for the network, `read_timeout_s` the waits of FFmpeg for a next segment. Raise
    ConnectionLostError where it can't be opened.
    """
    what = f"{name} can't be opened"
    try:
        files = HttpFiles(location, patience)
    except HTTP_ERRORS as error:
        raise lost(error, what) from None
    try:
        with patience.interrupt.serving():
            container = av.open(
                files.url,
                format=files.kind,
                options={**_OPTIONS, **(_HLS_OPTIONS if files.kind == "hls" else {})},
                io_open=files.open,
                timeout=(2 * patience.timeout_s, read_timeout_s),
                metadata_errors="replace",
            )
    except (av.FFmpegError, OSError, ValueError) as error:
        files.close()
        raise lost(files.error or error, what) from None
    return container, files
