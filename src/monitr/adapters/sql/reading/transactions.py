"""Ledger lines: pages, newest first, with their totals; and single bookings."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, not_, select, tuple_

from monitr.adapters.sql.database.tables import account_month, ledger_line, opening_balance
from monitr.adapters.sql.database.tenancy import of_administration
from monitr.adapters.sql.reading.cursors import Cursors, Part
from monitr.adapters.sql.reading.line_filter import (
    count_conditions,
    each_line_costs,
    is_year_opening,
    line_conditions,
    looks_for_its_page,
    span_conditions,
    wanted_entries,
)
from monitr.adapters.sql.reading.snapshot import Queries
from monitr.adapters.sql.repositories.rows import entity_of
from monitr.application.reading.ledger import (
    PASSED_OVER,
    BookingSummary,
    EntryType,
    TransactionFilter,
    TransactionRow,
)
from monitr.application.reading.pages import Page
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.organisation import AdministrationId

_LINES = Cursors("line", {"effective_date": date, **dict.fromkeys((*BookingKey._fields, "ordinal"), int)})
_NEWEST_BOOKING = tuple(ledger_line.c[name] for name in ("effective_date", *BookingKey._fields))

_ROW = select(
    *(
        ledger_line.c[name]
        for name in (
            *BookingKey._fields,
            *("ordinal", "line_sequence", "period", "document_date", "effective_date", "due_date", "account"),
            *("amount", "currency", "currency_amount", "relation", "cost_centre", "description", "reference"),
        )
    ),
    is_year_opening.label("is_year_opening"),
)


def _row(row: Row[Any]) -> TransactionRow:
    type = EntryType.YEAR_OPENING if row.is_year_opening else EntryType.REGULAR
    return entity_of({**row._mapping, "booking": tuple(row[:4]), "entry_type": type}, TransactionRow)


def _behind(key: Sequence[Part]) -> ColumnElement[bool]:
    """The lines that follow one in the order of the list.

    A row comparison is one condition of ix_ledger_line_newest, so a page starts where the last one ended, however many
    lines a day has. The index does not know that ordinals ascend: the rest of the cursor's own booking is left out by
    the second condition.
    """
    *booking, ordinal = key
    same = and_(*(column == value for column, value in zip(_NEWEST_BOOKING, booking, strict=True)))
    return and_(tuple_(*_NEWEST_BOOKING) <= tuple_(*booking), not_(and_(same, ledger_line.c.ordinal <= ordinal)))


class TransactionQueries(Queries):
    async def transactions(
        self, id: AdministrationId, filter: TransactionFilter, first: int, after: str | None, *, count: bool
    ) -> Page[TransactionRow]:
        await self._allow(id, filter, count=count)
        rows = await self.snapshot.rows(lines_statement(filter, first + 1, after), {"administration": id})
        total = (await self.snapshot.rows(_total(filter), {"administration": id}))[0][0] if count else None
        return _LINES.page(rows, first, after, _row, total)

    async def _allow(self, id: AdministrationId, filter: TransactionFilter, *, count: bool) -> None:
        """Raises TooManyLines. Of a bookyear the page passes over all that is newer, in the index."""
        if not self.snapshot.effort.is_limited:
            return
        times = looks_for_its_page(filter) + (count and _kept_total(filter) is None)
        spend = self.snapshot.effort.spend
        if times:
            spend(await self._lines(id, filter), times * each_line_costs(filter))
        if filter.bookyear is not None:
            spend(await self._lines(id, replace(filter, bookyear=None)), PASSED_OVER)

    async def _lines(self, id: AdministrationId, filter: TransactionFilter) -> int:
        of = account_month
        query = select(func.coalesce(func.sum(of.c.lines), 0)).where(of_administration(of), *span_conditions(filter))
        ((lines,),) = await self.snapshot.rows(query, {"administration": id})
        return int(lines)

    async def booking(self, id: AdministrationId, key: BookingKey) -> BookingSummary | None:
        is_first = ledger_line.c.ordinal == 1
        query = select(
            func.max(ledger_line.c.document_date).filter(is_first).label("document_date"),
            func.max(ledger_line.c.period).filter(is_first).label("period"),
            func.count().label("line_count"),
            func.sum(ledger_line.c.amount).label("net"),
        ).where(*_of_booking(key))
        (row,) = await self.snapshot.rows(query, {"administration": id})
        if not row.line_count:
            return None
        return BookingSummary(key, row.document_date, row.period, row.line_count, row.net)

    async def booking_lines(
        self, id: AdministrationId, key: BookingKey, first: int, after: int
    ) -> Sequence[TransactionRow]:
        # Plan: one descent of pk_ledger_line, and as many rows read as shown.
        query = (
            _ROW.where(*_of_booking(key), ledger_line.c.ordinal > after).order_by(ledger_line.c.ordinal).limit(first)
        )
        return [_row(row) for row in await self.snapshot.rows(query, {"administration": id})]


def _of_booking(key: BookingKey) -> list[ColumnElement[bool]]:
    return [of_administration(ledger_line), *(ledger_line.c[name] == part for name, part in key._asdict().items())]


def lines_statement(filter: TransactionFilter, limit: int, after: str | None) -> Select[*tuple[Any, ...]]:
    """The first lines of ``administration`` that the filter holds, behind the cursor if there is one.

    The plan relied on (PostgreSQL 15, as monitr_tenant): no Sort, and as many rows read as shown,
      Limit
        ->  Index Scan using ix_ledger_line_newest on ledger_line
              Index Cond: administration_id = … AND ROW(effective_date, bookyear, …) <= ROW(…)
    and for few accounts Index Scan Backward using ix_ledger_line_account below an Incremental Sort.
    """
    query = (
        _ROW.where(of_administration(ledger_line), *line_conditions(filter))
        .order_by(*(column.desc() for column in _NEWEST_BOOKING), ledger_line.c.ordinal)
        .limit(limit)
    )
    return query if after is None else query.where(_behind(_LINES.decode(after)))


def _total(filter: TransactionFilter) -> Select[int]:
    """How many lines the filter holds: from the counts kept with the months where they suffice (trap 11)."""
    kept = _kept_total(filter)
    if kept is not None:
        return kept
    return select(func.count()).select_from(ledger_line).where(of_administration(ledger_line), *line_conditions(filter))


def _kept_total(filter: TransactionFilter) -> Select[int] | None:
    """None where lines have to be counted."""
    wanted = wanted_entries(filter)
    all_lines, openings = (
        None
        if (conditions := count_conditions(filter, table)) is None
        else select(func.coalesce(func.sum(table.c.lines), 0))
        .where(of_administration(table), *conditions)
        .scalar_subquery()
        for table in (account_month, opening_balance)
    )
    if all_lines is not None and wanted == frozenset(EntryType):
        return select(all_lines)
    if openings is not None and wanted == {EntryType.YEAR_OPENING}:
        return select(openings)
    if all_lines is not None and openings is not None and wanted == {EntryType.REGULAR}:
        return select(all_lines - openings)
    return None
