"""Valid JSON made wrong: elements missing, fields missing or of another type."""

import json
from collections.abc import Callable

from octopus_sandbox.answers.wire import Element, Json, encoded


def shortened(body: bytes, keep: int = 0) -> bytes:
    """Every array of the answer cut to `keep` elements, or to half."""
    value: Element | list[Json] = json.loads(body)
    if isinstance(value, list):
        return encoded(_cut(value, keep))
    return encoded({name: _cut(held, keep) for name, held in value.items()})


def dropped(body: bytes, field: str) -> bytes:
    """`field` taken out wherever it occurs."""
    return _edited(body, lambda element: element.pop(field, None))


def mistyped(body: bytes, field: str) -> bytes:
    """`field` replaced by an object wherever it occurs."""
    return relabelled(body, field, {"unexpected": True})


def relabelled(body: bytes, field: str, value: Json) -> bytes:
    """`field` given another value wherever it occurs."""

    def edit(element: Element) -> None:
        if field in element:
            element[field] = value

    return _edited(body, edit)


def _cut(value: Json, keep: int) -> Json:
    if not isinstance(value, list):
        return value
    elements: list[Json] = value  # pyright: ignore[reportUnknownVariableType]  # Json is Any
    return elements[: keep or len(elements) // 2]


def _edited(body: bytes, edit: Callable[[Element], object]) -> bytes:
    def edited(element: Element) -> Element:
        edit(element)
        return element

    return encoded(json.loads(body, object_hook=edited))
