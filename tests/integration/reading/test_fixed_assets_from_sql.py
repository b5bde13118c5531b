from datetime import date
from decimal import Decimal

import pytest

from monitr.adapters.sql.database import tables
from monitr.application.reading.fixed_assets import AssetCategory, DepreciationMonth, UnknownBookyear
from monitr.domain.accounting.asset_movements import MovementLine
from monitr.domain.organisation import AdministrationId
from tests.integration.reading.conftest import Mine
from tests.integration.reading.stored_books import Place
from tests.unit.domain.random_books import ZERO, Ledger, Line


def line(bookyear: int, document: int, day: date, account: int, amount: str, *, is_opening: bool = False) -> Line:
    return Line(bookyear, document, day, account, 0, Decimal(amount), is_opening)


def booking(bookyear: int, document: int, day: date, amounts: dict[int, int]) -> list[Line]:
    return [line(bookyear, document, day, account, f"{amount}.00") for account, amount in amounts.items()]


# A machine and a car in 2024, both depreciated at the end of the year; 2025 is opened, the car is sold in May. The
# depreciation of machines stands on an account that does not end in 9.
LEDGER = Ledger(
    {1: date(2024, 1, 1), 2: date(2025, 1, 1)},
    date(2025, 12, 31),
    [
        *booking(1, 1, date(2024, 2, 10), {230000: 1000, 440000: -1000}),
        *booking(1, 2, date(2024, 3, 10), {241000: 500, 440000: -500}),
        *booking(1, 3, date(2024, 3, 10), {280000: 200, 550000: -200}),
        *booking(1, 4, date(2024, 12, 31), {630200: 225, 230900: -100, 241009: -125}),
        *(
            line(2, 1, date(2025, 1, 1), account, amount, is_opening=True)
            for account, amount in [
                (230000, "1000.00"),
                (230900, "-100.00"),
                (241000, "500.00"),
                (241009, "-125.00"),
                (280000, "200.00"),
            ]
        ),
        *booking(2, 2, date(2025, 5, 5), {241000: -500, 241009: 125, 400000: 363, 451000: -63, 641000: 75}),
        *booking(2, 3, date(2025, 6, 30), {630200: 50, 230900: -50}),
    ],
)


async def fixed_assets(place: Place) -> AdministrationId:
    id = await place.ledger(LEDGER)
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
        AssetCategory("230", "Installaties", Decimal(1000), Decimal(100), Decimal(900), ZERO),
        AssetCategory("241", "Rollend materieel", Decimal(500), Decimal(125), Decimal(375), ZERO),
        AssetCategory("28", "Financiële vaste activa", Decimal(200), Decimal(0), Decimal(200), ZERO),
    ]
    assert [(row.key, row.acquisition_value, row.net_book_value) for row in now] == [
        ("230", Decimal(1000), Decimal(850)),
        ("241", ZERO, ZERO),  # sold, but it was acquired once
        ("28", Decimal(200), Decimal(200)),
    ]


async def test_the_register_pages_from_the_oldest_and_tells_what_follows(place: Place, reader: Mine) -> None:
    id = await fixed_assets(place)

    async with reader() as mine:
        first = await mine.fixed_assets(id, date(2025, 6, 30), 2, None)
        second = await mine.fixed_assets(id, date(2025, 6, 30), 2, first.cursors[-1])
        early = await mine.fixed_assets(id, date(2024, 2, 28), 10, None)

    assert [
        (row.booking_code, row.category, row.status, row.accumulated_depreciation, row.net_book_value)
        for row in (*first.rows, *second.rows)
    ] == [
        ("1-D1-1", "230", "IN_USE", 150, 850),
        ("1-D1-2", "241", "DISPOSED", None, None),
        ("1-D1-3", "28", "IN_USE", 0, 200),
    ]
    assert (first.rows[1].disposed_on, first.rows[1].disposal_proceeds) == (date(2025, 5, 5), Decimal(300))
    assert (first.has_next, second.has_next, first.total) == (True, False, 3)
    assert [(row.id, row.net_book_value) for row in early.rows] == [(first.rows[0].id, Decimal(1000))]
    assert early.total == 1


async def test_what_the_books_began_with_has_no_day_and_its_supplier_is_the_booking_s(
    place: Place, reader: Mine
) -> None:
    id = await place.ledger(
        Ledger(
            {1: date(2024, 1, 1)}, date(2024, 12, 31), [line(1, 1, date(2024, 1, 1), 230000, "9.00", is_opening=True)]
        )
    )
    purchase = {"bookyear": 1, "document_number": 2, "effective_date": date(2024, 5, 5)}
    await place.lines(
        id,
        [
            {**purchase, "ordinal": 1, "account": 230000, "amount": Decimal(100), "description": "Press"},
            {**purchase, "ordinal": 2, "account": 440000, "amount": Decimal(-100), "relation": 7},
        ],
    )

    async with reader() as mine:
        page = await mine.fixed_assets(id, date(2024, 12, 31), 9, None)

    assert [(row.description, row.acquired_on, row.relation) for row in page.rows] == [
        (None, None, None),
        ("Press", date(2024, 5, 5), 7),
    ]


async def test_the_schedule_tells_charges_from_what_a_sale_cancels(place: Place, reader: Mine) -> None:
    id = await fixed_assets(place)

    async with reader() as mine:
        every = await mine.depreciation_schedule(id, date(2025, 6, 30), 12)
        last = await mine.depreciation_schedule(id, date(2025, 6, 29), 1)

    assert list(every) == [
        DepreciationMonth(date(2024, 12, 1), Decimal(225), ZERO, ZERO, Decimal(1475), booked=True),
        DepreciationMonth(date(2025, 5, 1), ZERO, Decimal(125), ZERO, Decimal(1100), booked=True),
        DepreciationMonth(date(2025, 6, 1), Decimal(50), ZERO, ZERO, Decimal(1050), booked=True),
    ]
    assert [row.month for row in last] == [date(2025, 5, 1)]


