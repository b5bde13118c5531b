from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest

from monitr.domain.accounting.asset_accounts import AssetRoles, roles_of
from monitr.domain.accounting.asset_movements import (
    Kind,
    MonthlyDepreciation,
    MovementLine,
    booked_movements,
    depreciation_by_month,
    movements_by_rubric,
)
from monitr.domain.accounting.ledger import JournalType
from tests.unit.domain.asset_books import Amounts, Entries

DIVERS, PURCHASES = JournalType.DIVERS, JournalType.PURCHASES
ADDITION, DISPOSAL, WRITTEN_BACK, TRANSFER = Kind.ADDITION, Kind.DISPOSAL, Kind.WRITTEN_BACK, Kind.TRANSFER
DIRECTLY = Kind.CHARGED_DIRECTLY


@pytest.mark.parametrize(
    ("journal", "lines", "expected"),
    [
        (PURCHASES, {230000: 1000, 411000: 210, 440000: -1210}, {(230000, ADDITION): 1000}),
        (PURCHASES, {230000: -300, 411000: -63, 440000: 363}, {(230000, ADDITION): -300}),  # a credit note
        (DIVERS, {230000: -300, 440000: 300}, {(230000, ADDITION): -300}),
        (DIVERS, {630200: 200, 230009: -200}, {(230009, ADDITION): 200}),
        (DIVERS, {660000: 200, 230009: -200}, {(230009, ADDITION): 200}),
        (DIVERS, {230009: 50, 760000: -50}, {(230009, WRITTEN_BACK): 50}),
        (DIVERS, {230009: 50, 630200: -50}, {(230009, WRITTEN_BACK): 50}),
        (
            DIVERS,
            {241009: 400, 641000: 600, 241000: -1000},
            {(241009, DISPOSAL): 400, (241000, DISPOSAL): 1000},
        ),
        (DIVERS, {241009: 1000, 241000: -1000}, {(241009, DISPOSAL): 1000, (241000, DISPOSAL): 1000}),  # scrapped
        (DIVERS, {241009: 400, 741000: -400}, {(241009, DISPOSAL): 400}),  # the other half of a sale
        (
            DIVERS,
            {630200: 100, 241009: 300, 641000: 600, 241000: -1000},
            {(241000, DIRECTLY): 100, (241000, DISPOSAL): 900, (241009, DISPOSAL): 300},
        ),
        (DIVERS, {230000: 1000, 270000: -1000}, {(230000, TRANSFER): 1000, (270000, TRANSFER): -1000}),
        (
            DIVERS,
            {240000: 1000, 230000: -1000, 230009: 300, 240009: -300},
            {
                (240000, TRANSFER): 1000,
                (230000, TRANSFER): -1000,
                (230009, TRANSFER): -300,
                (240009, TRANSFER): 300,
            },
        ),
        (  # taken into use with the last invoice
            PURCHASES,
            {221000: 1500, 270000: -1000, 440000: -500},
            {(221000, TRANSFER): 1000, (270000, TRANSFER): -1000, (221000, ADDITION): 500},
        ),
        (  # the old car is taken in exchange
            PURCHASES,
            {241000: 3000, 241009: 400, 241100: -1000, 741000: -100, 440000: -2300},
            {(241000, ADDITION): 3000, (241100, DISPOSAL): 1000, (241009, DISPOSAL): 400},
        ),
        (DIVERS, {200000: -200, 630000: 200}, {(200000, DIRECTLY): 200}),
        (DIVERS, {220008: 500, 121000: -500}, {(220008, ADDITION): 500}),
        (DIVERS, {220008: -500, 121000: 500}, {(220008, WRITTEN_BACK): 500}),
        (
            DIVERS,
            {220008: -500, 220000: -900, 741000: -100, 550000: 1500},
            {(220008, DISPOSAL): 500, (220000, DISPOSAL): 900},
        ),
        (DIVERS, {220108: 500, 220008: -500}, {(220108, TRANSFER): 500, (220008, TRANSFER): -500}),
        (DIVERS, {230009: -70, 140000: 70}, {(230009, TRANSFER): 70}),  # taken over, not charged
    ],
)
def test_a_booking_says_what_it_does(
    journal: JournalType, lines: Amounts, expected: dict[tuple[int, Kind], int]
) -> None:
    entries = Entries().book(lines, journal=journal)
    found: dict[tuple[int, Kind], Decimal] = defaultdict(Decimal)
    for movement in booked_movements(entries.bookings(), AssetRoles(), date.min, date.max):
        found[movement.account, movement.kind] += movement.amount

    assert found == expected


def test_a_sale_is_cancelled_depreciation_and_never_a_negative_charge() -> None:
    entries = Entries().buy(241000, 1000, date(2024, 1, 5))
    entries.book({630200: 400, 241009: -400}, date(2024, 3, 31))
    entries.book({241009: 400, 641000: 600, 241000: -1000}, date(2024, 3, 31))
    entries.book({241009: 5, 760000: -5}, date(2024, 4, 1))

    found = depreciation_by_month(entries.bookings(), AssetRoles(), date(2024, 4, 30))

    assert found == {
        date(2024, 3, 1): MonthlyDepreciation(Decimal(400), Decimal(400)),
        date(2024, 4, 1): MonthlyDepreciation(written_back=Decimal(5)),
    }


def test_charges_on_the_acquisition_value_itself_were_charged_too() -> None:
    entries = Entries().buy(200000, 1000, date(2024, 1, 5)).book({630000: 200, 200000: -200}, date(2024, 2, 1))

    found = depreciation_by_month(entries.bookings(), roles_of([], entries.bookings()), date(2024, 12, 31))

    assert [(month, it.charged) for month, it in found.items()] == [(date(2024, 2, 1), Decimal(200))]


def test_the_table_of_the_notes_goes_from_opening_to_closing() -> None:
    entries = Entries().book({630200: 400, 230009: -400}).buy(230000, 1000)
    opening, closing = {230000: Decimal(500), 280001: Decimal(-10)}, {230000: Decimal(1500), 230009: Decimal(-400)}

    movements = booked_movements(entries.bookings(), AssetRoles(), date.min, date.max)
    plant, financial = movements_by_rubric(opening, closing | {280001: Decimal(-10)}, movements, AssetRoles())

    assert plant.value == MovementLine(Decimal(500), additions=Decimal(1000))
    assert plant.depreciation == MovementLine(additions=Decimal(400))
    assert (plant.rubric, plant.names.nl) == ("23", "Installaties, machines en uitrusting")
    assert plant.net_book_value == 1100
    assert (financial.uncalled, financial.net_book_value) == (Decimal(10), Decimal(-10))


def test_what_no_booking_explains_is_a_transfer() -> None:
    (plant,) = movements_by_rubric({230000: Decimal(500)}, {230000: Decimal(450)}, [], AssetRoles())

    assert (plant.value.transfers, plant.value.closing) == (Decimal(-50), Decimal(450))
