"""The list of transactions: every line once, newest first, whatever the filter; and totals that agree with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database import tenancy
from monitr.adapters.sql.reading import SqlReaders, line_order, transactions
from monitr.adapters.sql.reading.line_filter import Way
from monitr.adapters.sql.reading.transactions import lines_statement
from monitr.application.reading import ledger
from monitr.application.reading.ledger import (
    BookingSummary,
    DimensionFilter,
    EntryType,
    TooManyLines,
    TransactionFilter,
    TransactionOrder,
    TransactionRow,
    TransactionTotals,
)
from monitr.application.reading.master_data import COST_CENTRE
from monitr.application.reading.pages import Cut, InvalidCursor
from monitr.domain.accounting.account import account_class
from monitr.domain.accounting.bookyear import LARGEST_NUMBER, journal_key
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.money import ZERO, credit, debit
from monitr.domain.organisation import AdministrationId
from tests.integration.importing.soak import examples
from tests.integration.reading.conftest import Mine
from tests.integration.reading.stored_books import NOON, Place

FIRST_DAY = date(2025, 1, 1)
RARE = 8
"""A relation that one booking names."""
LINES: list[dict[str, Any]] = []


def _lines() -> list[dict[str, Any]]:
    """Some 300 lines of two bookyears, many on the same days, in ways that the filters tell apart."""
    random = Random(7)
    lines = []
    for document in range(1, 101):
        bookyear, day = 1 + document % 2, FIRST_DAY + timedelta(days=random.choice((0, 3, 30, 31, 45, 58, 59, 89)))
        journal_type = random.choice((1, 4)) if document > 90 else 1 + document % 3
        lines += [
            {
                "bookyear": bookyear,
                "journal_type": journal_type,
                "journal_number": 1 + document % 2,
                "document_number": document,
                "ordinal": ordinal,
                "period": random.choice((None, 202501, 202502)),
                "effective_date": day,
                "account": random.choice((12000, 400000, 400001, 550000, 700000, 1234567)),
                "amount": Decimal(random.randint(-500, 500)),
                "relation": RARE if document == 50 else random.choice((None, 5, 6)),
                "cost_centre": random.choice((None, 1, 2)),
                "description": random.choice((None, "50% off", "Levering_A", "levering b", "rent/\\lease")),
                "reference": random.choice((None, "REF 1", "50 percent")),
                "is_opening": document % 25 == 0,
            }
            for ordinal in range(1, 4)
        ]
    return lines


LINES.extend(_lines())
NEWEST = TransactionOrder.NEWEST_FIRST


def key_of(line: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        -line["effective_date"].toordinal(),
        -line["bookyear"],
        -line["journal_type"],
        -line["journal_number"],
        -line["document_number"],
        line["ordinal"],
    )


def as_line(row: TransactionRow) -> Mapping[str, Any]:
    return {**row.booking._asdict(), "effective_date": row.effective_date, "ordinal": row.ordinal}


def booking_of(line: Mapping[str, Any]) -> BookingKey:
    return BookingKey(*(line[name] for name in BookingKey._fields))


AMOUNTS = {key_of(line): line["amount"] for line in LINES}
NAMED = {
    booking: {line["relation"] for line in LINES if booking_of(line) == booking} - {None}
    for booking in {booking_of(line) for line in LINES}
}
"""The relations that the lines of a booking name."""


def totals_of(amounts: Sequence[Decimal]) -> TransactionTotals:
    return TransactionTotals(sum(map(debit, amounts), ZERO), sum(map(credit, amounts), ZERO))


def expected(filter: TransactionFilter) -> list[tuple[Any, ...]]:
    """The keys of the lines that the filter wants, by the plainest reading of it."""

    asked: Any = filter  # each condition is looked at only where it is given

    def wanted(line: Mapping[str, Any]) -> bool:
        journal = journal_key(line["journal_type"], line["journal_number"])
        entry = EntryType.YEAR_OPENING if line["is_opening"] else EntryType.REGULAR
        texts = [(line["description"] or "").lower(), (line["reference"] or "").lower()]
        checks: list[tuple[object, Callable[[], bool]]] = [
            (asked.from_, lambda: line["effective_date"] >= asked.from_),
            (asked.to, lambda: line["effective_date"] <= asked.to),
            (asked.bookyear, lambda: line["bookyear"] == asked.bookyear),
            (asked.periods, lambda: line["period"] in asked.periods),
            (asked.accounts, lambda: line["account"] in asked.accounts),
            (asked.account_from, lambda: line["account"] >= asked.account_from),
            (asked.account_to, lambda: line["account"] <= asked.account_to),
            (asked.account_classes, lambda: account_class(line["account"]) in asked.account_classes),
            (asked.journal_keys, lambda: journal in asked.journal_keys),
            (asked.relation_number, lambda: line["relation"] == asked.relation_number),
            (asked.booking_relation_number, lambda: NAMED[booking_of(line)] == {asked.booking_relation_number}),
            (asked.entry_types, lambda: entry in asked.entry_types),
            (asked.amount_from, lambda: line["amount"] >= asked.amount_from),
            (asked.amount_to, lambda: line["amount"] <= asked.amount_to),
            (asked.text, lambda: any(asked.text.lower() in text for text in texts)),
            (
                asked.dimension,
                lambda: (
                    asked.dimension.dimension == COST_CENTRE
                    and (line["cost_centre"] is None) is asked.dimension.without
                    and asked.dimension.code in (None, str(line["cost_centre"]))
                ),
            ),
        ]
        return all(holds() for given, holds in checks if given is not None)

    return sorted(key_of(line) for line in LINES if wanted(line))


def some_of(values: Sequence[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(values), max_size=3).map(tuple)


FILTERS = st.builds(
    TransactionFilter,
    from_=st.none() | st.sampled_from((FIRST_DAY, date(2025, 2, 1), date(2025, 1, 4), date(2025, 3, 1))),
    to=st.none() | st.sampled_from((date(2025, 1, 31), date(2025, 2, 28), date(2025, 2, 27), date.max)),
    bookyear=st.none() | st.sampled_from((1, 2, 3)),
    periods=st.none() | some_of((0, 202501, 202502, 202503)),
    accounts=st.none() | some_of((12000, 400000, 550000, 999, 10**12, -1)),
    account_from=st.none() | st.sampled_from((12000, 400001, -(10**12), 10**12)),
    account_to=st.none() | st.sampled_from((400000, 700000, -(10**12), 10**12)),
    account_classes=st.none() | some_of((0, 1, 4, 7, 12, -1)),
    journal_keys=st.none() | some_of(("A1", "V2", "F1", "D1", "nonsense", "A99999999999")),
    relation_number=st.none() | st.sampled_from((5, 7)),
    booking_relation_number=st.none() | st.sampled_from((5, 6, 7, RARE)),
    dimension=st.none()
    | st.builds(
        DimensionFilter,
        st.sampled_from((COST_CENTRE, "PROJECT")),
        st.none() | st.sampled_from(("1", "0", "01", "x", "9" * 5000)),
    )
    | st.just(DimensionFilter(COST_CENTRE, without=True)),
    entry_types=st.none() | some_of(tuple(EntryType)),
    amount_from=st.none() | st.sampled_from((Decimal("-100.005"), Decimal("1e30"))),
    amount_to=st.none() | st.sampled_from((Decimal("99.999"), Decimal("-1e30"))),
    text=st.none() | st.sampled_from(("50%", "g_a", "LEVERING", "/\\", "\0", "\ud800", "")),
)

# Few conditions at a time, so that lines are left.
NARROW = st.tuples(FILTERS, st.sets(st.sampled_from(tuple(TransactionFilter.__dataclass_fields__)), max_size=3)).map(
    lambda pair: TransactionFilter(**{name: getattr(pair[0], name) for name in pair[1]})
)


@pytest.fixture(scope="module")
async def stored(engine: AsyncEngine) -> tuple[Place, AdministrationId]:
    place = await Place(engine).founded()
    id = await place.an_administration()
    other = await place.an_administration(dossier=2)
    await place.lines(id, LINES)
    await place.lines(other, LINES[:10])
    return place, id


ORDERED = sorted(LINES, key=key_of)
"""Newest first."""


def cursor_of(line: Mapping[str, Any]) -> str:
    return line_order.LINES.encode([line[name] for name in line_order.LINES.parts])


@dataclass(frozen=True)
class Part:
    """Of a list, as Relay's cursor specification says it: between two lines, which need not be in it."""

    order: TransactionOrder
    size: int
    from_end: bool
    after: int | None
    before: int | None

    @property
    def cut(self) -> Cut:
        after, before = (None if at is None else cursor_of(ORDERED[at]) for at in (self.after, self.before))
        return Cut(self.size, after, before, self.from_end)

    def of(self, newest_first: Sequence[tuple[Any, ...]]) -> tuple[Sequence[tuple[Any, ...]], bool, bool]:
        """The keys of its lines, and whether there are any next and previous ones."""
        forwards = self.order is NEWEST
        places = [key_of(line) for line in ORDERED][:: 1 if forwards else -1]
        ends = [
            default if at is None else places.index(key_of(ORDERED[at]))
            for at, default in ((self.after, -1), (self.before, len(places)))
        ]
        listed = [(places.index(key), key) for key in newest_first][:: 1 if forwards else -1]
        edges = [key for place, key in listed if ends[0] < place < ends[1]]
        if self.from_end:
            follow = self.before is not None and any(place >= ends[1] for place, _ in listed)
            return edges[-self.size :], follow, len(edges) > self.size
        precede = self.after is not None and any(place <= ends[0] for place, _ in listed)
        return edges[: self.size], len(edges) > self.size, precede


