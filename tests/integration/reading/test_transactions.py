"""The list of transactions: every line once, newest first, whatever the filter; and totals that agree with it."""

from collections.abc import Callable, Mapping, Sequence
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
from monitr.adapters.sql.reading import SqlReaders
from monitr.adapters.sql.reading.transactions import lines_statement
from monitr.application.reading import ledger
from monitr.application.reading.ledger import (
    BookingSummary,
    DimensionFilter,
    EntryType,
    TooManyLines,
    TransactionFilter,
)
from monitr.application.reading.master_data import COST_CENTRE
from monitr.application.reading.pages import InvalidCursor
from monitr.domain.accounting.account import account_class
from monitr.domain.accounting.bookyear import journal_key
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.organisation import AdministrationId
from tests.integration.importing.soak import examples
from tests.integration.reading.conftest import Mine
from tests.integration.reading.stored_books import NOON, Place

FIRST_DAY = date(2025, 1, 1)
LINES: list[dict[str, Any]] = []


def _lines() -> list[dict[str, Any]]:
    """Some 300 lines of two bookyears, many on the same days, in ways that the filters tell apart."""
    random = Random(7)
    lines = []
    for document in range(1, 101):
        bookyear, day = 1 + document % 2, FIRST_DAY + timedelta(days=random.choice((0, 3, 30, 31, 45, 58, 59, 89)))
        lines += [
            {
                "bookyear": bookyear,
                "journal_type": random.choice((1, 4)) if document > 90 else 1 + document % 3,
                "journal_number": 1 + document % 2,
                "document_number": document,
                "ordinal": ordinal,
                "period": random.choice((None, 202501, 202502)),
                "effective_date": day,
                "account": random.choice((12000, 400000, 400001, 550000, 700000, 1234567)),
                "amount": Decimal(random.randint(-500, 500)),
                "relation": random.choice((None, 5, 6)),
                "cost_centre": random.choice((None, 1, 2)),
                "description": random.choice((None, "50% off", "Levering_A", "levering b", "rent/\\lease")),
                "reference": random.choice((None, "REF 1", "50 percent")),
                "is_opening": document % 25 == 0,
            }
            for ordinal in range(1, 4)
        ]
    return lines


LINES.extend(_lines())


