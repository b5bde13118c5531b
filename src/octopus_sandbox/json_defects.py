"""Valid JSON made wrong: elements missing, fields missing or of another type."""

import json
from collections.abc import Callable

from octopus_sandbox.wire import Element, Json, encoded


def shortened(body: bytes, keep: int = 0) -> bytes:
    """Every array of the answer cut to `keep` elements, or to half."""
    value = json.loads(body)
    if isinstance(value, list):
        return encoded(_cut(value, keep))
    return encoded({name: _cut(held, keep) if isinstance(held, list) else held for name, held in value.items()})


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


def _cut(elements: list[Json], keep: int) -> list[Json]:
    return elements[: keep or len(elements) // 2]


def _edited(body: bytes, edit: Callable[[Element], object]) -> bytes:
    def visit(value: Json) -> None:
        if isinstance(value, dict):
            edit(value)
            for held in value.values():
                visit(held)
        elif isinstance(value, list):
            for held in value:
                visit(held)

    value = json.loads(body)
    visit(value)
    return encoded(value)
