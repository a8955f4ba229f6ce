"""What a stream did lately, over REST."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from pipeline.service.context import Running
from pipeline.service.history_json import HistoryJson
from pipeline.service.pictures import JPEG_TYPE
from pipeline.service.stream_json import PATH

router = APIRouter(prefix=PATH, tags=["history"])


@router.get("/{stream}/history")
def show_history(stream: str, control: Running) -> HistoryJson:
    """Show the last hour by minute, and the last states and changes of verdicts; a restart forgets them."""
    return HistoryJson.of(stream, control.history(stream))


@router.get("/{stream}/thumbnails/{number}", response_class=Response, responses={200: {"content": {JPEG_TYPE: {}}}})
def thumbnail(stream: str, number: Annotated[int, Path(ge=1)], control: Running) -> Response:
    """Send the picture of the face at a change of its verdict; 404 where it is kept no longer."""
    return Response(control.thumbnail(stream, number), media_type=JPEG_TYPE)
