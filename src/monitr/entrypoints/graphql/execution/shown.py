"""Rows of the application as types of the contract."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

P = ParamSpec("P")
T = TypeVar("T")


def shown(type: Callable[P, T], row: object, /, **computed: object) -> T:
    """An object of the type: what is computed as given, each other field from the row's attribute of the same name, ids
    as text. A row in it, or a list of them, may stay as it is where it has the fields of its type: GraphQL reads their
    attributes."""
    make: Callable[..., T] = type
    names, read = _copied(type, tuple(computed))
    values = [str(value) if value.__class__ is UUID else value for value in read(row)]
    return make(**computed, **dict(zip(names, values, strict=True)))


@cache
def _copied(type: Any, computed: tuple[str, ...]) -> tuple[Sequence[str], Callable[[object], Sequence[object]]]:
    """What the constructor of a dataclass takes (no resolvers), less what is computed, and what reads them. Found out
    once: a page has a hundred rows of one type."""
    names = [one.name for one in fields(type) if one.init and one.name not in computed]
    if len(names) > 1:
        return names, attrgetter(*names)
    return names, lambda row: [getattr(row, name) for name in names]
