from datetime import date
from decimal import Decimal

from monitr.adapters.sql.database import tables
from monitr.application.reading.fixed_assets import AssetCategory, DepreciationMonth
from monitr.domain.organisation import AdministrationId
from tests.integration.reading.conftest import Mine
from tests.integration.reading.stored_books import Place
from tests.unit.domain.random_books import ZERO, Ledger, Line


def line(bookyear: int, document: int, day: date, account: int, amount: str, *, is_opening: bool = False) -> Line:
    return Line(bookyear, document, day, account, 0, Decimal(amount), is_opening)


# A machine and a car in 2024, both depreciated at the end of the year; 2025 is opened, the car is sold in May.
LEDGER = Ledger(
    {1: date(2024, 1, 1), 2: date(2025, 1, 1)},
    date(2025, 12, 31),
    [
        line(1, 1, date(2024, 2, 10), 230000, "1000.00"),
        line(1, 2, date(2024, 3, 10), 241000, "500.00"),
        line(1, 3, date(2024, 3, 10), 280000, "200.00"),
        line(1, 4, date(2024, 12, 31), 230009, "-100.00"),
        line(1, 5, date(2024, 12, 31), 241009, "-125.00"),
        *(
            line(2, 1, date(2025, 1, 1), account, amount, is_opening=True)
            for account, amount in [
                (230000, "1000.00"),
                (230009, "-100.00"),
                (241000, "500.00"),
                (241009, "-125.00"),
                (280000, "200.00"),
            ]
        ),
        line(2, 2, date(2025, 5, 5), 241000, "-500.00"),
        line(2, 2, date(2025, 5, 5), 241009, "125.00"),
        line(2, 3, date(2025, 6, 30), 230009, "-50.00"),
        line(2, 4, date(2025, 6, 30), 400000, "75.00"),
    ],
)


async def fixed_assets(place: Place) -> AdministrationId:
    id = await place.ledger(LEDGER)
    await place.rows(
        tables.fixed_asset,
        [
            {
                "administration_id": id,
                "bookyear": 1,
                "journal_type": 1,
                "journal_number": 1,
                "document_number": document,
                "ordinal": 1,
                "account": account,
                "counted_from": day,
                "acquired_on": None if name == "Lathe" else day,
                "acquisition_value": Decimal(value),
                "description": name,
                "relation": 9,
            }
            for document, account, day, value, name in [
                (1, 230000, date(2024, 2, 10), 1000, "Lathe"),
                (2, 241000, date(2024, 3, 10), 500, "Car"),
                (3, 280000, date(2024, 3, 10), 200, "Shares"),
            ]
        ],
    )
    await place.rows(
        tables.account,
        [
            {
                "administration_id": id,
                "bookyear": bookyear,
                "number": number,
                "name_nl": name,
                "name_fr": "",
                "name_en": "",
                "name_de": "",
            }
            for bookyear, number, name in [
                (1, 230000, "Machines"),
                (2, 230000, "Installaties"),
                (2, 230100, "Machines in leasing"),
                (1, 241000, "Rollend materieel"),
                (2, 241009, "Geboekte afschrijvingen"),
                (2, 280000, "Deelnemingen"),
            ]
        ],
    )
    return id


async def test_categories_stand_on_the_balances_of_the_day(place: Place, reader: Mine) -> None:
    id = await fixed_assets(place)

    async with reader() as mine:
        then = await mine.asset_categories(id, date(2024, 12, 31))
        now = await mine.asset_categories(id, date(2025, 6, 30))

    assert list(then) == [
        AssetCategory("230", "Installaties", Decimal(1000), Decimal(100), Decimal(900)),
        AssetCategory("241", "Rollend materieel", Decimal(500), Decimal(125), Decimal(375)),
        AssetCategory("28", "Financiële vaste activa", Decimal(200), Decimal(0), Decimal(200)),
    ]
    assert [(row.key, row.acquisition_value, row.net_book_value) for row in now] == [
        ("230", Decimal(1000), Decimal(850)),
        ("241", ZERO, ZERO),  # sold, but it was acquired once
        ("28", Decimal(200), Decimal(200)),
    ]


async def test_acquisitions_page_from_the_oldest_and_tell_what_follows(place: Place, reader: Mine) -> None:
    id = await fixed_assets(place)

    async with reader() as mine:
        first = await mine.fixed_assets(id, date(2025, 6, 30), 2, None)
        second = await mine.fixed_assets(id, date(2025, 6, 30), 2, first.cursors[-1])
        early = await mine.fixed_assets(id, date(2024, 2, 28), 10, None)

    assert [
        (row.description, row.booking_code, row.category, row.accumulated_depreciation, row.net_book_value)
        for row in (*first.rows, *second.rows)
    ] == [
        ("Lathe", "1-A1-1", "230", 150, 850),
        ("Car", "1-A1-2", "241", None, None),  # it left the account
        ("Shares", "1-A1-3", "28", 0, 200),
    ]
    assert (first.has_next, second.has_next, first.total) == (True, False, 3)
    assert [(row.description, row.acquired_on, row.net_book_value) for row in early.rows] == [
        ("Lathe", None, Decimal(1000))
    ]
    assert early.total == 1


async def test_the_schedule_holds_the_booked_months_without_openings(place: Place, reader: Mine) -> None:
    id = await fixed_assets(place)

    async with reader() as mine:
        every = await mine.depreciation_schedule(id, date(2025, 6, 30), 12)
        last = await mine.depreciation_schedule(id, date(2025, 6, 29), 1)

    assert list(every) == [
        DepreciationMonth(date(2024, 12, 1), Decimal(225), Decimal(1475), booked=True),
        DepreciationMonth(date(2025, 5, 1), Decimal(-125), Decimal(1100), booked=True),
        DepreciationMonth(date(2025, 6, 1), Decimal(50), Decimal(1050), booked=True),
    ]
    assert [row.month for row in last] == [date(2025, 5, 1)]


async def test_books_without_fixed_assets_have_none(place: Place, reader: Mine) -> None:
    id = await place.an_administration()

    async with reader() as mine:
        assert list(await mine.asset_categories(id, date(2025, 6, 30))) == []
        assert (await mine.fixed_assets(id, date(2025, 6, 30), 10, None)).total == 0
        assert list(await mine.depreciation_schedule(id, date(2025, 6, 30), 12)) == []
