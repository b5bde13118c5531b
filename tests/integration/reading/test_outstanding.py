from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from monitr.adapters.sql.database import tables
from monitr.application.reading.outstanding_items import OutstandingItemRow, PastDateNotAvailable
from monitr.domain.accounting.outstanding_items import OutstandingItem, OutstandingItemType, ageing_buckets
from monitr.domain.organisation import AdministrationId
from tests.integration.reading.conftest import Mine
from tests.integration.reading.stored_books import NOON, Place

TODAY = NOON.date()
RECEIVABLE, PAYABLE = OutstandingItemType.RECEIVABLE, OutstandingItemType.PAYABLE


def an_item(number: int, days_overdue: int, amount: str, **changes: object) -> OutstandingItem:
    values = {
        "type": RECEIVABLE,
        "bookyear": 1,
        "journal_key": "V1",
        "document_number": number,
        "line_sequence": -1,
        "relation": 5,
        "document_date": date(2026, 1, 1),
        "due_date": TODAY - timedelta(days=days_overdue),
        "amount": Decimal(1000),
        "amount_outstanding": Decimal(amount),
        "currency": "EUR",
        "currency_amount": None,
        "currency_amount_outstanding": None,
        "description": None,
        "reference": None,
        **changes,
    }
    return OutstandingItem(**values)  # type: ignore[arg-type]  # a builder's defaults and changes are of any type


async def books_with(place: Place, items: Sequence[OutstandingItem]) -> AdministrationId:
    id = await place.an_administration()
    await place.rows(
        tables.outstanding_item,
        [
            {"administration_id": id, "ordinal": 1}
            | {name: getattr(item, name) for name in OutstandingItem.__dataclass_fields__}
            for item in items
        ],
    )
    return id


def random_items(count: int) -> list[OutstandingItem]:
    random = Random(11)
    return [
        an_item(
            number,
            random.choice((-10, 0, 1, 30, 31, 60, 61, 90, 91, 400)),
            f"{random.randint(-5000, 5000)}.{random.randint(10, 99)}",
            journal_key=random.choice(("V1", "V10", "V2", "F1")),
            relation=random.choice((None, 5, 6, 7)),
            **({"due_date": None, "document_date": date(2026, 11, 1)} if number % 10 == 0 else {}),
        )
        for number in range(1, count + 1)
    ]


@pytest.mark.parametrize("days_ahead", [0, 15])
async def test_the_buckets_age_every_item_and_add_up_to_the_total(place: Place, reader: Mine, days_ahead: int) -> None:
    items = random_items(60)
    id = await books_with(place, [*items, an_item(1, 5, "77.00", type=PAYABLE)])
    as_of = TODAY + timedelta(days=days_ahead)
    buckets = ageing_buckets([30, 60, 90])

    async with reader() as mine:
        summary = await mine.outstanding_summary(id, RECEIVABLE, as_of, buckets)
        nothing = await mine.outstanding_summary(await place.an_administration(2), RECEIVABLE, as_of, buckets)

    for row, bucket in zip(summary.buckets, buckets, strict=True):
        of_it = [item for item in items if bucket.holds(item.days_overdue(as_of))]
        assert (row.bucket, row.count, row.amount) == (bucket, len(of_it), sum(i.amount_outstanding for i in of_it))
    assert sum(row.amount for row in summary.buckets) == summary.total
    assert summary.overdue == sum(item.amount_outstanding for item in items if item.days_overdue(as_of))
    assert nothing.total == nothing.overdue == 0
    assert [row.count for row in nothing.buckets] == [0] * 5


async def test_an_item_is_overdue_from_the_day_after_it_is_due(place: Place, reader: Mine) -> None:
    tomorrow = TODAY + timedelta(days=1)
    id = await books_with(
        place,
        [
            an_item(1, 1, "1", relation=1),
            an_item(2, 0, "20", relation=2),
            an_item(3, -1, "300", relation=3),
            an_item(4, 0, "4000", relation=4, due_date=None, document_date=TODAY),
            an_item(5, 0, "50000", relation=5, document_date=TODAY - timedelta(days=30)),
        ],
    )

    async with reader() as mine:
        for day, overdue in ((TODAY, "1"), (tomorrow, "54021")):
            summary = await mine.outstanding_summary(id, RECEIVABLE, day, ageing_buckets([30]))
            by_relation = await mine.outstanding_by_relation(id, RECEIVABLE, day, 20)
            assert (summary.total, summary.overdue) == (Decimal(54321), Decimal(overdue))
            assert sum(row.overdue for row in by_relation) == Decimal(overdue)
        items = await mine.outstanding_items(id, RECEIVABLE, tomorrow, 20, None)

    assert {row.relation: row.days_overdue for row in items.rows} == {1: 2, 2: 1, 3: 0, 4: 1, 5: 1}


async def test_relations_come_with_the_largest_amount_first(place: Place, reader: Mine) -> None:
    id = await books_with(
        place,
        [
            an_item(1, 10, "100", relation=6),
            an_item(2, -10, "300", relation=6),
            an_item(3, 40, "-50", relation=7),
            an_item(4, 1, "75", relation=None, due_date=None, document_date=TODAY),
        ],
    )

    async with reader() as mine:
        totals = await mine.outstanding_by_relation(id, RECEIVABLE, TODAY, 20)
        largest = await mine.outstanding_by_relation(id, RECEIVABLE, TODAY, 1)

    assert [(row.relation, row.amount, row.overdue, row.oldest_due_date) for row in totals] == [
        (6, Decimal(400), Decimal(100), TODAY - timedelta(days=10)),
        (None, Decimal(75), Decimal(0), TODAY),
        (7, Decimal(-50), Decimal(-50), TODAY - timedelta(days=40)),
    ]
    assert list(largest) == list(totals[:1])


async def test_items_page_from_the_oldest_due_date(place: Place, reader: Mine) -> None:
    items = random_items(25)
    id = await books_with(place, items)
    found: list[OutstandingItemRow] = []
    after = None

    async with reader() as mine:
        while True:
            page = await mine.outstanding_items(id, RECEIVABLE, TODAY, 4, after)
            found += page.rows
            assert page.total == 25
            if not page.has_next:
                break
            after = page.cursors[-1]

    due = [row.due_date or row.document_date for row in found]
    assert due == sorted(due)
    assert sorted((row.booking_code, row.days_overdue, row.amount_outstanding) for row in found) == sorted(
        (f"1-{item.journal_key}-{item.document_number}", item.days_overdue(TODAY), item.amount_outstanding)
        for item in items
    )
    assert len({row.id for row in found}) == 25


async def test_what_stood_open_on_a_past_day_is_refused(place: Place, reader: Mine) -> None:
    id = await books_with(place, [an_item(1, 0, "1")])
    yesterday = TODAY - timedelta(days=1)

    async with reader() as mine:
        with pytest.raises(PastDateNotAvailable, match="2026-11-22"):
            await mine.outstanding_summary(id, RECEIVABLE, yesterday, ageing_buckets([30]))
        with pytest.raises(PastDateNotAvailable):
            await mine.outstanding_by_relation(id, RECEIVABLE, yesterday, 20)
        with pytest.raises(PastDateNotAvailable):
            await mine.outstanding_items(id, RECEIVABLE, yesterday, 20, None)
