"""Pages of rows, cut by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


class InvalidCursor(ValueError):
    """The text is not a cursor of this connection."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """``cursors`` holds the opaque cursor of each row. ``total`` is None where it was not asked for."""

    rows: Sequence[T]
    cursors: Sequence[str]
    has_next: bool
    has_previous: bool
    total: int | None = None
