"""What no single value of a configuration shows: ids given twice, names of nothing.

It looks at plain data, so that it also finds these mistakes in a file that has others.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from pipeline.config.problem import Location

Inconsistency: TypeAlias = tuple[Location, str]
"""The place, and what is wrong with it; the place's own value is not repeated."""


def inconsistencies(data: Mapping[str, Any]) -> Iterator[Inconsistency]:
    """Yield what does not fit together in `data`, a configuration as dictionaries and lists, valid or not."""
    yield from _repeated(("streams",), data.get("streams"), "id")
    yield from _detectors(data)
    alerts = data.get("alerts")
    if isinstance(alerts, Mapping):
        yield from _alerts(alerts, data)


def _sections(value: object) -> list[tuple[int, Mapping[str, Any]]]:
    """Return the sections in a list with their indices; what is something else is told elsewhere."""
    items = value if isinstance(value, Sequence) and not isinstance(value, str) else ()
    return [(index, item) for index, item in enumerate(items) if isinstance(item, Mapping)]


def _repeated(at: Location, value: object, key: str) -> Iterator[Inconsistency]:
    seen: dict[str, int] = {}
    for index, section in _sections(value):
        name = section.get(key)
        if not isinstance(name, str) or not name:
            continue
        # Files of streams are named by them, and some file systems take upper and lower case for one.
        first = seen.setdefault(name.casefold(), index)
        if first != index:
            yield (*at, index, key), f"{at[-1]}[{first}] has this {key} already; give each its own"


def _detectors(data: Mapping[str, Any]) -> Iterator[Inconsistency]:
    defaults = data.get("defaults")
    common = defaults if isinstance(defaults, Mapping) else {}
    for index, stream in _sections(data.get("streams")):
        detector = stream.get("detector") or common.get("detector")
        if detector == "yunet" and not (stream.get("detector_model") or common.get("detector_model")):
            yield ("streams", index, "detector"), "yunet needs detector_model, the path of its ONNX file"
        if detector != "yunet" and stream.get("detector_model"):
            yield ("streams", index, "detector_model"), "only the detector yunet takes a model; leave it out"


def _alerts(alerts: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[Inconsistency]:
    yield from _repeated(("alerts", "rules"), alerts.get("rules"), "name")
    yield from _repeated(("alerts", "channels"), alerts.get("channels"), "name")
    known = {
        "streams": {section.get("id") for _, section in _sections(data.get("streams"))},
        "channels": {section.get("name") for _, section in _sections(alerts.get("channels"))},
    }
    for index, rule in _sections(alerts.get("rules")):
        for key, names in known.items():
            yield from _unknown(("alerts", "rules", index, key), rule.get(key), names)


def _unknown(at: Location, asked: object, known: Collection[object]) -> Iterator[Inconsistency]:
    items = asked if isinstance(asked, Sequence) and not isinstance(asked, str) else ()
    names = ", ".join(sorted(getattr(name, "written", name) for name in known if isinstance(name, str))) or "none"
    for index, name in enumerate(items):
        if isinstance(name, str) and name not in known:
            yield (*at, index), f"this file has no such one; there are {names}"
