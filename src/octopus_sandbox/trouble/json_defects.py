"""Valid JSON made wrong: elements missing, fields missing or of another type."""

import json
from collections.abc import Callable, Mapping

from octopus_sandbox.answers.wire import Element, Json, encoded

_PLACE = "@@bad-byte@@"


def shortened(body: bytes, keep: int = 0) -> bytes:
    """Every array of the answer cut to `keep` elements, or to half."""
    value: Element | list[Json] = json.loads(body)
    if isinstance(value, list):
        return encoded(_cut(value, keep))
    return encoded({name: _cut(held, keep) for name, held in value.items()})


def dropped(body: bytes, field: str, where: Mapping[str, Json]) -> bytes:
    """`field` taken out wherever it occurs in an element that has the properties of `where`."""
    return _edited(body, field, where, lambda element: element.pop(field))


def mistyped(body: bytes, field: str, where: Mapping[str, Json]) -> bytes:
    """`field` replaced by an object."""
    return relabelled(body, field, {"unexpected": True}, where)


def relabelled(body: bytes, field: str, value: Json, where: Mapping[str, Json]) -> bytes:
    """`field` given another value."""
    return _edited(body, field, where, lambda element: element.update({field: value}))


def bad_byte(body: bytes, field: str, where: Mapping[str, Json]) -> bytes:
    """`field` made a text with a byte that is no UTF-8."""
    return relabelled(body, field, f"Caf{_PLACE}", where).replace(_PLACE.encode(), b"\xe9")


def _cut(value: Json, keep: int) -> Json:
    if not isinstance(value, list):
        return value
    elements: list[Json] = value  # pyright: ignore[reportUnknownVariableType]  # Json is Any
    return elements[: keep or len(elements) // 2]


def _edited(body: bytes, field: str, where: Mapping[str, Json], edit: Callable[[Element], object]) -> bytes:
    def edited(element: Element) -> Element:
        if field in element and all(element.get(name) == value for name, value in where.items()):
            edit(element)
        return element

    return encoded(json.loads(body, object_hook=edited)) if body else body