def key_of(line: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        -line["effective_date"].toordinal(),
        -line["bookyear"],
        -line["journal_type"],
        -line["journal_number"],
        -line["document_number"],
        line["ordinal"],
    )


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
            (asked.entry_types, lambda: entry in asked.entry_types),
            (asked.amount_from, lambda: line["amount"] >= asked.amount_from),
            (asked.amount_to, lambda: line["amount"] <= asked.amount_to),
            (asked.text, lambda: any(asked.text.lower() in text for text in texts)),
            (
                asked.dimension,
                lambda: (
                    asked.dimension.dimension == COST_CENTRE
                    and line["cost_centre"] is not None
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
    dimension=st.none()
    | st.builds(
        DimensionFilter,
        st.sampled_from((COST_CENTRE, "PROJECT")),
        st.none() | st.sampled_from(("1", "0", "01", "x", "9" * 5000)),
    ),
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


@settings(
    max_examples=examples(ordinarily=50, in_a_soak=500),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(NARROW)
async def test_a_filter_finds_its_lines_newest_first_and_counts_them(
    engine: AsyncEngine, stored: tuple[Place, AdministrationId], filter: TransactionFilter
) -> None:
    place, id = stored

    async with SqlReaders(engine, lambda: NOON)(place.organisation) as reader:
        page = await reader.transactions(id, filter, 500, None, count=True)

    found = [
        key_of({**row.booking._asdict(), "effective_date": row.effective_date, "ordinal": row.ordinal})
        for row in page.rows
    ]
    assert found == expected(filter)
    assert page.total == len(found)


@pytest.mark.parametrize("first", [1, 7, 100])
async def test_pages_show_every_line_once(
    engine: AsyncEngine, stored: tuple[Place, AdministrationId], first: int
) -> None:
    place, id = stored
    found, after, pages = [], None, 0

    async with SqlReaders(engine, lambda: NOON)(place.organisation) as reader:
        while True:
            page = await reader.transactions(id, TransactionFilter(), first, after, count=False)
            found += [(row.booking, row.ordinal) for row in page.rows]
            assert page.has_previous is (pages > 0)
            assert page.total is None
            pages, after = pages + 1, page.cursors[-1]
            if not page.has_next:
                break

    in_order = sorted(LINES, key=key_of)
    assert found == [
        (
            BookingKey(line["bookyear"], line["journal_type"], line["journal_number"], line["document_number"]),
            line["ordinal"],
        )
        for line in in_order
    ]
    assert pages == -(-len(LINES) // first)


async def test_a_line_that_arrives_between_two_pages_moves_no_other(place: Place, reader: Mine) -> None:
    id = await place.an_administration()
    line = {"bookyear": 1, "account": 550000, "amount": Decimal(1)}
    await place.lines(id, [{**line, "effective_date": FIRST_DAY, "document_number": n} for n in (1, 2, 3)])

    async with reader() as mine:
        first = await mine.transactions(id, TransactionFilter(), 2, None, count=True)
    await place.lines(id, [{**line, "effective_date": FIRST_DAY, "document_number": 4}])
    async with reader() as mine:
        second = await mine.transactions(id, TransactionFilter(), 2, first.cursors[-1], count=True)

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

    async with reader() as mine:
        booking = await mine.booking(id, BookingKey(1, 4, 1, 1))
        lines = await mine.booking_lines(id, BookingKey(1, 4, 1, 1), 9, 0)
        second = await mine.booking_lines(id, BookingKey(1, 4, 1, 1), 9, 1)
        nothing = await mine.booking(id, BookingKey(1, 4, 1, 2))

    assert [(row.ordinal, row.line_sequence, row.entry_type) for row in lines] == [
        (1, -1, EntryType.YEAR_OPENING),
        (2, -2, EntryType.YEAR_OPENING),
    ]
    assert second == lines[1:]
    assert booking == BookingSummary(BookingKey(1, 4, 1, 1), FIRST_DAY, None, 2, Decimal("3.00"))
    assert nothing is None


async def test_a_cursor_of_another_list_is_refused(place: Place, reader: Mine) -> None:
    id = await place.an_administration()

    async with reader() as mine:
        with pytest.raises(InvalidCursor):
            await mine.transactions(id, TransactionFilter(), 10, "WyJyZWxhdGlvbiIsMV0", count=False)


async def test_another_organisation_sees_nothing(engine: AsyncEngine, stored: tuple[Place, AdministrationId]) -> None:
    _, id = stored
    stranger = await Place(engine).founded()

    async with SqlReaders(engine, lambda: NOON)(stranger.organisation) as reader:
        page = await reader.transactions(id, TransactionFilter(), 10, None, count=True)
        figures = await reader.trial_balance(id, FIRST_DAY, date(2025, 12, 31), None)
        balances = await reader.monthly_balances(id, FIRST_DAY, date(2025, 12, 31), None, by_cost_centre=False)
        administrations = await reader.administrations([id])

    assert (page.total, list(page.rows), list(figures.rows), list(balances), dict(administrations)) == (
        0,
        [],
        [],
        [],
        {},
    )


async def test_a_page_starts_in_the_index_where_the_last_one_ended(
    engine: AsyncEngine, stored: tuple[Place, AdministrationId]
) -> None:
    place, id = stored
    async with SqlReaders(engine, lambda: NOON)(place.organisation) as reader:
        page = await reader.transactions(id, TransactionFilter(), 10, None, count=False)
    statement = lines_statement(TransactionFilter(), 11, page.cursors[-1])
    statement = statement.params(administration=id, organisation=place.organisation)
    sql = str(statement.compile(engine.sync_engine, compile_kwargs={"literal_binds": True}))

    async with tenancy.transaction(engine, place.organisation, read_only=True) as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))  # too few rows for an index to pay
        await connection.execute(text("SET LOCAL enable_sort = off"))
        plan = [row[0] for row in await connection.exec_driver_sql("EXPLAIN " + sql)]

    (lines,) = (number for number, line in enumerate(plan) if "Index Scan using ix_ledger_line_newest" in line)
    assert "ROW(effective_date, bookyear, journal_type, journal_number, document_number) <=" in plan[lines + 1]
    assert not any("Sort" in line for line in plan)


async def effort(engine: AsyncEngine, stored: tuple[Place, AdministrationId], *asked: TransactionFilter) -> int:
    place, id = stored
    async with SqlReaders(engine, lambda: NOON)(place.organisation) as reader:
        for filter in asked:
            await reader.transactions(id, filter, 1, None, count=True)
        spent: int = reader.snapshot.effort.so_far
    return spent


FAR = {
    "text": TransactionFilter(text="rent"),
    "amount": TransactionFilter(amount_from=Decimal(1)),
    "relation": TransactionFilter(relation_number=5),
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


async def test_of_a_bookyear_the_lines_that_are_newer_are_passed_over(
    engine: AsyncEngine, stored: tuple[Place, AdministrationId]
) -> None:
    assert await effort(engine, stored, TransactionFilter(bookyear=3)) == len(LINES) * ledger.PASSED_OVER
