"""What holds for matchings and for the reports of earlier days, whoever stores them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.reading import SqlReaders
from monitr.application.importing.ledger.chunk import EVERYTHING, Chunk
from monitr.domain.accounting.ledger import BookingKey, LedgerLine
from monitr.domain.accounting.matchings import MatchedLine, MatchedPair, Matching
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.outstanding_items import (
    OutstandingItem,
    OutstandingItemType,
    ageing_buckets,
    largest_relations,
    outstanding_totals,
)
from tests.integration.importing.soak import examples, phases
from tests.integration.importing.stores import InMemory, InPostgres, Place, begin, of_an_own_organisation
from tests.integration.importing.test_import_store_contract import publish, renew, tell_matchings
from tests.unit.importing.fake_dossier import an_item, lines_of, sale

RECEIVABLE, PAYABLE = OutstandingItemType.RECEIVABLE, OutstandingItemType.PAYABLE
DAY = date(2026, 3, 1)
CONTROL: Mapping[OutstandingItemType, Sequence[int]] = {RECEIVABLE: [400000]}


@pytest_asyncio.fixture(params=["in memory", "in PostgreSQL"])
async def place(request: pytest.FixtureRequest, engine: AsyncEngine) -> AsyncIterator[Place]:
    administration = of_an_own_organisation()
    place: Place = InMemory(administration) if request.param == "in memory" else InPostgres(engine, administration)
    await begin(place)
    yield place


def payment(number: int) -> BookingKey:
    return BookingKey(2, 3, 1, number)


def booked(key: BookingKey, amount: int, day: date = DAY) -> list[LedgerLine]:
    """The line that can be open comes first."""
    return lines_of(key, (400000, f"{amount}.00"), (550000, f"{-amount}.00"), day=day, period=202601, relation=16)


def a_matching(invoice: int, paid_by: int, amount: int, kind: str = "C") -> Matching:
    """As Octopus names the lines: -1 is the invoice's head, which the ledger calls 1."""
    money = Decimal(amount)
    pair = MatchedPair(MatchedLine(2, "V1", invoice, -1), MatchedLine(2, "F1", paid_by, 1))
    return Matching(*pair, kind, 16, 400000 if kind == "C" else 499000, money, money, DAY, DAY)


def an_open(key: BookingKey, amount: int, outstanding: int) -> OutstandingItem:
    (line, _) = booked(key, amount)
    return replace(an_item(RECEIVABLE, line, Decimal(amount)), amount_outstanding=Decimal(outstanding))


async def one_half_paid(place: Place) -> None:
    """An invoice of 100 and a payment of 60, as the report, the ledger and a matching have it."""
    await publish(place, EVERYTHING, *booked(sale(1), 100), *booked(payment(1), -60))
    await tell_matchings(place, [a_matching(1, 1, 60)], [], is_whole=True)
    await renew(place, RECEIVABLE, [an_open(sale(1), 100, 40)])
    await judge(place)


async def judge(place: Place, found_on: date = DAY, *, is_whole: bool = False) -> None:
    await place.store.matchings.judge(CONTROL, [2], found_on, is_whole=is_whole)


async def counting(place: Place) -> dict[tuple[int, int], Decimal]:
    """Matchings by the numbers of their documents."""
    if isinstance(place, InPostgres):
        rows = await place.rows(
            "SELECT debit_document_number, credit_document_number, amount FROM matching"
            " WHERE administration_id = :id AND counts"
        )
        return {row[:2]: row[2] for row in rows}
    assert isinstance(place, InMemory)
    ours = place.database.imported[place.administration.id]
    return {
        (it.debit.document_number, it.credit.document_number): it.amount
        for pair, it in ours.matchings.items()
        if pair not in ours.not_counting
    }


async def corrections(place: Place) -> dict[tuple[str, int, date], Decimal]:
    """By journal, document and the day that found them."""
    if isinstance(place, InPostgres):
        rows = await place.rows(
            "SELECT journal_key, document_number, found_on, amount FROM matching_correction"
            " WHERE administration_id = :id"
        )
        return {row[:3]: row[3] for row in rows}
    assert isinstance(place, InMemory)
    return {
        (group.journal_key, group.document_number, day): amount
        for group, of in place.database.imported[place.administration.id].corrections.items()
        for day, amount in of.items()
    }


