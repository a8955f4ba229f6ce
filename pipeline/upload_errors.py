"""Why an upload is refused, in sentences for the visitor who sent it."""

from pipeline.errors import ConfigError, SourceError


class UploadError(SourceError):
    """An upload can't be judged; its subclasses say whose fault that is."""


class UploadTypeError(UploadError):
    """It is not of a kind that is taken here: neither picture nor video, or a playlist."""


class UploadTooLargeError(UploadError):
    """It has too many bytes, or claims too many pixels."""


class UploadUnreadableError(UploadError):
    """It is damaged, or reading it took more time or memory than an upload may have."""


class UploadTooLongError(UploadError):
    """A clip lasts too long, or has too many frames."""


class UploadBusyError(UploadError):
    """Nobody can judge it now: the model is being loaded, say, or the service ends. Later it will do."""

    def __init__(self, message: str, retry_after_s: int = 5) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        """When to try again, in whole seconds."""


class UploadCrowdError(UploadBusyError):
    """Too many wait already."""


class UploadsOffError(ConfigError):
    """The configuration takes no uploads."""

    def __init__(self) -> None:
        super().__init__("this service takes no uploads: its configuration says uploads: {enabled: false}")


class UnknownClipError(ConfigError):
    """There is no clip of that id, or no longer."""

    def __init__(self) -> None:
        super().__init__("there is no such clip: it was removed, or its result was kept long enough; send it again")
