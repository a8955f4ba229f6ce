"""Why a change of the running streams is refused."""

from pipeline.errors import ConfigError


class UnknownStreamError(ConfigError):
    """There is no stream of that id."""

    def __init__(self, stream: str) -> None:
        super().__init__(f"there is no stream {stream!r}; GET /api/v1/streams lists them")


class StreamExistsError(ConfigError):
    """The id is taken."""

    def __init__(self, stream: str) -> None:
        super().__init__(f"there is a stream {stream!r} already; choose another id, or replace it with PUT")


class FileOwnedError(ConfigError):
    """The stream stands in the configuration file, which alone may change it."""

    def __init__(self, stream: str) -> None:
        super().__init__(
            f"the stream {stream!r} belongs to the configuration file: change it there and send the process SIGHUP"
        )


class NoThumbnailError(ConfigError):
    """There is no picture of that change of a verdict, or none any more."""

    def __init__(self, stream: str, number: int) -> None:
        super().__init__(f"the stream {stream!r} has no thumbnail {number}; only those of the last changes are kept")


class NoPreviewError(ConfigError):
    """The stream is configured without a live picture."""

    def __init__(self, stream: str) -> None:
        super().__init__(f"the stream {stream!r} has no preview: its configuration says preview: {{enabled: false}}")
