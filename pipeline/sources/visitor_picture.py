"""A picture that a stranger sent: looked at from outside before any of it is decoded."""

from pipeline.errors import SourceError
from pipeline.sources.file_kind import Kind, kind_of
from pipeline.sources.picture_size import picture_size
from pipeline.sources.pictures import decoded_picture
from pipeline.types import UInt8Array
from pipeline.upload_errors import UploadTooLargeError, UploadTypeError, UploadUnreadableError

TAKEN = "JPEG, PNG, WebP, GIF, BMP and TIFF pictures are taken"


def visitor_picture(data: bytes, name: str, max_pixels: int) -> UInt8Array:
    """Return the picture of `data` as upright (H, W, 3) uint8 RGB; `name` is what errors call it.

    Of an animation it is the first picture. Raise UploadTypeError, UploadTooLargeError or UploadUnreadableError.
    """
    kind = kind_of(data)
    if kind.kind is Kind.VIDEO:
        raise UploadTypeError(f"{name} is {kind.name}, not a picture; check it as a clip")
    if kind.kind is Kind.OTHER:
        raise UploadTypeError(f"{name} is {kind.name}; {TAKEN}")
    size = picture_size(data)
    if size is None:
        raise UploadUnreadableError(f"{name} begins as {kind.name} without a size; was it copied whole?")
    width, height = size
    if width * height > max_pixels:
        allowed = f"at most {max_pixels / 1_000_000:g} million pixels are taken; reduce it"
        raise UploadTooLargeError(f"{name} claims {width} x {height} pixels; {allowed}")
    try:
        return decoded_picture(data, name)
    except SourceError:
        raise UploadUnreadableError(f"{name} is {kind.name} that can't be decoded; was it copied whole?") from None
