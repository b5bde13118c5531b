"""Key-set pages, and their opaque cursors: the key of a row, with the kind of its connection, as base64url of JSON.

A cursor is a place in an order, not a secret: what it names is looked up under row-level security like everything else.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar, overload
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, Row, Text

from monitr.application.reading.pages import InvalidCursor, Page

_MAX_LENGTH = 2048
_INT_BITS = 31
_LARGEST = 2**63 - 1

T = TypeVar("T")
Part = int | str | date | datetime | UUID


def _integer(value: object) -> int:
    if type(value) is not int or not -(2**_INT_BITS) <= value < 2**_INT_BITS:
        raise ValueError("not an integer of the database")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError("not a printable text")
    return value


def _stored_text(value: object) -> str:
    """A name as somebody has written it: with a non-breaking space in it, which does not count as printable."""
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("not a text of the database")
    value.encode()  # raises ValueError for half a character
    return value


def _instant(value: object) -> datetime:
    instant = datetime.fromisoformat(_text(value))
    if instant.tzinfo is None:
        raise ValueError("an instant without zone")
    return instant


def _large(value: object) -> int:
    digits = _text(value)
    if not (digits.isascii() and digits.isdigit()) or int(digits) > _LARGEST:
        raise ValueError("not an id of the database")
    return int(digits)


_READ: dict[type, Callable[[object], Part]] = {
    int: _integer,
    BigInteger: _large,  # written as text: JSON's numbers end before those of BIGINT
    str: _text,
    Text: _stored_text,
    date: lambda value: date.fromisoformat(_text(value)),
    datetime: _instant,
    UUID: lambda value: UUID(_text(value)),
}


@dataclass(frozen=True, slots=True)
class Cursors:
    """The cursors of one connection: ``kind``, and the parts of its key with their types, named as in its rows."""

    kind: str
    parts: Mapping[str, type]

    def of(self, row: Row[Any]) -> str:
        return self.encode([getattr(row, name) for name in self.parts])

    def encode(self, key: Sequence[Part]) -> str:
        parts = [
            part if type is int else _WRITTEN[type](part) for part, type in zip(key, self.parts.values(), strict=True)
        ]
        return urlsafe_b64encode(_JSON([self.kind, *parts])).rstrip(b"=").decode()

    def decode(self, cursor: str) -> tuple[Any, ...]:
        """The key, its parts of the types of this connection. Raises InvalidCursor for anything else."""
        try:
            if len(cursor) > _MAX_LENGTH:
                raise ValueError("too long")
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            kind, *parts = json.loads(urlsafe_b64decode(padded))
            if kind != self.kind:
                raise ValueError("of another connection")
            return tuple(_READ[type](part) for type, part in zip(self.parts.values(), parts, strict=True))
        except (ValueError, TypeError, RecursionError) as error:
            raise InvalidCursor(cursor) from error

    def place(self, after: str | None) -> Mapping[str, Part | None]:
        """The parts of the key by their names, all None without a cursor: as parameters of a statement."""
        return dict.fromkeys(self.parts) if after is None else dict(zip(self.parts, self.decode(after), strict=True))

    def of_rows(self, rows: Sequence[Row[Any]]) -> Sequence[str]:
        """Of each its cursor, made where it is looked at."""
        return _OfRows(self, rows)

    def page(
        self,
        rows: Sequence[Row[Any]],
        first: int,
        after: str | None,
        read: Callable[[Row[Any]], T],
        total: int | None = None,
    ) -> Page[T]:
        """The page of at most ``first`` of the rows behind the cursor ``after``. One row more than that was asked for:
        it tells whether another page follows."""
        shown = rows[:first]
        return Page(
            [read(row) for row in shown],
            self.of_rows(shown),
            has_next=len(rows) > first,
            has_previous=after is not None,
            total=total,
        )


@dataclass(frozen=True, slots=True)
class _OfRows(Sequence[str]):
    """Made where they are looked at: whoever only goes on needs the last one."""

    cursors: Cursors
    rows: Sequence[Row[Any]]

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...

    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return _OfRows(self.cursors, self.rows[index])
        return self.cursors.of(self.rows[index])

    def __iter__(self) -> Iterator[str]:
        if not self.rows:
            return iter(())
        columns, names = self.rows[0]._fields, self.cursors.parts
        places = [columns.index(name) for name in names]  # a row finds its columns faster by place than by name
        return (self.cursors.encode([row[place] for place in places]) for row in self.rows)

    def __len__(self) -> int:
        return len(self.rows)


_JSON = msgspec.json.Encoder().encode
_WRITTEN: dict[type, Callable[[Any], int | str]] = {
    BigInteger: str,
    str: str,
    Text: str,
    date: date.isoformat,
    datetime: datetime.isoformat,
    UUID: str,
}
