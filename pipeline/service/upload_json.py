"""What is said of uploads, as the REST interface shows it."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Annotated, Self, TypeAlias

from pydantic import BaseModel, Field

from pipeline.service.problem import ProblemDetails
from pipeline.types import MaskState
from pipeline.upload import CheckedClip, CheckedFace, CheckedPerson, CheckedPicture, ClipState

Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]


class FaceJson(BaseModel):
    """A face: its box as left, top, right and bottom in pixels; `why` is a sentence where the verdict is `unknown`."""

    box: tuple[float, float, float, float]
    verdict: MaskState
    confidence: Share
    probabilities: Mapping[str, Share]
    size_px: float
    why: str | None

    @classmethod
    def of(cls, face: CheckedFace) -> Self:
        """Return `face` as it is sent."""
        return cls(
            box=(face.box.x1, face.box.y1, face.box.x2, face.box.y2),
            verdict=face.state,
            confidence=face.confidence,
            probabilities={state.value: share for state, share in face.probabilities.items()},
            size_px=face.size_px,
            why=face.why,
        )


class PictureJson(BaseModel):
    """A picture that was judged, upright; `preview` is a `data:` URL of it as a JPEG, where it was asked for."""

    name: str
    width: int
    height: int
    faces: list[FaceJson]
    preview: str | None

    @classmethod
    def of(cls, picture: CheckedPicture) -> Self:
        """Return `picture` as it is sent."""
        preview = None if picture.preview is None else f"data:image/jpeg;base64,{b64encode(picture.preview).decode()}"
        faces = [FaceJson.of(face) for face in picture.faces]
        return cls(name=picture.name, width=picture.width, height=picture.height, faces=faces, preview=preview)


class FileFault(BaseModel):
    """A file that was not judged, why, and the status that it would have had alone."""

    name: str
    status: int
    detail: str


class ModelJson(BaseModel):
    """What gave the verdicts."""

    name: str
    sha256: str


class PredictionsJson(BaseModel):
    """The pictures that were judged and the files that could not be, both in the order in which they came."""

    pictures: list[PictureJson]
    errors: list[FileFault]
    model: ModelJson


class FilesProblem(ProblemDetails):
    """None of the files could be judged: `status` and `detail` are those of the first."""

    errors: list[FileFault]


class PersonOfClipJson(BaseModel):
    """A person, in view from `first_s` to `last_s` of the clip."""

    person_id: int
    first_s: float
    last_s: float
    verdict: MaskState
    confidence: Share
    votes: int
    best_face_px: float

    @classmethod
    def of(cls, person: CheckedPerson) -> Self:
        """Return `person` as it is sent."""
        return cls(
            person_id=person.person_id,
            first_s=person.first_s,
            last_s=person.last_s,
            verdict=person.state,
            confidence=person.confidence,
            votes=person.votes,
            best_face_px=person.best_face_px,
        )


class ClipJson(BaseModel):
    """A clip that waits, is being judged, or was: persons and compliance come with the end."""

    id: str
    name: str
    state: ClipState
    progress: Share
    detail: str
    duration_s: float
    width: int
    height: int
    persons: list[PersonOfClipJson]
    compliance: Share | None

    @classmethod
    def of(cls, clip: CheckedClip) -> Self:
        """Return `clip` as it is sent."""
        return cls(
            id=clip.id,
            name=clip.name,
            state=clip.state,
            progress=clip.progress,
            detail=clip.detail,
            duration_s=clip.duration_s,
            width=clip.width,
            height=clip.height,
            persons=[PersonOfClipJson.of(person) for person in clip.persons],
            compliance=clip.compliance,
        )
