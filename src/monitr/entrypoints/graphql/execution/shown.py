"""Rows of the application as types of the contract."""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

P = ParamSpec("P")
T = TypeVar("T")


def shown(type: Callable[P, T], row: object, /, **computed: object) -> T:
    """An object of the type: what is computed as given, each other field from the row's attribute of the same name, ids
    as text."""
    make: Callable[..., T] = type
    copied = {name: _plain(getattr(row, name)) for name in _given_fields(type) if name not in computed}
    return make(**copied, **computed)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value


@cache
def _given_fields(type: Any) -> tuple[str, ...]:
    """Those of a dataclass that its constructor takes: no resolvers."""
    return tuple(field.name for field in fields(type) if field.init)
