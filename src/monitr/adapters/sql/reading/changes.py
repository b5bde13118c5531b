"""What a run changed: bookings, and what it saw for the first time."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, case, func, select, true, tuple_

from monitr.adapters.sql.database.tables import import_change, import_first_seen
from monitr.adapters.sql.database.tenancy import of_administration
from monitr.adapters.sql.reading.cursors import Cursors
from monitr.adapters.sql.reading.snapshot import Queries
from monitr.application.reading.import_history import BookingChange, BookingChangeKind, FirstSeen
from monitr.application.reading.pages import Page
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.import_run import ImportRunId
from monitr.domain.organisation import AdministrationId

_CHANGES = Cursors("change", dict.fromkeys(("bookyear", "journal_type", "journal_number", "number"), int))
_JOURNAL = (import_change.c.bookyear, import_change.c.journal_type, import_change.c.journal_number)
_FIRST, _LAST = import_change.c.document_number, import_change.c.last_document_number


def _page(of_run: ColumnElement[bool], size: int, after: Sequence[Any] | None) -> Select[*tuple[Any, ...]]:
    """Each range holds a booking at least, so no more than ``size`` of them are looked into, each no further than
    ``size``: the cost does not grow with the run."""
    ranges = select(*_JOURNAL, _FIRST, _LAST, import_change.c.kind).where(of_run)
    begin: ColumnElement[int] = _FIRST
    if after is not None:
        ranges = ranges.where(tuple_(*_JOURNAL, _LAST) > tuple_(*after))
        begin = case((tuple_(*_JOURNAL) == tuple_(*after[:3]), func.greatest(_FIRST, after[3] + 1)), else_=_FIRST)
    near = ranges.add_columns(begin.label("begin")).order_by(*_JOURNAL, _FIRST).limit(size).subquery()
    last = func.least(near.c.last_document_number, near.c.begin + size)
    numbers = func.generate_series(near.c.begin, last).table_valued("number").render_derived()
    key = (near.c.bookyear, near.c.journal_type, near.c.journal_number, numbers.c.number)
    return select(*key, near.c.kind).select_from(near.join(numbers, true())).order_by(*key).limit(size)


def _booking_change(row: Row[Any]) -> BookingChange:
    return BookingChange(BookingKey._make(row[:4]), BookingChangeKind(row.kind))


class ChangeQueries(Queries):
    async def import_changes(
        self, id: AdministrationId, run: ImportRunId, first: int, after: str | None, *, count: bool
    ) -> Page[BookingChange]:
        its = {"administration": id}
        of_run = of_administration(import_change) & (import_change.c.run_id == run)
        page = _page(of_run, first + 1, None if after is None else _CHANGES.decode(after))
        rows = await self.snapshot.rows(page, its)
        total = None
        if count:
            counted = select(func.coalesce(func.sum(_LAST - _FIRST + 1), 0).cast(Integer)).where(of_run)
            ((total,),) = await self.snapshot.rows(counted, its)
        return _CHANGES.page(rows, first, after, _booking_change, total)

    async def first_seen(self, id: AdministrationId, run: ImportRunId) -> FirstSeen:
        query = (
            select(import_first_seen.c.kind, import_first_seen.c.number)
            .where(of_administration(import_first_seen), import_first_seen.c.run_id == run)
            .order_by(import_first_seen.c.number)
        )
        rows = await self.snapshot.rows(query, {"administration": id})
        return FirstSeen(
            tuple(row.number for row in rows if row.kind == "ACCOUNT"),
            tuple(row.number for row in rows if row.kind == "COST_CENTRE"),
        )
