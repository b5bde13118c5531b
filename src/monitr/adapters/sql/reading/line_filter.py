"""The filter of the transactions as SQL conditions: on the ledger lines, and on the counts kept beside them."""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Integer,
    Numeric,
    Table,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    column,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)

from monitr.adapters.sql.database.tables import account_month, ledger_line, year_opening
from monitr.adapters.sql.text_blocks import DOCUMENTS, Block
from monitr.application.reading.ledger import (
    BOOKED,
    CLASSED,
    LOOKED_AT,
    SEARCHED,
    DimensionFilter,
    EntryType,
    TransactionFilter,
)
from monitr.application.reading.master_data import COST_CENTRE
from monitr.domain.accounting.bookyear import parse_journal_key
from monitr.domain.accounting.ledger import BookingKey

_MAX_INT = 2**31 - 1
_NOTHING = false()
_CODE = re.compile("[1-9][0-9]{0,9}")

Condition = ColumnElement[bool]

_BOOKING = ("administration_id", *BookingKey._fields)

# pk_year_opening, once a line; or hashed where all lines are asked.
is_year_opening = exists(
    select(1).where(*(year_opening.c[name] == ledger_line.c[name] for name in _BOOKING)).correlate(ledger_line)
)


@dataclass(frozen=True, slots=True)
class Way:
    """How the lines of a filter are come to. ``through_relation``: through those that name the relation of their
    booking. ``blocks``: through these alone, which hold all lines with the text. ``looks_near_first``: they are so many
    that a page of the text is hardly far away."""

    through_relation: bool = False
    blocks: Sequence[Block] | None = None
    looks_near_first: bool = False


DIRECTLY = Way()


def line_conditions(filter: TransactionFilter, way: Way = DIRECTLY) -> list[Condition]:
    """What holds for the lines of ``ledger_line`` that the filter wants."""
    of_columns = _of_columns(filter, ledger_line, ledger_line.c.effective_date)
    of_lines = _of_lines(filter, way)
    return [*of_columns, *of_lines, *_of_entries(wanted_entries(filter))]


def count_conditions(filter: TransactionFilter, table: Table) -> list[Condition] | None:
    """The same on ``account_month`` or ``opening_balance``; None where the filter is finer than the rows of it."""
    begins_a_month = filter.from_ is None or filter.from_.day == 1
    ends_a_month = filter.to is None or filter.to.day == monthrange(filter.to.year, filter.to.month)[1]
    by_period = filter.periods is None or (table is account_month and 0 not in filter.periods)
    if not (begins_a_month and ends_a_month and by_period) or any(True for _ in _of_lines(filter)):
        return None
    return list(_of_columns(filter, table, table.c.month))


def each_line_costs(filter: TransactionFilter) -> int:
    """What it takes to look whether the filter holds a line, in the unit of ``Effort``."""
    booked = BOOKED if filter.booking_relation_number is not None else 0
    return LOOKED_AT + booked + (SEARCHED if filter.text else 0) + (CLASSED if filter.account_classes else 0)


def relation_of(filter: TransactionFilter) -> int | None:
    """The one to whose lines ix_ledger_line_relation leads."""
    named = filter.booking_relation_number
    return filter.relation_number if named is None else named


def looks_for_its_page(filter: TransactionFilter) -> bool:
    """Whether a page may have to look at all lines of the filter's span. No index leads to these; to accounts one does,
    and to what is newest or oldest."""
    of_columns = (filter.periods, filter.account_classes, filter.dimension)
    return any(True for _ in _of_lines(filter)) or any(condition is not None for condition in of_columns)


def span_conditions(filter: TransactionFilter) -> list[Condition]:
    """On ``account_month``: the months, accounts and bookyear that the lines of the filter lie in."""
    first = filter.from_ and filter.from_.replace(day=1)
    lying = replace(filter, from_=first, periods=None, account_classes=None, dimension=None)
    return list(_of_columns(lying, account_month, account_month.c.month))


def wanted_entries(filter: TransactionFilter) -> frozenset[EntryType]:
    return frozenset(EntryType if filter.entry_types is None else filter.entry_types)


def _of_columns(filter: TransactionFilter, table: Table, day: ColumnElement[date]) -> Iterator[Condition]:
    """Conditions on what ``ledger_line`` and ``account_month`` have in common; of the latter ``day`` is the month."""
    if filter.from_ is not None:
        yield day >= filter.from_
    if filter.to is not None:
        yield day <= filter.to
    if filter.bookyear is not None:
        yield table.c.bookyear == literal(filter.bookyear)
    if filter.periods is not None:
        yield table.c.period.in_(filter.periods)
    if filter.accounts is not None:
        yield table.c.account.in_([number for number in filter.accounts if 0 <= number <= _MAX_INT])
    if filter.account_from is not None:
        yield table.c.account >= max(filter.account_from, 0) if filter.account_from <= _MAX_INT else _NOTHING
    if filter.account_to is not None:
        yield table.c.account <= min(filter.account_to, _MAX_INT) if filter.account_to >= 0 else _NOTHING
    if filter.account_classes is not None:
        first_digit = func.left(func.lpad(func.ltrim(cast(table.c.account, Text), "-"), 6, "0"), 1)
        yield first_digit.in_([str(klass) for klass in filter.account_classes])
    if filter.dimension is not None:
        yield _dimension(filter.dimension, table)


