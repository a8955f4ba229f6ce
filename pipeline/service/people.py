"""Who left the view of streams lately."""

from typing import Annotated

from fastapi import APIRouter, Query

from pipeline.service.context import Running
from pipeline.service.history_json import PeopleJson

MAX_LISTED = 1000

router = APIRouter(prefix="/api/v1/people", tags=["history"])


@router.get("")
def list_people(
    control: Running, stream: str | None = None, limit: Annotated[int, Query(ge=1, le=MAX_LISTED)] = 100
) -> PeopleJson:
    """List the persons who left a stream, or any, the newest first; a restart forgets them."""
    return PeopleJson.of(control.people(stream, limit))