class TestMatchings:
    async def test_none_are_known_before_the_first(self, place: Place) -> None:
        assert not await place.store.matchings.are_known()

        await tell_matchings(place, [a_matching(1, 1, 60)], [])

        assert await place.store.matchings.are_known()

    @pytest.mark.parametrize("is_whole", [True, False])
    async def test_of_the_same_two_lines_the_last_counts(self, place: Place, is_whole: bool) -> None:
        await tell_matchings(place, [a_matching(1, 1, 60), a_matching(1, 2, 5)], [])

        again = [a_matching(1, 1, 60), a_matching(1, 1, 50), a_matching(1, 1, 40)]
        await tell_matchings(place, again, [], is_whole=is_whole)

        assert await counting(place) == {(1, 1): 40, (1, 2): 5}

    async def test_what_is_removed_goes_and_what_was_matched_anew_stays(self, place: Place) -> None:
        gone, anew = a_matching(1, 1, 60), a_matching(1, 2, 5)
        await tell_matchings(place, [gone, anew], [])

        await tell_matchings(place, [replace(anew, amount=Decimal(3))], [gone.pair, anew.pair, gone.pair])

        assert await counting(place) == {(1, 2): 3}

    async def test_an_answer_that_breaks_off_changes_nothing(self, place: Place) -> None:
        async def broken_off() -> None:
            async with place.store.matchings.stage() as stage:
                await stage.add([a_matching(1, 1, 60)], [])
                raise ConnectionError("the network is gone")

        with pytest.raises(ConnectionError):
            await broken_off()

        assert await counting(place) == {}


class TestJudging:
    async def test_what_agrees_is_left_alone(self, place: Place) -> None:
        await one_half_paid(place)

        await judge(place, is_whole=True)

        assert await counting(place) == {(1, 1): 60}
        assert await place.store.matchings.unexplained() == []

    async def test_a_removal_that_nobody_told_is_found_by_the_report(self, place: Place) -> None:
        await one_half_paid(place)

        await renew(place, RECEIVABLE, [an_open(sale(1), 100, 100), an_open(payment(1), -60, -60)])
        await judge(place)

        assert await counting(place) == {}
        assert await place.store.matchings.unexplained() == []

    async def test_it_counts_again_once_the_report_agrees_again(self, place: Place) -> None:
        await one_half_paid(place)
        await renew(place, RECEIVABLE, [an_open(sale(1), 100, 100), an_open(payment(1), -60, -60)])
        await judge(place)

        await renew(place, RECEIVABLE, [an_open(sale(1), 100, 40)])
        await judge(place)

        assert await counting(place) == {(1, 1): 60}
        assert await corrections(place) == {}

    async def test_a_matching_without_one_of_its_bookings_does_not_count(self, place: Place) -> None:
        await one_half_paid(place)

        await publish(place, EVERYTHING, deleted=[payment(1)])
        await renew(place, RECEIVABLE, [an_open(sale(1), 100, 100)])
        await judge(place)

        assert await counting(place) == {}
        assert await corrections(place) == {}

    async def test_what_is_settled_and_no_matching_says_so_is_corrected_from_the_day_that_found_it(
        self, place: Place
    ) -> None:
        await one_half_paid(place)
        later, last = DAY + timedelta(days=1), DAY + timedelta(days=2)

        await renew(place, RECEIVABLE, [an_open(sale(1), 100, 30)])
        await judge(place, later)
        await renew(place, RECEIVABLE, [])
        await judge(place, last)

        assert await corrections(place) == {("V1", 1, later): 10, ("V1", 1, last): 30}
        [unexplained] = await place.store.matchings.unexplained()
        assert (unexplained.type, unexplained.groups, unexplained.amount) == (RECEIVABLE, 1, Decimal(40))
        assert [(group.booking_code, amount) for group, amount in unexplained.some] == [("2-V1-1", Decimal(40))]

        await publish(place, EVERYTHING, *booked(payment(2), -40))
        await tell_matchings(place, [a_matching(1, 2, 40)], [])
        await judge(place, last)

        assert await corrections(place) == {}

    async def test_matchings_of_accounts_explain_nothing_of_clients(self, place: Place) -> None:
        await one_half_paid(place)

        await tell_matchings(place, [a_matching(1, 1, 60, kind="A")], [])
        await judge(place)

        assert await corrections(place) == {("V1", 1, DAY): 60, ("F1", 1, DAY): -60}

    async def test_an_item_without_a_line_is_not_corrected(self, place: Place) -> None:
        await one_half_paid(place)

        await renew(place, RECEIVABLE, [an_open(sale(1), 100, 40), an_open(sale(9), 7, 7)])
        await judge(place)

        assert await place.store.matchings.unexplained() == []

    async def test_bookyears_that_were_not_asked_for_are_left_alone(self, place: Place) -> None:
        await one_half_paid(place)

        await renew(place, RECEIVABLE, [])
        await place.store.matchings.judge(CONTROL, [1], DAY, is_whole=True)

        assert await counting(place) == {(1, 1): 60}
        assert await corrections(place) == {}

    async def test_nothing_is_judged_where_clients_and_suppliers_share_an_account(self, place: Place) -> None:
        await one_half_paid(place)

        await renew(place, RECEIVABLE, [])
        await place.store.matchings.judge({PAYABLE: [400000]}, [2], DAY, is_whole=False)

        assert await corrections(place) == {}


