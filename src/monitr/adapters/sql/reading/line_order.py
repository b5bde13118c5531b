"""The order of the ledger lines, and the stretches of it that pages are cut from.

There is one order, that of ix_ledger_line_newest: oldest first is the same read backwards. So a cursor is a place in
both, and the last lines of the one are the first of the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from operator import ge, gt, le, lt
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, literal, not_, select, tuple_

from monitr.adapters.sql.database.tables import ledger_line
from monitr.adapters.sql.database.tenancy import of_administration
from monitr.adapters.sql.reading.cursors import Cursors, Part
from monitr.application.reading.ledger import TransactionOrder
from monitr.application.reading.pages import Cut
from monitr.domain.accounting.ledger import BookingKey

LINES = Cursors("line", {"effective_date": date, **dict.fromkeys((*BookingKey._fields, "ordinal"), int)})

_BOOKING = tuple(ledger_line.c[name] for name in ("effective_date", *BookingKey._fields))
_ORDINAL = ledger_line.c.ordinal
_ACROSS = {(True, True): lt, (True, False): le, (False, True): gt, (False, False): ge}
"""Which ordinals of its own booking are on the other side of a line, by the side, and whether the line is on it."""

Key = Sequence[Part]


@dataclass(frozen=True, slots=True)
class Stretch:
    """The lines from ``start`` on, that line too, up to the one before ``end``; into the past, or out of it."""

    into_past: bool
    start: Key | None
    end: Key | None

    @classmethod
    def of(cls, order: TransactionOrder, cut: Cut) -> "Stretch":
        """Its first lines are those of the cut. Raises InvalidCursor."""
        after, before = (None if cursor is None else LINES.decode(cursor) for cursor in (cut.after, cut.before))
        into_past = (order is TransactionOrder.OLDEST_FIRST) is cut.from_end
        return cls(into_past, before, after) if cut.from_end else cls(into_past, after, before)

    @property
    def back(self) -> "Stretch":
        """From the same start the other way."""
        return Stretch(not self.into_past, self.start, None)

    @property
    def conditions(self) -> Sequence[ColumnElement[bool]]:
        bounds = ((self.start, self.into_past, True), (self.end, not self.into_past, False))
        return [_beside(key, in_past, itself=itself) for key, in_past, itself in bounds if key is not None]

    @property
    def order_by(self) -> Sequence[ColumnElement[Any]]:
        if self.into_past:
            return [*(column.desc() for column in _BOOKING), _ORDINAL]
        return [*_BOOKING, _ORDINAL.desc()]

    def up_to(self, lines: int) -> ColumnElement[bool]:
        """The days of its first lines, of ``administration``. Plan: an InitPlan that passes over them in
        ix_ledger_line_newest."""
        day = ledger_line.c.effective_date
        at = select(day).where(of_administration(ledger_line), *self.conditions).order_by(*self.order_by)
        last = at.offset(lines).limit(1).correlate(None).scalar_subquery()
        return day >= func.coalesce(last, date.min) if self.into_past else day <= func.coalesce(last, date.max)

    def begins_with(self, row: Row[Any]) -> bool:
        """Whether the row is the line that ``start`` names."""
        return self.start is not None and tuple(self.start) == tuple(getattr(row, name) for name in LINES.parts)


def _beside(key: Key, in_past: bool, *, itself: bool) -> ColumnElement[bool]:
    """The lines on one side of a line, and ``itself`` or not.

    A row comparison is one condition of ix_ledger_line_newest, so a page starts where the last one ended, however many
    lines a day has. The index does not know that ordinals ascend where all else descends: the rest of the line's own
    booking is left out by the second condition.
    """
    *booking, ordinal = key
    here, there = tuple_(*_BOOKING), tuple_(*booking)
    own = and_(*(part == literal(value) for part, value in zip(_BOOKING, booking, strict=True)))
    across = _ACROSS[in_past, itself](_ORDINAL, ordinal)
    return and_(here <= there if in_past else here >= there, not_(and_(own, across)))
