"""From the JSON of a REST request to a stream, within what the configuration lets REST do."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pipeline.config.document import KEY
from pipeline.config.problem import Location, key_of
from pipeline.config.rest_url import why_not_allowed
from pipeline.config.schema import Config
from pipeline.config.sections import fields_at
from pipeline.config.streams import StreamConfig
from pipeline.config.wording import allowed, purpose, unknown_key
from pipeline.errors import ConfigError

Mistake: TypeAlias = tuple[str, str]
"""The key, as in `recording.keep_age_days` and empty for the whole, and what is wrong there without the value."""

_PATHS: tuple[Location, ...] = (("detector_model",), ("recording", "folder"))
"""The keys that name files: a client of REST is not to choose what is read and written."""


class RefusedStreamError(ConfigError):
    """A stream that REST may not make; nothing of what was sent is part of it but names of keys."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        self.mistakes = mistakes
        super().__init__("; ".join(f"{key}: {message}" if key else message for key, message in mistakes))


def rest_stream(data: Mapping[str, object], config: Config, stream_id: str | None = None) -> StreamConfig:
    """Return the stream that `data` describes, complete with the defaults of `config`; raise RefusedStreamError.

    `stream_id` is the id that the address of the request names; the data may repeat it.
    """
    if stream_id is not None:
        data = {"id": stream_id, **data}
    mistakes = [*_refused_values(data), *_another_id(data, stream_id)]
    stream, wrong = _validated(data)
    mistakes += wrong
    if stream is not None:
        stream = stream.over(config.defaults)
        mistakes += _misfits(stream, config)
    if stream is None or mistakes:
        raise RefusedStreamError(_one_a_key(mistakes))
    return stream


def _one_a_key(mistakes: Iterable[Mistake]) -> tuple[Mistake, ...]:
    first: dict[str, Mistake] = {}
    for mistake in mistakes:
        first.setdefault(mistake[0], mistake)
    return tuple(first.values())


def _refused_values(data: Mapping[str, object]) -> Iterator[Mistake]:
    for location in _PATHS:
        if _has(data, location):
            yield key_of(location), "REST gives no paths; set it in the defaults of the configuration file"
    for location in _with_names(data):
        yield (
            key_of(location),
            "${NAME} is for the configuration file alone; send the value itself (${ in a URL is %24%7B)",
        )


def _another_id(data: Mapping[str, object], stream_id: str | None) -> Iterator[Mistake]:
    if stream_id is not None and data["id"] != stream_id:
        yield "id", "it differs from the id in the address; leave it out, or send the same"


def _misfits(stream: StreamConfig, config: Config) -> Iterator[Mistake]:
    reason = why_not_allowed(stream.url.reveal(), config.http)
    if reason is not None:
        yield "url", reason
    if stream.detector == "yunet" and stream.detector_model is None:
        yield "detector", "yunet needs detector_model in the defaults of the configuration file"


def _validated(data: Mapping[str, object]) -> tuple[StreamConfig | None, list[Mistake]]:
    """Validate JSON, in which 1 is no switch and "1" no number; a configuration file has texts alone."""
    try:
        return StreamConfig.model_validate(data, strict=True), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    return None, [_described(detail, data) for detail in details]


def _described(error: ErrorDetails, data: Mapping[str, object]) -> Mistake:
    location = error["loc"]
    key = key_of(_place(location, data))
    match error["type"]:
        case "extra_forbidden":
            return key, unknown_key(str(location[-1]), fields_at(StreamConfig, location[:-1]))
        case "missing":
            return key, f"this key is needed: {purpose(fields_at(StreamConfig, location[:-1])[str(location[-1])])}"
    return key, allowed(error)


def _place(location: Location, data: object) -> Location:
    """Return `location`, of an error of pydantic, without the parts that name no key of `data`."""
    place: Location = ()
    for index, part in enumerate(location):
        is_there = isinstance(data, Mapping) and part in data
        if part != KEY and (is_there or index == len(location) - 1):
            place = (*place, part)
        data = data[part] if isinstance(data, Mapping) and is_there else data
    return place


def _has(data: object, location: Location) -> bool:
    for part in location:
        if not (isinstance(data, Mapping) and part in data):
            return False
        data = data[part]
    return True


def _with_names(value: object, location: Location = ()) -> Iterator[Location]:
    """Yield the places of texts in `value` with `${`, which begins a name in the configuration file."""
    if isinstance(value, str) and "${" in value:
        yield location
    items = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _with_names(item, (*location, key))