# --- any history ----------------------------------------------------------------------------------------------------

numbers = st.integers(1, 3)
amounts = st.sampled_from((10, 20, 30))
told_matchings = st.builds(a_matching, numbers, numbers, amounts)
bookings = st.one_of(
    st.builds(lambda number, amount: booked(sale(number), amount), numbers, amounts),
    st.builds(lambda number, amount: booked(payment(number), -amount), numbers, amounts),
)
open_items = st.one_of(
    st.builds(lambda number, amount: an_open(sale(number), amount, amount), numbers, amounts),
    st.builds(lambda number, amount: an_open(payment(number), -amount, -amount), numbers, amounts),
)
reports = st.lists(open_items, max_size=4)
items_of_several = st.builds(
    lambda item, relation, due: replace(item, relation=relation, due_date=due),
    open_items,
    st.sampled_from((None, 5, 6)),
    st.sampled_from((None, DAY - timedelta(days=40), DAY + timedelta(days=1))),
)
runs = st.tuples(
    st.lists(bookings, max_size=3),
    st.lists(numbers, max_size=2).map(lambda deleted: [sale(number) for number in deleted]),
    st.lists(told_matchings, max_size=3),
    st.lists(told_matchings.map(lambda it: it.pair), max_size=2),
    reports,
    st.booleans(),
)

ALL = """
    SELECT 'line', 'RECEIVABLE', bookyear, CASE journal_type WHEN 2 THEN 'V1' ELSE 'F1' END, document_number, amount
    FROM ledger_line WHERE administration_id = :id AND account = 400000
    UNION ALL
    SELECT 'matching', 'RECEIVABLE', debit_bookyear, debit_journal_key, debit_document_number, -amount
    FROM matching WHERE administration_id = :id AND counts
    UNION ALL
    SELECT 'matching', 'RECEIVABLE', credit_bookyear, credit_journal_key, credit_document_number, credit_amount
    FROM matching WHERE administration_id = :id AND counts
    UNION ALL
    SELECT 'correction', type, bookyear, journal_key, document_number, -amount
    FROM matching_correction WHERE administration_id = :id
    UNION ALL
    SELECT 'item', type, bookyear, journal_key, document_number, -amount_outstanding
    FROM outstanding_item WHERE administration_id = :id
"""


@settings(
    max_examples=examples(ordinarily=8, in_a_soak=500),
    deadline=None,
    phases=phases(),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=st.lists(runs, min_size=1, max_size=5))
