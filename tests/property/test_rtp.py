"""NAL units come back whole from the payloads that the test server makes of them, as RFC 6184 and RFC 7798 say."""

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.rtsp.rtp import Packetizer, payloads

MAX_BYTES = st.integers(4, 40)
NALS_H264 = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 23), st.binary(min_size=1, max_size=200)).map(
        lambda unit: bytes((unit[0] << 5 | unit[1],)) + unit[2]
    ),
    min_size=1,
)
NALS_H265 = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 7), st.binary(min_size=1, max_size=200)).map(
        lambda unit: bytes((unit[0] << 1, unit[1])) + unit[2]
    ),
    min_size=1,
)


@given(NALS_H264, MAX_BYTES)
def test_h264_units_come_back(nals: list[bytes], max_bytes: int) -> None:
    parts = payloads(nals, "H264", max_bytes)
    assert max(map(len, parts)) <= max_bytes
    assert joined_h264(parts) == nals


@given(NALS_H265, MAX_BYTES)
def test_hevc_units_come_back(nals: list[bytes], max_bytes: int) -> None:
    parts = payloads(nals, "H265", max_bytes)
    assert max(map(len, parts)) <= max_bytes
    assert joined_h265(parts) == nals


@given(st.lists(st.binary(min_size=1, max_size=9), min_size=1), st.integers(0, 1 << 40))
def test_packets_are_numbered_and_the_last_is_marked(parts: list[bytes], timestamp: int) -> None:
    packets = Packetizer(source_id=7, sequence=0xFFFE).packets(parts, timestamp)
    assert [packet[12:] for packet in packets] == parts
    assert [packet[1] >> 7 for packet in packets] == [0] * (len(parts) - 1) + [1]
    numbers = [int.from_bytes(packet[2:4], "big") for packet in packets]
    assert numbers == [(0xFFFF + index) & 0xFFFF for index in range(len(parts))]
    assert {packet[4:8] for packet in packets} == {(timestamp & 0xFFFFFFFF).to_bytes(4, "big")}


def joined_h264(parts: list[bytes]) -> list[bytes]:
    """Undo the fragmentation of RFC 6184, 5.8."""
    nals: list[bytes] = []
    for part in parts:
        if part[0] & 0x1F != 28:
            nals.append(part)
        elif part[1] & 0x80:
            nals.append(bytes((part[0] & 0xE0 | part[1] & 0x1F,)) + part[2:])
        else:
            nals[-1] += part[2:]
    return nals


def joined_h265(parts: list[bytes]) -> list[bytes]:
    """Undo the fragmentation of RFC 7798, 4.4.3."""
    nals: list[bytes] = []
    for part in parts:
        if part[0] >> 1 & 0x3F != 49:
            nals.append(part)
        elif part[2] & 0x80:
            nals.append(bytes((part[0] & 0x81 | (part[2] & 0x3F) << 1, part[1])) + part[3:])
        else:
            nals[-1] += part[3:]
    return nals
