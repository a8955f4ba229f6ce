"""NAL units to RTP packets: single units and fragments of RFC 6184 (H.264) and RFC 7798 (HEVC)."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

CLOCK_HZ = 90_000
PAYLOAD_TYPE = 96
MAX_PAYLOAD_BYTES = 1200

_FU_A = 28
_FU_H265 = 49


def payloads(nals: Sequence[bytes], codec: str, max_bytes: int = MAX_PAYLOAD_BYTES) -> list[bytes]:
    """Return the RTP payloads of the NAL units of one picture, none longer than `max_bytes`."""
    fragments = _fragments_h264 if codec == "H264" else _fragments_h265
    return [piece for nal in nals for piece in ([nal] if len(nal) <= max_bytes else fragments(nal, max_bytes))]


def _fragments_h264(nal: bytes, max_bytes: int) -> Iterator[bytes]:
    """FU-A: an indicator with the unit's importance, a header with its type and the marks of first and last."""
    indicator, kind = nal[0] & 0xE0 | _FU_A, nal[0] & 0x1F
    for mark, part in _marked_parts(nal[1:], max_bytes - 2):
        yield bytes((indicator, mark | kind)) + part


def _fragments_h265(nal: bytes, max_bytes: int) -> Iterator[bytes]:
    """FU: the two bytes of the unit's header with type 49, then a header with the type and the marks."""
    first, kind = nal[0] & 0x81 | _FU_H265 << 1, nal[0] >> 1 & 0x3F
    for mark, part in _marked_parts(nal[2:], max_bytes - 3):
        yield bytes((first, nal[1], mark | kind)) + part


def _marked_parts(data: bytes, size: int) -> Iterator[tuple[int, bytes]]:
    starts = range(0, len(data), size)
    for start in starts:
        mark = (0x80 if start == 0 else 0) | (0x40 if start == starts[-1] else 0)
        yield mark, data[start : start + size]


@dataclass(slots=True)
class Packetizer:
    """Puts RTP headers (RFC 3550) before the payloads of one session."""

    source_id: int
    sequence: int = 0

    def packets(self, unit_payloads: Sequence[bytes], timestamp: int) -> list[bytes]:
        """Return the packets of one picture: the last has the marker set; `timestamp` counts in 1/90000 s."""
        return [
            self._header(timestamp, is_last=index == len(unit_payloads) - 1) + payload
            for index, payload in enumerate(unit_payloads)
        ]

    def _header(self, timestamp: int, *, is_last: bool) -> bytes:
        self.sequence = self.sequence + 1 & 0xFFFF
        marker = 0x80 if is_last else 0
        return struct.pack(">BBHII", 0x80, marker | PAYLOAD_TYPE, self.sequence, timestamp & 0xFFFFFFFF, self.source_id)