async def test_the_table_of_the_notes_is_of_a_bookyear_up_to_the_day(place: Place, reader: Mine) -> None:
    id = await fixed_assets(place)

    async with reader() as mine:
        plant, cars, shares = await mine.asset_movements(id, date(2026, 3, 1), 2)
        until_may, *_ = await mine.asset_movements(id, date(2025, 5, 31), 2)
        early = await mine.asset_movements(id, date(2024, 12, 31), 2)
        with pytest.raises(UnknownBookyear):
            await mine.asset_movements(id, date(2026, 3, 1), 3)

    assert plant.value == MovementLine(opening=Decimal(1000))
    assert plant.depreciation == MovementLine(opening=Decimal(100), additions=Decimal(50))
    assert (cars.rubric, cars.value) == ("24", MovementLine(opening=Decimal(500), disposals=Decimal(500)))
    assert cars.depreciation == MovementLine(opening=Decimal(125), disposals=Decimal(125))
    assert (cars.net_book_value, shares.net_book_value) == (ZERO, Decimal(200))
    assert until_may.depreciation.closing == 100
    assert early == []


async def test_accounts_are_those_of_the_chart_and_of_the_books(place: Place, reader: Mine) -> None:
    id = await fixed_assets(place)

    async with reader() as mine:
        accounts = {one.account.number: one for one in await mine.asset_accounts(id)}

    assert {number: one.role for number, one in accounts.items()} == {
        230000: "ACQUISITION",
        230100: "ACQUISITION",
        230900: "DEPRECIATION",
        241000: "ACQUISITION",
        241009: "DEPRECIATION",
        280000: "ACQUISITION",
    }
    assert accounts[230900].account.name == "230900"
    assert "class 63 books against it" in str(accounts[230900].doubt)


async def test_what_a_user_has_set_is_the_role_of_an_account(place: Place, reader: Mine) -> None:
    id = await fixed_assets(place)
    await place.rows(
        tables.asset_role,
        [
            {"administration_id": id, "account": 230900, "role": "ACQUISITION"},
            {"administration_id": id, "account": 280000, "role": "NONE"},
        ],
    )

    async with reader() as mine:
        categories = await mine.asset_categories(id, date(2024, 12, 31))
        accounts = {one.account.number: one for one in await mine.asset_accounts(id)}

    assert [(row.key, row.acquisition_value, row.unattributed) for row in categories] == [
        ("230", Decimal(900), Decimal(-100)),
        ("241", Decimal(500), Decimal(0)),
    ]
    assert (accounts[230900].by_hand, accounts[230900].doubt) == (True, None)
    assert accounts[280000].role == "NONE"


async def test_the_schedule_goes_on_where_a_method_is_set(place: Place, reader: Mine) -> None:
    """Degressive over five years, 40 % at most: 400 in 2024, 240 in 2025, 200 in 2026, 160 in 2027."""
    id = await fixed_assets(place)
    await place.rows(
        tables.asset_depreciation,
        [
            {
                "administration_id": id,
                "target": "230",
                "method": "DEGRESSIVE",
                "useful_life_months": 60,
                "residual_value": Decimal(0),
                "full_first_year": True,
            }
        ],
    )

    async with reader() as mine:
        schedule = await mine.depreciation_schedule(id, date(2025, 6, 30), 30)
        (plant, *_) = await mine.asset_categories(id, date(2025, 6, 30))

    planned = [row for row in schedule if not row.booked]
    assert (plant.depreciation_method, plant.useful_life_months) == ("DEGRESSIVE", 60)
    assert [row.month for row in schedule if row.booked][-1] == date(2025, 6, 1)
    assert planned[0] == DepreciationMonth(date(2025, 7, 1), Decimal(20), ZERO, ZERO, Decimal(1030), booked=False)
    of_years = {year: sum(row.depreciation for row in planned if row.month.year == year) for year in (2025, 2026, 2027)}
    assert of_years == {2025: Decimal(120), 2026: Decimal(200), 2027: Decimal(160)}


async def test_the_plan_of_an_asset_comes_before_that_of_its_category(place: Place, reader: Mine) -> None:
    id = await fixed_assets(place)
    async with reader() as mine:
        lathe = (await mine.fixed_assets(id, date(2024, 3, 1), 1, None)).rows[0].id
    plan = {"administration_id": id, "residual_value": Decimal(0), "full_first_year": True, "method": "LINEAR"}
    await place.rows(
        tables.asset_depreciation,
        [
            {**plan, "target": str(lathe), "useful_life_months": 11},
            {**plan, "target": "230", "useful_life_months": 110},
        ],
    )

    async with reader() as mine:
        (first, *_) = await mine.depreciation_schedule(id, date(2024, 3, 1), 1)

    assert (first.month, first.booked, first.depreciation) == (date(2024, 3, 1), False, Decimal("90.91"))


async def test_books_without_fixed_assets_have_none(place: Place, reader: Mine) -> None:
    id = await place.an_administration()

    async with reader() as mine:
        assert list(await mine.asset_categories(id, date(2025, 6, 30))) == []
        assert (await mine.fixed_assets(id, date(2025, 6, 30), 10, None)).total == 0
        assert list(await mine.depreciation_schedule(id, date(2025, 6, 30), 12)) == []
