"""Why nothing is said of a face, in words for the person who asks."""

from collections.abc import Mapping

from pipeline.types import Face, MaskState, UInt8Array, Verdict
from pipeline.vision.quality import FULL_FACE_PX, pose_quality, sharpness_quality
from pipeline.vision.vote import VoteSettings

TURNED_BELOW = 0.85
"""Of the pose's quality: the nose is half an eye's distance or more beside the middle."""

BLURRED_BELOW = 0.7
"""Of the sharpness's quality: as after a Gaussian blur of 2 % of the face."""

LEAD = "the model can't tell"


def why_unknown(
    face: Face, crop: UInt8Array, verdict: Verdict, chances: Mapping[MaskState, float], settings: VoteSettings
) -> str | None:
    """Return a sentence on why the verdict is `unknown`; None where it is not.

    `crop` is the (S, S, 3) uint8 RGB picture of the face that the model saw, `chances` what it made of it.
    """
    if verdict.state is not MaskState.UNKNOWN:
        return None
    if face.box.size_px < settings.min_face_px:
        return (
            f"the face is smaller than {settings.min_face_px:g} px: take the picture from nearer, or send a larger one"
        )
    first, second = sorted(chances, key=lambda state: -chances[state])[:2]
    doubt = f"{LEAD} {first.value} ({chances[first]:.0%}) from {second.value} ({chances[second]:.0%})"
    faults = tuple(_faults(face, crop))
    return f"{doubt}: the face is {' and '.join(faults)}" if faults else doubt


def _faults(face: Face, crop: UInt8Array) -> tuple[str, ...]:
    found = {
        "turned away": pose_quality(face) < TURNED_BELOW,
        "blurred": sharpness_quality(crop, face.box.size_px) < BLURRED_BELOW,
        f"small ({face.box.size_px:.0f} px)": face.box.size_px < FULL_FACE_PX / 2,
    }
    return tuple(fault for fault, is_so in found.items() if is_so)
