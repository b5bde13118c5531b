"""Key-set pages: one row more than asked for tells whether another page follows."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Row

from monitr.adapters.sql.reading.cursors import Cursors, Part
from monitr.application.reading.pages import Page

T = TypeVar("T")


def page_of(
    rows: Sequence[Row[Any]],
    first: int,
    *,
    read: Callable[[Row[Any]], T],
    key: Callable[[Row[Any]], Sequence[Part]],
    cursors: Cursors,
    after: str | None,
    total: int | None = None,
) -> Page[T]:
    """The page of at most ``first`` of the rows, of which ``first + 1`` were asked for."""
    shown = rows[:first]
    return Page(
        [read(row) for row in shown],
        [cursors.encode(key(row)) for row in shown],
        has_next=len(rows) > first,
        has_previous=after is not None,
        total=total,
    )