places = st.none() | st.integers(0, len(LINES) - 1)
parts = st.builds(
    Part, st.sampled_from(TransactionOrder), st.sampled_from((1, 5, 50, 500)), st.booleans(), places, places
)


@settings(
    max_examples=examples(ordinarily=60, in_a_soak=600),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(NARROW, parts)
async def test_any_part_of_what_a_filter_finds_is_shown_and_all_of_it_is_counted_and_added_up(
    engine: AsyncEngine, stored: tuple[Place, AdministrationId], filter: TransactionFilter, part: Part
) -> None:
    place, id = stored

    async with SqlReaders(engine, lambda: NOON)(place.organisation) as reader:
        page = await reader.transactions(id, filter, part.order, part.cut, count=True, add_up=True)

    found = [key_of(as_line(row)) for row in page.rows]
    wanted = expected(filter)
    assert (found, page.has_next, page.has_previous) == part.of(wanted)
    amounts = [AMOUNTS[key] for key in wanted]
    assert page.total == len(wanted)
    assert page.totals == totals_of(amounts)


@pytest.mark.parametrize("order", TransactionOrder)
@pytest.mark.parametrize("from_end", [False, True], ids=["first", "last"])
async def test_pages_show_every_line_once(
    engine: AsyncEngine, stored: tuple[Place, AdministrationId], order: TransactionOrder, from_end: bool
) -> None:
    place, id = stored
    found: list[tuple[Any, ...]] = []
    cut, pages = Cut(7, from_end=from_end), 0

    async with SqlReaders(engine, lambda: NOON)(place.organisation) as reader:
        while True:
            page = await reader.transactions(id, TransactionFilter(), order, cut, count=False, add_up=False)
            shown = [key_of(as_line(row)) for row in page.rows]
            found = shown + found if from_end else found + shown
            goes_on, began = (page.has_previous, page.has_next) if from_end else (page.has_next, page.has_previous)
            assert began is (pages > 0)
            assert page.total is None
            assert page.totals is None
            pages += 1
            if not goes_on:
                break
            cut = replace(cut, before=page.cursors[0]) if from_end else replace(cut, after=page.cursors[-1])

    newest_first = [key_of(line) for line in ORDERED]
    assert found == newest_first[:: 1 if order is NEWEST else -1]
    assert pages == -(-len(LINES) // 7)


async def test_the_revenue_from_all_customers_adds_up_to_that_of_the_bookings_that_have_one(
    engine: AsyncEngine, stored: tuple[Place, AdministrationId]
) -> None:
    place, id = stored
    revenue = {}
    async with SqlReaders(engine, lambda: NOON)(place.organisation) as reader:
        for relation in (5, 6):
            of_relation = TransactionFilter(account_classes=(7,), booking_relation_number=relation)
            page = await reader.transactions(id, of_relation, NEWEST, Cut(1), count=False, add_up=True)
            revenue[relation] = page.totals
        sold = await reader.transactions(
            id, TransactionFilter(account_classes=(7,)), NEWEST, Cut(500), count=False, add_up=False
        )
        bookings = await reader.bookings(id, list({row.booking for row in sold.rows}))

    by_relation = {
        relation: [row.amount for row in sold.rows if bookings[row.booking].relation == relation]
        for relation in revenue
    }
    assert revenue == {relation: totals_of(amounts) for relation, amounts in by_relation.items()}
    assert all(by_relation.values())


async def test_a_line_that_arrives_between_two_pages_moves_no_other(place: Place, reader: Mine) -> None:
    id = await place.an_administration()
    line = {"bookyear": 1, "account": 550000, "amount": Decimal(1)}
    await place.lines(id, [{**line, "effective_date": FIRST_DAY, "document_number": n} for n in (1, 2, 3)])

    async with reader() as mine:
        first = await mine.transactions(id, TransactionFilter(), NEWEST, Cut(2), count=True, add_up=False)
    await place.lines(id, [{**line, "effective_date": FIRST_DAY, "document_number": 4}])
    async with reader() as mine:
        cut = Cut(2, first.cursors[-1])
        second = await mine.transactions(id, TransactionFilter(), NEWEST, cut, count=True, add_up=False)

    assert [row.booking.document_number for row in (*first.rows, *second.rows)] == [3, 2, 1]
    assert (first.total, second.total) == (3, 4)


async def test_a_booking_has_all_its_lines_in_order(place: Place, reader: Mine) -> None:
    id = await place.an_administration()
    line = {
        "bookyear": 1,
        "effective_date": FIRST_DAY,
        "account": 550000,
        "amount": Decimal("1.50"),
        "is_opening": True,
    }
    await place.lines(id, [{**line, "ordinal": n, "line_sequence": -n} for n in (2, 1)])

    key, other = BookingKey(1, 4, 1, 1), BookingKey(1, 4, 1, 2)
    async with reader() as mine:
        bookings = await mine.bookings(id, [key, other])
        lines = await mine.booking_lines(id, [key, other], 9, 0)
        second = await mine.booking_lines(id, [key], LARGEST_NUMBER, 1)

    assert [(row.ordinal, row.line_sequence, row.entry_type) for row in lines[key]] == [
        (1, -1, EntryType.YEAR_OPENING),
        (2, -2, EntryType.YEAR_OPENING),
    ]
    assert second == {key: lines[key][1:]}
    assert other not in lines
    assert bookings == {key: BookingSummary(key, FIRST_DAY, None, 2, Decimal("3.00"), None)}


@pytest.mark.parametrize(
    ("named", "relation"),
    [([None, None], None), ([5, None], 5), ([5, 5], 5), ([5, 6], None)],
    ids=["none", "on one line", "on every line", "two"],
)
async def test_a_booking_has_the_one_relation_that_its_lines_name(
    place: Place, reader: Mine, named: list[int | None], relation: int | None
) -> None:
    id = await place.an_administration()
    line = {"bookyear": 1, "effective_date": FIRST_DAY, "account": 550000, "amount": Decimal(1)}
    await place.lines(id, [{**line, "ordinal": ordinal, "relation": it} for ordinal, it in enumerate(named, 1)])

    key = BookingKey(1, 4, 1, 1)
    async with reader() as mine:
        assert (await mine.bookings(id, [key]))[key].relation == relation


async def test_a_cursor_of_another_list_is_refused(place: Place, reader: Mine) -> None:
    id = await place.an_administration()

    cut = Cut(10, "WyJyZWxhdGlvbiIsMV0")

    async with reader() as mine:
        with pytest.raises(InvalidCursor):
            await mine.transactions(id, TransactionFilter(), NEWEST, cut, count=False, add_up=False)


async def test_a_cursor_that_no_line_can_have_is_a_place_like_any_other(
    engine: AsyncEngine, stored: tuple[Place, AdministrationId]
) -> None:
    place, id = stored
    forged = line_order.LINES.encode([date(2025, 2, 1), *[LARGEST_NUMBER] * 5])

    async with SqlReaders(engine, lambda: NOON)(place.organisation) as reader:
        cut = Cut(500, forged)
        page = await reader.transactions(id, TransactionFilter(), NEWEST, cut, count=False, add_up=False)

    assert len(page.rows) == sum(line["effective_date"] <= date(2025, 2, 1) for line in LINES)
    assert page.has_previous


async def test_another_organisation_sees_nothing(engine: AsyncEngine, stored: tuple[Place, AdministrationId]) -> None:
    _, id = stored
    stranger = await Place(engine).founded()

    async with SqlReaders(engine, lambda: NOON)(stranger.organisation) as reader:
        page = await reader.transactions(id, TransactionFilter(), NEWEST, Cut(10), count=True, add_up=True)
        bookings = await reader.bookings(id, list(NAMED))
        figures = await reader.trial_balance(id, FIRST_DAY, date(2025, 12, 31), None)
        balances = await reader.monthly_balances(id, FIRST_DAY, date(2025, 12, 31), None, by_cost_centre=False)
        administrations = await reader.administrations([id])

    assert (page.total, page.totals, list(page.rows)) == (0, TransactionTotals(Decimal(0), Decimal(0)), [])
    assert (list(figures.rows), list(balances), dict(administrations), dict(bookings)) == ([], [], {}, {})


async def plan_of(engine: AsyncEngine, place: Place, id: AdministrationId, statement: Any) -> list[str]:
    """As for 400,000 lines: the planner is told so, in a transaction that is undone. It has the statistics of ours
    alone, whatever other tests have left."""
    statement = statement.params(administration=id, organisation=place.organisation)
    sql = str(statement.compile(engine.sync_engine, compile_kwargs={"literal_binds": True}))
    async with engine.connect() as connection:
        await connection.execute(text("DELETE FROM ledger_line WHERE administration_id <> :id"), {"id": id})
        await connection.execute(text("ANALYZE ledger_line"))
        await connection.execute(text("UPDATE pg_class SET reltuples = 400000 WHERE relname = 'ledger_line'"))
        await tenancy.enter(connection, place.organisation, read_only=True)
        return [row[0] for row in await connection.exec_driver_sql("EXPLAIN " + sql)]


@pytest.mark.parametrize("order", TransactionOrder)
@pytest.mark.parametrize("from_end", [False, True], ids=["first", "last"])
async def test_a_page_starts_in_the_index_where_the_last_one_ended(
    engine: AsyncEngine, stored: tuple[Place, AdministrationId], order: TransactionOrder, from_end: bool
) -> None:
    place, id = stored
    cursor = cursor_of(ORDERED[len(LINES) // 2])
    stretch = line_order.Stretch.of(order, Cut(10, cursor, cursor, from_end=from_end))

    plan = await plan_of(engine, place, id, lines_statement(TransactionFilter(), stretch, 11))

    way = "Index Scan" if stretch.into_past else "Index Scan Backward"
    (scan,) = (number for number, line in enumerate(plan) if f"{way} using ix_ledger_line_newest" in line)
    for bound in ("<=", ">="):
        assert f"ROW(effective_date, bookyear, journal_type, journal_number, document_number) {bound}" in plan[scan + 1]
    assert not any("Sort" in line for line in plan)


async def effort(engine: AsyncEngine, stored: tuple[Place, AdministrationId], *asked: TransactionFilter) -> int:
    place, id = stored
    async with SqlReaders(engine, lambda: NOON)(place.organisation) as reader:
        for filter in asked:
            await reader.transactions(id, filter, NEWEST, Cut(1), count=True, add_up=True)
        spent: int = reader.snapshot.effort.so_far
    return spent


FAR = {
    "text": TransactionFilter(text="rent"),
    "amount": TransactionFilter(amount_from=Decimal(1)),
    "journals": TransactionFilter(journal_keys=("A1",)),
    "periods": TransactionFilter(periods=(202501,)),
    "classes": TransactionFilter(account_classes=(9,)),
    "cost centre": TransactionFilter(dimension=DimensionFilter(COST_CENTRE, "1")),
    "a part of a month": TransactionFilter(from_=date(2025, 1, 2)),
}


@pytest.mark.parametrize("filter", FAR.values(), ids=FAR)
async def test_what_no_index_leads_to_is_not_looked_for_in_more_lines_than_are_allowed(
    engine: AsyncEngine,
    stored: tuple[Place, AdministrationId],
    filter: TransactionFilter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spent = await effort(engine, stored, filter)
    assert spent >= len(LINES) * ledger.LOOKED_AT
    monkeypatch.setattr(ledger, "MOST_EFFORT", spent - 1)
    with pytest.raises(TooManyLines):
        await effort(engine, stored, filter)


async def test_lists_of_one_request_count_together(
    engine: AsyncEngine, stored: tuple[Place, AdministrationId], monkeypatch: pytest.MonkeyPatch
) -> None:
    once = await effort(engine, stored, FAR["text"])
    monkeypatch.setattr(ledger, "MOST_EFFORT", 2 * once - 1)
    with pytest.raises(TooManyLines):
        await effort(engine, stored, FAR["text"], FAR["text"])


@pytest.mark.parametrize(
    "narrower",
    [
        {"from_": date(2025, 3, 1)},
        {"to": date(2025, 1, 31)},
        {"accounts": (12000,)},
        {"account_to": 400000},
    ],
    ids=["from", "to", "accounts", "account to"],
)
async def test_a_filter_that_an_index_narrows_has_fewer_lines_looked_at(
    engine: AsyncEngine, stored: tuple[Place, AdministrationId], narrower: dict[str, Any]
) -> None:
    wide, narrow = FAR["text"], TransactionFilter(text="rent", **narrower)
    assert await effort(engine, stored, narrow) < await effort(engine, stored, wide)


async def test_the_newest_lines_of_a_span_or_of_accounts_are_no_effort(
    engine: AsyncEngine, stored: tuple[Place, AdministrationId]
) -> None:
    near = TransactionFilter(from_=date(2025, 1, 1), to=date(2025, 2, 28), accounts=(400000,))
    assert await effort(engine, stored, TransactionFilter(), near) == 0


@pytest.mark.parametrize(
    ("filter", "each"),
    [
        (TransactionFilter(relation_number=RARE), ledger.LOOKED_AT),
        (TransactionFilter(booking_relation_number=RARE, account_classes=(7,)), ledger.NAMED),
    ],
    ids=["of the line", "of the booking"],
)
async def test_to_a_relation_an_index_leads(
    engine: AsyncEngine, stored: tuple[Place, AdministrationId], filter: TransactionFilter, each: int
) -> None:
    """For the page, and for the sums."""
    named = sum(line["relation"] == RARE for line in LINES)
    assert await effort(engine, stored, filter) == 2 * named * each


async def test_where_a_relation_is_everywhere_the_span_is_looked_at_instead(
    engine: AsyncEngine, stored: tuple[Place, AdministrationId]
) -> None:
    day = TransactionFilter(booking_relation_number=5, from_=date(2025, 3, 1))
    in_march = sum(line["effective_date"] >= date(2025, 3, 1) for line in LINES)
    assert await effort(engine, stored, day) == 2 * in_march * (ledger.LOOKED_AT + ledger.BOOKED)


@pytest.mark.parametrize(
    ("through_relation", "plan"),
    [
        (True, ("Tid Scan on ledger_line", " ix_ledger_line_relation", "using pk_ledger_line")),
        (False, ("using ix_ledger_line_newest", "using pk_ledger_line")),
    ],
    ids=["through the relation", "through the list"],
)
async def test_the_bookings_of_a_relation_are_found_by_indexes(
    engine: AsyncEngine, stored: tuple[Place, AdministrationId], through_relation: bool, plan: tuple[str, ...]
) -> None:
    place, id = stored
    of_relation = TransactionFilter(booking_relation_number=RARE)
    stretch = line_order.Stretch.of(NEWEST, Cut(10))
    statement = lines_statement(of_relation, stretch, 12, Way(through_relation))

    lines = await plan_of(engine, place, id, statement)

    assert [step for step in plan if not any(step in line for line in lines)] == []
    assert not any("Seq Scan on ledger_line" in line for line in lines)


async def test_an_export_of_a_relation_that_is_everywhere_goes_through_the_list(
    engine: AsyncEngine, stored: tuple[Place, AdministrationId], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes all pages, one after the other, and nothing limits it."""
    place, id = stored
    found = {}
    for few in (0, len(LINES)):
        monkeypatch.setattr(transactions, "FEW", few)
        async with SqlReaders(engine, lambda: NOON, is_limited=False)(place.organisation) as reader:
            of_relation = TransactionFilter(booking_relation_number=5)
            found[few] = await reader.transactions(id, of_relation, NEWEST, Cut(500), count=False, add_up=False)
    through_the_list, through_it = ([(row.booking, row.ordinal) for row in page.rows] for page in found.values())
    assert through_the_list == through_it != []


async def test_of_a_bookyear_the_lines_that_are_newer_are_passed_over(
    engine: AsyncEngine, stored: tuple[Place, AdministrationId]
) -> None:
    assert await effort(engine, stored, TransactionFilter(bookyear=3)) == len(LINES) * ledger.PASSED_OVER
