"""Streams over REST: looked at, made, changed and removed."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from pipeline.config.rest_stream import rest_stream
from pipeline.service.body import JsonObject
from pipeline.service.context import Configured, Running
from pipeline.service.stream_json import PATH, StreamJson, StreamsJson

router = APIRouter(prefix=PATH, tags=["streams"])


@router.get("")
def list_streams(control: Running) -> StreamsJson:
    """List all streams, those of the configuration file first."""
    return StreamsJson.of(control.streams())


@router.get("/{stream}")
def show_stream(stream: str, control: Running) -> StreamJson:
    """Show one stream."""
    return StreamJson.of(control.stream(stream))


@router.post("", status_code=HTTPStatus.CREATED)
def add_stream(body: JsonObject, response: Response, control: Running, config: Configured) -> StreamJson:
    """Begin with a stream and remember it; 409 where the id is taken."""
    status = control.add(rest_stream(body, config))
    response.headers["Location"] = f"{PATH}/{status.id}"
    return StreamJson.of(status)


@router.put("/{stream}")
def replace_stream(stream: str, body: JsonObject, control: Running, config: Configured) -> StreamJson:
    """Give a stream another configuration; 409 where it belongs to the configuration file."""
    return StreamJson.of(control.replace(rest_stream(body, config, stream)))


@router.delete("/{stream}", status_code=HTTPStatus.NO_CONTENT)
def remove_stream(stream: str, control: Running) -> None:
    """End a stream and forget it; 409 where it belongs to the configuration file."""
    control.remove(stream)


@router.post("/{stream}/pause")
def pause_stream(stream: str, control: Running) -> StreamJson:
    """Leave the camera alone until it is resumed; 409 where the stream belongs to the configuration file."""
    return StreamJson.of(control.pause(stream, paused=True))


@router.post("/{stream}/resume")
def resume_stream(stream: str, control: Running) -> StreamJson:
    """Go on with a stream that was paused; 409 where it belongs to the configuration file."""
    return StreamJson.of(control.pause(stream, paused=False))
