"""Ledger lines: pages in either order, with their totals; and bookings."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from math import isqrt
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Executable,
    Integer,
    Row,
    Select,
    Table,
    bindparam,
    case,
    cast,
    column,
    func,
    literal,
    select,
    true,
)

from monitr.adapters.sql.database.tables import account_month, ledger_line, opening_balance
from monitr.adapters.sql.database.tenancy import of_administration
from monitr.adapters.sql.reading.line_filter import (
    DIRECTLY,
    Way,
    count_conditions,
    each_line_costs,
    is_year_opening,
    line_conditions,
    looks_for_its_page,
    relation_of,
    span_conditions,
    wanted_entries,
)
from monitr.adapters.sql.reading.line_order import LINES, Stretch
from monitr.adapters.sql.reading.texts import PAGE, TextQueries
from monitr.adapters.sql.repositories.rows import entity_of
from monitr.adapters.sql.text_blocks import LINES as LINES_OF_BLOCK
from monitr.application.reading.ledger import (
    MOST_EFFORT,
    NAMED,
    PASSED_OVER,
    BookingSummary,
    EntryType,
    TransactionFilter,
    TransactionOrder,
    TransactionPage,
    TransactionRow,
    TransactionTotals,
)
from monitr.application.reading.pages import Cut
from monitr.domain.accounting.bookyear import LARGEST_NUMBER
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.organisation import AdministrationId

_ROW = select(
    *(
        ledger_line.c[name]
        for name in (
            *BookingKey._fields,
            *("ordinal", "line_sequence", "period", "document_date", "effective_date", "due_date", "account"),
            *("amount", "currency", "currency_amount", "relation", "cost_centre", "description", "reference"),
            "vat_section",
        )
    ),
    is_year_opening.label("is_year_opening"),
)


NEAR = 20_000
"""Lines that are looked through for a text in some thirty milliseconds."""
FEW = 1_000
"""Lines that name a relation: to go through their bookings again for each of many pages is no matter."""

_KEY = tuple(ledger_line.c[name] for name in BookingKey._fields)
_WANTED = (
    func.unnest(*(cast(bindparam(name), ARRAY(Integer)) for name in BookingKey._fields))
    .table_valued(*(column(name, Integer) for name in BookingKey._fields))
    .render_derived(name="wanted")
)
# Plan: a Nested Loop over the bookings that are wanted, and for each an Index Scan of pk_ledger_line.
_OF_WANTED = (of_administration(ledger_line), *(part == _WANTED.c[part.name] for part in _KEY))

_IS_FIRST = ledger_line.c.ordinal == 1
_LEAST, _LARGEST = func.min(ledger_line.c.relation), func.max(ledger_line.c.relation)
_BOOKINGS = (
    select(
        *_KEY,
        func.max(ledger_line.c.document_date).filter(_IS_FIRST).label("document_date"),
        func.max(ledger_line.c.period).filter(_IS_FIRST).label("period"),
        func.count().label("line_count"),
        func.sum(ledger_line.c.amount).label("net"),
        case((_LEAST == _LARGEST, _LEAST)).label("relation"),
    )
    .where(*_OF_WANTED)
    .group_by(*_KEY)
)


_made: Callable[..., TransactionRow] = TransactionRow


def _row(row: Row[Any]) -> TransactionRow:
    """The columns are those of ``_ROW``: the key of the booking, and the fields of the row in their order."""
    type = EntryType.YEAR_OPENING if row[-1] else EntryType.REGULAR
    parts = len(BookingKey._fields)
    return _made(BookingKey(*row[:parts]), *row[parts:-1], type)


class TransactionQueries(TextQueries):
    async def transactions(
        self,
        id: AdministrationId,
        filter: TransactionFilter,
        order: TransactionOrder,
        cut: Cut,
        *,
        count: bool,
        add_up: bool,
    ) -> TransactionPage:
        stretch = Stretch.of(order, cut)
        way = await self._allow(id, filter, sums=count or add_up)
        found = await self._first_of(id, filter, stretch, cut.size + 2, way)
        is_there = bool(found) and stretch.begins_with(found[0])
        rows = found[1:] if is_there else found
        goes_on = len(rows) > cut.size
        begins_before = is_there or (cut.bound is not None and await self._has_any(id, filter, stretch.back))
        shown = rows[: cut.size][:: -1 if cut.from_end else 1]
        sums = None
        if count or add_up:
            (sums,) = await self._lines(id, _summed(filter, way, add_up=add_up))
        return TransactionPage(
            [_row(row) for row in shown],
            LINES.of_rows(shown),
            has_next=begins_before if cut.from_end else goes_on,
            has_previous=goes_on if cut.from_end else begins_before,
            total=sums.lines if sums and count else None,
            totals=TransactionTotals(sums.debit, sums.credit) if sums and add_up else None,
            text_indexed=await self._are_texts_indexed(id) if filter.text else None,
        )

    async def _lines(self, id: AdministrationId, statement: Executable) -> Sequence[Row[Any]]:
        return await self.snapshot.rows(statement, {"administration": id})

    async def _has_any(self, id: AdministrationId, filter: TransactionFilter, stretch: Stretch) -> bool:
        """For a cursor whose line is gone, or is none of the filter's; else the page has told."""
        way = await self._allow(id, filter, sums=False)
        return bool(await self._first_of(id, filter, stretch, 1, way))

    async def _first_of(
        self, id: AdministrationId, filter: TransactionFilter, stretch: Stretch, limit: int, way: Way
    ) -> Sequence[Row[Any]]:
        if way.looks_near_first:
            near = await self._lines(id, lines_statement(filter, stretch, limit, near=NEAR))
            if len(near) == limit:
                return near
        return await self._lines(id, lines_statement(filter, stretch, limit, way))

    async def _allow(self, id: AdministrationId, filter: TransactionFilter, *, sums: bool) -> Way:
        """How the lines are to be come to. Raises TooManyLines.

        Of a bookyear the page passes over all that is newer, in the index."""
        effort, relation = self.snapshot.effort, relation_of(filter)
        named = None if relation is None else await self._named(id, relation)
        if not effort.is_limited:  # all pages, one after the other
            return Way(through_relation=named is not None and named <= FEW)
        times = looks_for_its_page(filter) + (sums and _kept_sums(filter, _COUNT) is None)
        way = DIRECTLY
        if times:
            lines, each = await self._in_span(id, filter), each_line_costs(filter)
            through = lines * each if named is None else named * _each_named_costs(filter)
            blocks = await self._blocks(id, filter, lines) if named is None else None
            if blocks is not None:
                through = len(blocks) * LINES_OF_BLOCK * each
            is_common = blocks is not None and len(blocks) > isqrt(lines * PAGE // LINES_OF_BLOCK)
            way = Way(named is not None and through < lines * each, blocks, is_common)
            effort.spend(times, min(through, lines * each))
        if filter.bookyear is not None:
            effort.spend(await self._in_span(id, replace(filter, bookyear=None)), PASSED_OVER)
        return way

    async def _in_span(self, id: AdministrationId, filter: TransactionFilter) -> int:
        """How many lines the months, accounts and bookyear of the filter hold."""
        of = account_month
        query = select(func.coalesce(func.sum(of.c.lines), 0)).where(of_administration(of), *span_conditions(filter))
        ((lines,),) = await self._lines(id, query)
        return int(lines)

    async def _named(self, id: AdministrationId, relation: int) -> int:
        """How many lines name it; no more than would be too many. Plan: Index Only Scan of ix_ledger_line_relation."""
        some = select(literal(1)).where(of_administration(ledger_line), ledger_line.c.relation == relation)
        ((lines,),) = await self._lines(id, select(func.count()).select_from(some.limit(MOST_EFFORT).subquery()))
        return int(lines)

    async def bookings(self, id: AdministrationId, keys: Sequence[BookingKey]) -> Mapping[BookingKey, BookingSummary]:
        rows = await self.snapshot.rows(_BOOKINGS, {"administration": id, **_wanted(keys)})
        found = (entity_of({**row._mapping, "key": tuple(row[:4])}, BookingSummary) for row in rows)
        return {booking.key: booking for booking in found}

    async def booking_lines(
        self, id: AdministrationId, keys: Sequence[BookingKey], first: int, after: int
    ) -> Mapping[BookingKey, Sequence[TransactionRow]]:
        ordinal, last = ledger_line.c.ordinal, min(after + first, LARGEST_NUMBER)
        query = _ROW.where(*_OF_WANTED, ordinal > after, ordinal <= last).order_by(ordinal)
        found: defaultdict[BookingKey, list[TransactionRow]] = defaultdict(list)
        for row in await self.snapshot.rows(query, {"administration": id, **_wanted(keys)}):
            line = _row(row)
            found[line.booking].append(line)
        return found


def _each_named_costs(filter: TransactionFilter) -> int:
    return each_line_costs(filter) if filter.booking_relation_number is None else NAMED


def _wanted(keys: Sequence[BookingKey]) -> Mapping[str, Sequence[int]]:
    return {name: [getattr(key, name) for key in keys] for name in BookingKey._fields}


def lines_statement(
    filter: TransactionFilter, stretch: Stretch, limit: int, way: Way = DIRECTLY, *, near: int | None = None
) -> Select[*tuple[Any, ...]]:
    """The first lines of the stretch, of ``administration``, that the filter holds; ``near``: of those days alone that
    its first lines, so many of them, lie in.

    The plan relied on (PostgreSQL 15, as monitr_tenant): no Sort, and as many rows read as shown,
      Limit
        ->  Index Scan using ix_ledger_line_newest on ledger_line
              Index Cond: administration_id = … AND ROW(effective_date, bookyear, …) <= ROW(…)
    out of the past Index Scan Backward and >=, and for few accounts or a relation an Index Scan of
    ix_ledger_line_account or ix_ledger_line_relation below a Sort.
    """
    if way.blocks is None:
        return _kept_statement(filter, stretch, limit, way, near)
    return _made_statement(filter, stretch, limit, way, near)


def _made_statement(
    filter: TransactionFilter, stretch: Stretch, limit: int, way: Way, near: int | None
) -> Select[*tuple[Any, ...]]:
    conditions = [*line_conditions(filter, way), *stretch.conditions]
    if near is not None:
        conditions.append(stretch.up_to(near))
    return _ROW.where(of_administration(ledger_line), *conditions).order_by(*stretch.order_by).limit(limit)


_kept_statement = lru_cache(maxsize=100)(_made_statement)
"""The next page is asked for by the same statement. Blocks belong to one text, and are not kept."""

_COUNT = ("lines",)
_COUNT_AND_AMOUNTS = ("lines", "debit", "credit")


def _summed(filter: TransactionFilter, way: Way, *, add_up: bool) -> Select[*tuple[Any, ...]]:
    """How many lines the filter holds, and what they come to: from the sums kept with the months where they suffice
    (trap 11)."""
    kept = _kept_sums(filter, _COUNT_AND_AMOUNTS if add_up else _COUNT)
    if kept is not None:
        return kept
    sums: list[ColumnElement[Any]] = [func.count().label("lines")]
    if add_up:
        sides = {"debit": ledger_line.c.amount, "credit": -ledger_line.c.amount}
        sums += [func.coalesce(func.sum(func.greatest(side, 0)), 0).label(name) for name, side in sides.items()]
    conditions = line_conditions(filter, way)
    return select(*sums).select_from(ledger_line).where(of_administration(ledger_line), *conditions)


def _kept_sums(filter: TransactionFilter, names: Sequence[str]) -> Select[*tuple[Any, ...]] | None:
    """None where lines have to be looked at."""
    wanted = wanted_entries(filter)
    all_lines = _sums_of(account_month, filter, names)
    openings = _sums_of(opening_balance, filter, names)
    if all_lines is not None and wanted == frozenset(EntryType):
        return all_lines
    if openings is not None and wanted == {EntryType.YEAR_OPENING}:
        return openings
    if all_lines is not None and openings is not None and wanted == {EntryType.REGULAR}:
        whole, part = all_lines.subquery(), openings.subquery()
        return select(*((whole.c[name] - part.c[name]).label(name) for name in names)).join_from(whole, part, true())
    return None


def _sums_of(table: Table, filter: TransactionFilter, names: Sequence[str]) -> Select[*tuple[Any, ...]] | None:
    conditions = count_conditions(filter, table)
    if conditions is None:
        return None
    sums = (func.coalesce(func.sum(table.c[name]), 0).label(name) for name in names)
    return select(*sums).where(of_administration(table), *conditions)
