"""The session descriptions of the cameras (RFC 8866, with the parameters of RFC 6184 and RFC 7798)."""

from base64 import b64encode

from benchmarks.rtsp.clip import EncodedClip
from benchmarks.rtsp.rtp import CLOCK_HZ, PAYLOAD_TYPE


def described(clip: EncodedClip) -> str:
    """Return the description of a camera that shows `clip`."""
    codec = clip.format.codec
    lines = (
        "v=0",
        "o=- 0 0 IN IP4 127.0.0.1",
        "s=camera",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"a=rtpmap:{PAYLOAD_TYPE} {codec}/{CLOCK_HZ}",
        f"a=fmtp:{PAYLOAD_TYPE} {_parameters(clip)}",
        f"a=framerate:{clip.format.frames_per_s}",
        "a=control:track0",
    )
    return "".join(f"{line}\r\n" for line in lines)


def _parameters(clip: EncodedClip) -> str:
    sets = [b64encode(nal).decode() for nal in clip.parameter_sets]
    if clip.format.codec == "H264":
        profile = clip.parameter_sets[0][1:4].hex()
        return f"packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={','.join(sets)}"
    return ";".join(f"sprop-{name}={text}" for name, text in zip(("vps", "sps", "pps"), sets, strict=True))
