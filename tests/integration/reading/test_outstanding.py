from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

import pytest

from monitr.adapters.sql.database import tables
from monitr.application.reading.outstanding_items import (
    OutstandingFilter,
    OutstandingItemRow,
    OutstandingReport,
    PastDateNotAvailable,
)
from monitr.application.reading.reader import Reader
from monitr.domain.accounting.days_outstanding import TRADE
from monitr.domain.accounting.open_items_at import OutstandingBasis
from monitr.domain.accounting.outstanding_items import (
    OutstandingItem,
    OutstandingItemType,
    ageing_buckets,
    largest_relations,
    outstanding_totals,
)
from monitr.domain.organisation import AdministrationId
from tests.integration.reading.conftest import Mine
from tests.integration.reading.stored_books import NOON, Place, last_day
from tests.unit.domain.open_items import Books, Matching, an_item

TODAY = NOON.date()
RECEIVABLE, PAYABLE = OutstandingItemType.RECEIVABLE, OutstandingItemType.PAYABLE
MATCHING, CORRECTION, CONTROL_ACCOUNT, PAST, SNAPSHOT = (
    tables.metadata.tables[name]
    for name in (
        "matching",
        "matching_correction",
        "control_account",
        "outstanding_item_past",
        "outstanding_snapshot",
    )
)
ACCOUNTS = {RECEIVABLE: 400000, PAYABLE: 440000}
BUCKETS = ageing_buckets([30, 60, 90])
ALL = OutstandingFilter()
MONTH_ENDS = [last_day(date(2025 + month // 12, month % 12 + 1, 1)) for month in range(9, 22)]


def due(number: int, days_overdue: int, amount: str, **changes: object) -> OutstandingItem:
    given = {"due_date": TODAY - timedelta(days=days_overdue), "amount": Decimal(1000), **changes}
    return an_item(number, amount_outstanding=Decimal(amount), **given)


def stored(id: AdministrationId, item: OutstandingItem, **more: object) -> dict[str, Any]:
    return {"administration_id": id, **{one.name: getattr(item, one.name) for one in fields(item)}, **more}


async def books_with(place: Place, items: Sequence[OutstandingItem]) -> AdministrationId:
    id = await place.an_administration()
    await place.rows(tables.outstanding_item, [stored(id, item) for item in items])
    return id


def random_items(count: int) -> list[OutstandingItem]:
    random = Random(11)
    return [
        due(
            number,
            random.choice((-10, 0, 1, 30, 31, 60, 61, 90, 91, 400)),
            f"{random.randint(-5000, 5000)}.{random.randint(10, 99)}",
            journal_key=random.choice(("V1", "V10", "V2", "F1")),
            relation=random.choice((None, 5, 6, 7)),
            **({"due_date": None, "document_date": date(2026, 11, 1)} if number % 10 == 0 else {}),
        )
        for number in range(1, count + 1)
    ]


async def report_on(reader: Reader, id: AdministrationId, day: date) -> OutstandingReport:
    return (await reader.outstanding_reports(id, RECEIVABLE, BUCKETS, [day]))[day]


async def items_on(
    reader: Reader, id: AdministrationId, day: date, filter: OutstandingFilter = ALL, *, type: Any = RECEIVABLE
) -> list[OutstandingItemRow]:
    """Page by page."""
    found, after = list[OutstandingItemRow](), None
    while True:
        page = await reader.outstanding_items(id, type, day, filter, 4, after)
        found += page.rows
        if not page.has_next:
            assert page.total == len(found)
            return found
        after = page.cursors[-1]


# --- the report as it is now ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days_ahead", "bounds"), [(0, [30, 60, 90]), (15, [1, 2**31 - 1])], ids=["today", "later, in other buckets"]
)
async def test_the_report_is_aged_on_the_day_that_is_asked_for(
    place: Place, reader: Mine, days_ahead: int, bounds: list[int]
) -> None:
    """Sums, which say what the items say."""
    items, buckets = random_items(60), ageing_buckets(bounds)
    id = await books_with(place, [*items, due(1, 5, "77.00", type=PAYABLE)])
    as_of = TODAY + timedelta(days=days_ahead)

    async with reader() as mine:
        nobody = await place.an_administration(2)
        reports = [(await mine.outstanding_reports(each, RECEIVABLE, buckets, [as_of]))[as_of] for each in (id, nobody)]
        largest = await mine.outstanding_by_relation(id, RECEIVABLE, buckets, 3, [as_of])

    assert reports == [
        OutstandingReport(OutstandingBasis.CURRENT, outstanding_totals(its, as_of, buckets)) for its in (items, [])
    ]
    assert largest == {as_of: largest_relations(items, as_of, buckets, 3)}


async def test_items_page_from_the_oldest_due_date(place: Place, reader: Mine) -> None:
    items = random_items(25)
    id = await books_with(place, items)

    async with reader() as mine:
        found = await items_on(mine, id, TODAY)

    days = [row.due_date or row.document_date for row in found]
    assert days == sorted(days)
    assert sorted((row.booking_code, row.days_overdue, row.amount_outstanding) for row in found) == sorted(
        (f"1-{item.journal_key}-{item.document_number}", item.days_overdue(TODAY), item.amount_outstanding)
        for item in items
    )
    assert len({row.id for row in found}) == 25


@pytest.mark.parametrize(
    "filter",
    [OutstandingFilter(6), OutstandingFilter(overdue_only=True), OutstandingFilter(6, overdue_only=True)],
    ids=["of a relation", "overdue", "both"],
)
async def test_a_filter_narrows_the_items_and_their_number(
    place: Place, reader: Mine, filter: OutstandingFilter
) -> None:
    items = random_items(40)
    id = await books_with(place, items)

    async with reader() as mine:
        found = await items_on(mine, id, TODAY, filter)

    wanted = [item for item in items if filter.relation_number in (None, item.relation)]
    if filter.overdue_only:
        wanted = [item for item in wanted if item.days_overdue(TODAY)]
    assert sorted(row.booking_code[4:] for row in found) == sorted(
        f"{item.journal_key}-{item.document_number}"[2:] for item in wanted
    )


# --- past days --------------------------------------------------------------------------------------------------------


def random_books(type: OutstandingItemType, documents: int) -> Books:
    """Invoices, credit notes and payments, half of which are matched, some in parts."""
    random, invoices = Random(f"books of {type}"), "V" if type is RECEIVABLE else "A"
    items = list[OutstandingItem]()
    for number in range(1, documents + 1) if type is RECEIVABLE else range(1001, documents + 1001):
        amount = Decimal(random.randint(-900, 1500)).scaleb(-1) or Decimal(1)
        journal = f"{invoices}1" if amount > 0 or random.random() < 0.3 else "F1"
        day = date(2025, 9, 1) + timedelta(days=random.randint(0, 440))
        items.append(
            an_item(
                number,
                type=type,
                journal_key=journal,
                line_sequence=1 if journal == "F1" else -1,
                relation=random.choice((5, 6, 7)),
                document_date=day,
                due_date=None if journal == "F1" else day + timedelta(days=random.choice((0, 14, 60))),
                amount=amount.quantize(Decimal("0.01")),
                currency_amount=amount.quantize(Decimal("0.01")),
                description=f"Document {number}",
            )
        )
    left, matchings = [item.amount for item in items], list[Matching]()
    for _ in range(documents):
        invoice, payment = random.randrange(documents), random.randrange(documents)
        most = min(left[invoice], -left[payment])
        if most > 0 and items[invoice].relation == items[payment].relation:
            matched = most if random.random() < 0.7 else (most / 2).quantize(Decimal("0.01")) or most
            left[invoice] -= matched
            left[payment] += matched
            matchings.append(Matching(invoice, payment, matched))
    return Books(items, [*{(one.invoice, one.payment): one for one in matchings}.values()])


JOURNAL_TYPES = {"A": 1, "V": 2, "F": 3}


async def imported(place: Place, *books: Books, dossier: int = 1) -> AdministrationId:
    """The ledger numbers its lines otherwise than Octopus's report does."""
    id = await place.an_administration(dossier)
    await place.rows(
        tables.journal,
        [
            {"administration_id": id, "bookyear": 1, "type": letter, "number": 1, "name": "", "closed": False}
            for letter in JOURNAL_TYPES
        ],
    )
    for one in books:
        type = one.items[0].type
        sign = 1 if type is RECEIVABLE else -1
        lines = [
            {
                "bookyear": 1,
                "journal_type": JOURNAL_TYPES[item.journal_key[0]],
                "document_number": item.document_number,
                "ordinal": ordinal,
                "line_sequence": ordinal,
                "effective_date": item.document_date,
                "due_date": item.due_date,
                "account": account,
                "amount": amount,
                "currency_amount": amount,
                "relation": item.relation if ordinal == 2 else None,
                "description": item.description,
            }
            for item in one.items
            for ordinal, account, amount in (
                (1, 550000, -sign * item.amount),
                (2, ACCOUNTS[type], sign * item.amount),
            )
        ]
        await place.lines(id, lines)
        await place.rows(MATCHING, [_matching(id, one, matching) for matching in one.matchings])
        report = [replace(item, currency_amount_outstanding=item.amount_outstanding) for item in one.report()]
        await place.rows(tables.outstanding_item, [stored(id, item, found_on=TODAY) for item in report])
        await place.rows(CONTROL_ACCOUNT, [{"administration_id": id, "type": type, "account": ACCOUNTS[type]}])
        await place.rows(SNAPSHOT, [{"administration_id": id, "type": type, "day": TODAY}])
    return id


def _matching(id: AdministrationId, books: Books, matching: Matching) -> dict[str, Any]:
    invoice, payment = books.items[matching.invoice], books.items[matching.payment]
    sides = (invoice, payment) if invoice.type is RECEIVABLE else (payment, invoice)
    parts = ("bookyear", "journal_key", "document_number", "line_sequence")
    return {
        "administration_id": id,
        **{
            f"{name}_{part}": getattr(side, part)
            for name, side in zip(("debit", "credit"), sides, strict=True)
            for part in parts
        },
        "kind": "C" if invoice.type is RECEIVABLE else "S",
        "relation": invoice.relation,
        "account": ACCOUNTS[invoice.type],
        "amount": matching.amount,
        "credit_amount": matching.amount,
        "debit_date": sides[0].document_date,
        "credit_date": sides[1].document_date,
        "matched_on": books.matched_on(matching),
    }


async def test_thirteen_month_ends_are_the_documents_less_the_matchings_up_to_each(place: Place, reader: Mine) -> None:
    books = {type: random_books(type, 150) for type in (RECEIVABLE, PAYABLE)}
    id = await imported(place, *books.values())

    async with reader() as mine:
        for type, its in books.items():
            reports = await mine.outstanding_reports(id, type, BUCKETS, MONTH_ENDS)
            largest = await mine.outstanding_by_relation(id, type, BUCKETS, 2, MONTH_ENDS)
            assert list(reports) == list(largest) == MONTH_ENDS
            for day, report in reports.items():
                assert report.basis is OutstandingBasis.REBUILT
                assert report.totals == outstanding_totals(its.standing(day), day, BUCKETS)
                assert largest[day] == largest_relations(its.standing(day), day, BUCKETS, 2)
                found = await items_on(mine, id, day, type=type)
                assert {_told(row) for row in found} == {_meant(item) for item in its.standing(day)}


def _told(row: OutstandingItemRow) -> tuple[object, ...]:
    whole = (row.booking_code, row.relation, row.document_date, row.due_date, row.description)
    return (*whole, row.amount, row.amount_outstanding, row.currency_amount_outstanding)


def _meant(item: OutstandingItem) -> tuple[object, ...]:
    code = f"{item.bookyear}-{item.journal_key}-{item.document_number}"
    whole = (code, item.relation, item.document_date, item.due_date, item.description)
    return (*whole, item.amount, item.amount_outstanding, item.amount_outstanding)


async def test_many_days_take_as_many_statements_as_one_of_each_basis(
    place: Place, reader: Mine, statements: Any
) -> None:
    """What past days take, the report, the settlements and what was traded; and of reported days three times sums."""
    id = await imported(place, random_books(RECEIVABLE, 20))
    found, now = [date(2025, 6, 30), date(2025, 7, 31)], last_day(TODAY.replace(day=1))
    await place.rows(SNAPSHOT, [{"administration_id": id, "type": RECEIVABLE, "day": day} for day in found])
    sent = list[int]()

    for days in (MONTH_ENDS, MONTH_ENDS[:1], [*MONTH_ENDS, *found, now], [MONTH_ENDS[0], now]):
        async with reader() as mine:
            with statements() as sql:
                await mine.outstanding_reports(id, RECEIVABLE, BUCKETS, days)
                await mine.outstanding_by_relation(id, RECEIVABLE, BUCKETS, 20, days)
                await mine.days_outstanding(id, RECEIVABLE, days)
                sent.append(len(sql))

    assert sent == [4, 4, 7, 7]


async def test_a_page_of_now_takes_a_statement_and_their_number_another_once(
    place: Place, reader: Mine, statements: Any
) -> None:
    id = await books_with(place, random_items(9))
    async with reader() as mine:
        with statements() as sql:
            assert len(await items_on(mine, id, TODAY)) == 9
    assert len(sql) == 4


async def test_a_day_of_an_import_shows_what_it_found(place: Place, reader: Mine) -> None:
    """What is listed still, and what was until a later day; whatever dates the documents have."""
    books, day = random_books(RECEIVABLE, 30), TODAY - timedelta(days=40)
    id = await imported(place, books)
    items = [replace(each, document_number=each.document_number + 900) for each in random_items(20)]
    still, earlier, later = items[:6], items[6:12], items[12:]
    before, since = timedelta(days=-9), timedelta(days=9)
    await place.rows(SNAPSHOT, [{"administration_id": id, "type": RECEIVABLE, "day": day}])
    await place.rows(tables.outstanding_item, [stored(id, item, found_on=day) for item in still])
    await place.rows(
        PAST,
        [
            *(stored(id, item, found_on=day + before, last_found_on=day) for item in earlier),
            *(stored(id, item, found_on=day, last_found_on=day + since) for item in later),
            stored(id, due(803, 0, "44.00"), found_on=day + before, last_found_on=day - timedelta(days=1)),
            stored(id, due(804, 0, "88.00", type=PAYABLE), found_on=day, last_found_on=day),
        ],
    )

    async with reader() as mine:
        report, other = await report_on(mine, id, day), await report_on(mine, id, day - timedelta(days=1))
        largest = await mine.outstanding_by_relation(id, RECEIVABLE, BUCKETS, 2, [day])
        rows = [await items_on(mine, id, day, filter) for filter in (ALL, OutstandingFilter(6, overdue_only=True))]

    assert report == OutstandingReport(OutstandingBasis.SNAPSHOT, outstanding_totals(items, day, BUCKETS))
    assert largest == {day: largest_relations(items, day, BUCKETS, 2)}
    late = [item for item in items if item.relation == 6 and item.due < day]
    for found, meant in zip(rows, (items, late), strict=True):
        codes = [(item.due, f"1-{item.journal_key}-{item.document_number}") for item in meant]
        assert [(row.due_date or row.document_date, row.booking_code) for row in found] == sorted(
            codes, key=lambda one: (one[0], one[1].rpartition("-")[0], int(one[1].rpartition("-")[2]))
        )
    assert other.basis is OutstandingBasis.REBUILT


async def test_a_matching_that_does_not_count_settles_nothing_and_a_correction_does(place: Place, reader: Mine) -> None:
    """What the report shows otherwise than the matchings, since the day that found it."""
    invoice, payment = an_item(1), an_item(2, amount=Decimal(-100), journal_key="F1", document_date=date(2026, 3, 1))
    id = await imported(place, Books([invoice, payment], []))
    matching = _matching(id, Books([invoice, payment], []), Matching(0, 1, Decimal(100)))
    await place.rows(MATCHING, [matching | {"counts": False}])
    correction = {"administration_id": id, "type": RECEIVABLE, "bookyear": 1, "journal_key": "V1", "relation": 5}
    await place.rows(
        CORRECTION,
        [
            correction | {"document_number": 1, "line_sequence": -1, "found_on": day, "amount": Decimal(amount)}
            for day, amount in ((date(2026, 5, 1), "7.00"), (date(2026, 8, 1), "-2.00"))
        ],
    )

    async with reader() as mine:
        days = [date(2026, 2, 1), date(2026, 6, 1), date(2026, 9, 1)]
        reports = await mine.outstanding_reports(id, RECEIVABLE, BUCKETS, days)

    assert [reports[day].totals.invoices for day in days] == [Decimal(105), Decimal(98), Decimal(100)]


@pytest.mark.parametrize("read", ["nothing yet", "no matchings, though something is settled"])
async def test_a_past_day_is_refused_until_an_import_has_read_the_matchings(
    place: Place, reader: Mine, read: str
) -> None:
    id, yesterday = await books_with(place, [an_item()]), TODAY - timedelta(days=1)
    day = TODAY - timedelta(days=20)
    if read != "nothing yet":
        await place.rows(SNAPSHOT, [{"administration_id": id, "type": RECEIVABLE, "day": day}])
        found = {"bookyear": 1, "journal_key": "V1", "document_number": 1, "line_sequence": -1, "relation": 5}
        rest = {"type": RECEIVABLE, "found_on": TODAY, "amount": Decimal(1)}
        await place.rows(CORRECTION, [{"administration_id": id, **found, **rest}])

    async with reader() as mine:
        with pytest.raises(PastDateNotAvailable, match="2026-11-22"):
            await report_on(mine, id, yesterday)
        with pytest.raises(PastDateNotAvailable):
            await mine.days_outstanding(id, RECEIVABLE, [TODAY, yesterday])
        with pytest.raises(PastDateNotAvailable):
            await mine.outstanding_items(id, RECEIVABLE, yesterday, ALL, 20, None)
        if read != "nothing yet":
            assert (await report_on(mine, id, day)).basis is OutstandingBasis.SNAPSHOT


async def test_where_nothing_was_ever_settled_there_is_nothing_to_read(place: Place, reader: Mine) -> None:
    id = await imported(place, Books([an_item()], []))
    async with reader() as mine:
        assert (await report_on(mine, id, date(2026, 6, 30))).totals.invoices == Decimal(100)


# --- days outstanding -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("type", [RECEIVABLE, PAYABLE])
async def test_days_outstanding_hold_the_total_against_the_year_up_to_the_day(
    place: Place, reader: Mine, type: OutstandingItemType
) -> None:
    """Days in the middle of a month too, of which the kept sums tell nothing."""
    random, numbers = Random(7), count(1)
    id = await books_with(place, [replace(an_item(), type=type)])
    lines: list[dict[str, Any]] = [
        {
            "bookyear": 1,
            "journal_type": random.choice((1, 2, 4)),
            "document_number": next(numbers),
            "effective_date": TODAY - timedelta(days=random.randint(-40, 460)),
            "account": random.choice((600000, 604000, 609000, 611000, 411000, 451000, 700000, 740000, 743000, 550000)),
            "amount": Decimal(random.randint(-900, 900)) + (500 if type is PAYABLE else -500),
        }
        for _ in range(300)
    ]
    await place.lines(id, lines)
    days = [TODAY, TODAY + timedelta(days=8), date(2027, 1, 31)]

    async with reader() as mine:
        found = await mine.days_outstanding(id, type, days)

    trade = TRADE[type]
    for day in days:
        traded = trade.sign * sum(
            line["amount"]
            for line in lines
            if day - timedelta(days=365) < line["effective_date"] <= day
            and trade.takes(line["account"], line["journal_type"])
        )
        assert found[day] == (Decimal(100) / traded * 365).quantize(Decimal("0.01"))