async def test_after_every_run_documents_less_matchings_and_corrections_are_the_report(
    engine: AsyncEngine,
    history: list[
        tuple[
            list[list[LedgerLine]],
            list[BookingKey],
            list[Matching],
            list[MatchedPair],
            list[OutstandingItem],
            bool,
        ]
    ],
) -> None:
    place = InPostgres(engine, of_an_own_organisation())
    await begin(place)
    await publish(place, Chunk(2, 2))
    for day, (lines, deleted, matched, removed, report, is_whole) in enumerate(history):
        kept = {BookingKey(*of[0][:4]): of for of in lines}
        changes = [line for of in kept.values() for line in of]
        await publish(place, EVERYTHING, *changes, deleted=deleted)
        await tell_matchings(place, matched, removed, is_whole=is_whole)
        await renew(place, RECEIVABLE, list({(it.journal_key, it.document_number): it for it in report}.values()))
        await judge(place, DAY + timedelta(days=day), is_whole=is_whole)

        left: dict[object, Decimal] = {}
        has_line = set[object]()
        for what, *group, amount in await place.rows(ALL):
            left[tuple(group)] = left.get(tuple(group), ZERO) + amount
            has_line |= {tuple(group)} if what == "line" else set()
        assert {group: amount for group, amount in left.items() if amount and group in has_line} == {}


@settings(
    max_examples=examples(ordinarily=8, in_a_soak=500),
    deadline=None,
    phases=phases(),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=st.lists(st.tuples(st.integers(0, 2), st.lists(items_of_several, max_size=6)), min_size=1, max_size=6))
async def test_every_day_keeps_the_report_that_was_found_last_on_it(
    engine: AsyncEngine, history: list[tuple[int, list[OutstandingItem]]]
) -> None:
    """Whatever changes, comes back or goes, several times on one day or after days without a report."""
    place = InPostgres(engine, of_an_own_organisation())
    await begin(place)
    day, last_of = DAY, dict[date, list[tuple[str, int, Decimal]]]()
    reported = dict[date, list[OutstandingItem]]()
    for days, report in history:
        day += timedelta(days=days)
        items = list({(it.journal_key, it.document_number): it for it in report}.values())
        async with place.store.open_items.stage(RECEIVABLE) as stage:
            await stage.add(items)
            await stage.publish(day)
        last_of[day] = sorted((it.journal_key, it.document_number, it.amount_outstanding) for it in items)
        reported[day] = items

    await _sums_are_those_of(place, reported)
    found = await place.rows("SELECT day FROM outstanding_snapshot WHERE administration_id = :id")
    assert {day for (day,) in found} == set(last_of)
    for day, expected in last_of.items():
        rows = await place.rows(
            f"""SELECT journal_key, document_number, amount_outstanding FROM outstanding_item
                WHERE administration_id = :id AND found_on <= '{day}'
                UNION ALL
                SELECT journal_key, document_number, amount_outstanding FROM outstanding_item_past
                WHERE administration_id = :id AND '{day}' BETWEEN found_on AND last_found_on"""
        )
        assert sorted(rows) == expected


async def _sums_are_those_of(place: InPostgres, reported: Mapping[date, Sequence[OutstandingItem]]) -> None:
    """What is kept of the items of each day adds up to them."""
    buckets, id, days = ageing_buckets([1, 30]), place.administration.id, sorted(reported)
    for today in (days[-1], days[-1] + timedelta(days=1)):
        clock = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
        readers = SqlReaders(place.engine, partial(datetime.astimezone, clock, UTC))
        async with readers(place.administration.organisation_id) as reader:
            totals = await reader.outstanding_reports(id, RECEIVABLE, buckets, days)
            largest = await reader.outstanding_by_relation(id, RECEIVABLE, buckets, 2, days)
        for day, items in reported.items():
            assert totals[day].totals == outstanding_totals(items, day, buckets)
            assert largest[day] == largest_relations(items, day, buckets, 2)


async def test_a_report_that_did_not_change_writes_nothing(engine: AsyncEngine) -> None:
    place = InPostgres(engine, of_an_own_organisation())
    await begin(place)
    versions = "SELECT ctid::text, xmin::text, found_on FROM outstanding_item WHERE administration_id = :id"
    found: list[object] = []
    for day in (DAY, DAY + timedelta(days=3)):
        async with place.store.open_items.stage(RECEIVABLE) as stage:
            await stage.add([an_open(sale(1), 100, 40), an_open(payment(1), -60, -60)])
            await stage.publish(day)
        found.append(await place.rows(versions))

    assert found[0] == found[1]
    assert await place.rows("SELECT 1 FROM outstanding_item_past WHERE administration_id = :id") == []
