"""What an examiner writes, and what the parent makes of bytes that none of ours wrote."""

import io
import pickle
import struct

import pytest

from pipeline.examiner.messages import ClipMoved, ClipRead, Finding, PictureRead, Prepared, Refusal, Refused, Score
from pipeline.examiner.wire import MAX_MESSAGE_BYTES, finding_bytes, read_finding
from pipeline.types import Box, MaskState
from pipeline.upload import CheckedFace, CheckedPerson
from pipeline.upload_errors import UploadBusyError, UploadError, UploadTooLongError, UploadUnreadableError

FACE = CheckedFace(
    Box(1.5, 2, 30, 40), MaskState.UNKNOWN, 0.5, {MaskState.MASKED: 0.5, MaskState.UNMASKED: 0.5}, 38.0, "a doubt"
)
PERSON = CheckedPerson(3, 0.0, 2.5, MaskState.MASKED, 0.9, 4, 88.0)
FINDINGS: list[Finding] = [
    Prepared(),
    Score(bytes(range(256))),
    PictureRead(640, 480, (FACE,), b"\xff\xd8\xff"),
    ClipMoved(0.5, 12.0, 640, 480),
    ClipRead(12.0, (PERSON,), None, "cut short"),
    Refused(Refusal.TOO_LONG, "too long"),
]


def test_findings_arrive_as_they_were_sent() -> None:
    incoming = io.BytesIO(b"".join(map(finding_bytes, FINDINGS)))
    assert [read_finding(incoming) for _ in FINDINGS] == FINDINGS
    with pytest.raises(EOFError):
        read_finding(incoming)


def framed(text: bytes) -> io.BytesIO:
    return io.BytesIO(struct.pack(">I", len(text)) + text)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b'["Popen",{}]',
        b'["ClipMoved",{"progress":NaN,"duration_s":0,"width":0,"height":0}]',
        b'["ClipMoved",{"progress":"half"}]',
        b'["PictureRead",{"width":1,"height":1,"faces":[{"box":{"x1":3,"y1":0,"x2":2,"y2":1}}]}]',
        b'["Score",{"crops":5}]',
        pickle.dumps(Prepared()),
        b"[" * 100_000,
    ],
)
def test_what_is_none_of_ours_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_finding(framed(text))


def test_a_message_cut_off_is_the_end_and_a_vast_one_is_not_waited_for() -> None:
    with pytest.raises(EOFError):
        read_finding(io.BytesIO(finding_bytes(FINDINGS[2])[:-1]))
    with pytest.raises(ValueError, match="none of ours"):
        read_finding(io.BytesIO(struct.pack(">I", MAX_MESSAGE_BYTES + 1)))


@pytest.mark.parametrize("kind", [UploadTooLongError, UploadUnreadableError, UploadBusyError])
def test_a_refusal_is_the_error_that_it_was_made_of(kind: type[UploadError]) -> None:
    error = Refused.of(kind("it can't be")).error
    assert type(error) is kind
    assert str(error) == "it can't be"