def _dimension(dimension: DimensionFilter, table: Table) -> Condition:
    """Sums write 0 for "no cost centre", lines NULL. A code is the cost centre's number as Octopus writes it."""
    if dimension.dimension != COST_CENTRE:
        return _NOTHING
    if dimension.without:
        return func.coalesce(table.c.cost_centre, 0) == 0
    if dimension.code is None:
        return table.c.cost_centre != 0
    number = int(dimension.code) if _CODE.fullmatch(dimension.code) else 0
    return table.c.cost_centre == number if 0 < number <= _MAX_INT else _NOTHING


def _of_lines(filter: TransactionFilter, way: Way = DIRECTLY) -> Iterator[Condition]:
    """Conditions that only single lines can answer."""
    if filter.journal_keys is not None:
        keys = [parsed for key in filter.journal_keys if (parsed := parse_journal_key(key)) and max(parsed) <= _MAX_INT]
        yield tuple_(ledger_line.c.journal_type, ledger_line.c.journal_number).in_(keys) if keys else _NOTHING
    if filter.relation_number is not None:
        yield ledger_line.c.relation == filter.relation_number
    if filter.booking_relation_number is not None:
        yield _of_one_relation(filter.booking_relation_number, through_it=way.through_relation)
    if filter.amount_from is not None:
        yield ledger_line.c.amount >= literal(filter.amount_from, Numeric())  # unbounded: the column's would round
    if filter.amount_to is not None:
        yield ledger_line.c.amount <= literal(filter.amount_to, Numeric())
    if filter.text:  # an empty search box asks nothing
        yield _text(filter.text, ledger_line) if way.blocks is None else _in_blocks(filter.text, way.blocks)


def _of_one_relation(number: int, *, through_it: bool) -> Condition:
    """The lines of bookings that name this relation and no other. ``through_it``: come to through the lines that name
    it; else looked up of each line that all other conditions hold for.

    The plans relied on, which leave the planner no choice, since it knows little of what relations have:
      Tid Scan on ledger_line, of what an InitPlan finds
        ->  Nested Loop of an Index Only Scan using ix_ledger_line_relation, and for each booking pk_ledger_line
    and a SubPlan that is an Index Scan using pk_ledger_line.
    """
    line, named = ledger_line.alias("line"), ledger_line.alias("named")
    only = and_(func.min(line.c.relation) == number, func.max(line.c.relation) == number)
    if not through_it:
        return select(only).where(*(line.c[name] == ledger_line.c[name] for name in _BOOKING)).scalar_subquery()
    own = named.c.administration_id == bindparam("administration", type_=Uuid())
    booked = select(*(named.c[name] for name in _BOOKING)).where(own, named.c.relation == number).distinct().subquery()
    of_booking = (
        select(func.array_agg(literal_column("line.ctid", Text)).label("places"))
        .where(*(line.c[name] == booked.c[name] for name in _BOOKING))
        .having(only)
        .lateral("of_booking")
    )
    places = select(func.unnest(of_booking.c.places)).select_from(booked.join(of_booking, true()))
    return literal_column("ledger_line.ctid") == any_(func.array(places.scalar_subquery()))


def _of_entries(wanted: frozenset[EntryType]) -> Sequence[Condition]:
    if wanted == frozenset(EntryType):
        return []
    if not wanted:
        return [_NOTHING]
    return [is_year_opening if EntryType.YEAR_OPENING in wanted else ~is_year_opening]


def _text(text: str, line: FromClause) -> Condition:
    """Somewhere in description or reference. A text that PostgreSQL cannot hold is found nowhere."""
    if not is_storable(text):
        return _NOTHING
    return or_(
        line.c.description.icontains(text, autoescape=True),
        line.c.reference.icontains(text, autoescape=True),
    )


def is_storable(text: str) -> bool:
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)


def _in_blocks(text: str, blocks: Sequence[Block]) -> Condition:
    """The lines with the text among those of the blocks.

    The plan relied on, which leaves the planner no choice, since it knows little of what texts have:
      Tid Scan on ledger_line, of what an InitPlan finds
        ->  Nested Loop of a Function Scan on block, and for each an Index Scan using pk_ledger_line
    """
    line = ledger_line.alias("line")
    columns = [cast([getattr(each, name) for each in blocks], ARRAY(Integer)) for name in Block._fields]
    block = func.unnest(*columns).table_valued(*(column(name, Integer) for name in Block._fields))
    block = block.render_derived(name="block")
    first = block.c.block * DOCUMENTS
    found = (
        select(func.array_agg(literal_column("line.ctid", Text)).label("places"))
        .where(
            line.c.administration_id == bindparam("administration", type_=Uuid()),
            line.c.bookyear == block.c.bookyear,
            line.c.journal_type == block.c.journal_type,
            line.c.journal_number == block.c.journal_number,
            line.c.document_number >= first,
            line.c.document_number <= first + (DOCUMENTS - 1),  # which may be the largest INTEGER
            _text(text, line),
        )
        .lateral("found")
    )
    places = select(func.unnest(found.c.places)).select_from(block.join(found, true()))
    return literal_column("ledger_line.ctid") == any_(func.array(places.scalar_subquery()))
