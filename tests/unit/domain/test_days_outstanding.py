from datetime import date
from decimal import Decimal

import pytest

from monitr.domain.accounting.days_outstanding import days_outstanding, year_up_to
from monitr.domain.accounting.outstanding_items import OutstandingItemType

RECEIVABLE, PAYABLE = OutstandingItemType.RECEIVABLE, OutstandingItemType.PAYABLE
PURCHASES, SALES, FINANCIAL, DIVERS = 1, 2, 3, 4
HUNDRED = Decimal("100.00")


def booked(account: int, journal_type: int, amount: str) -> tuple[int, int, Decimal]:
    return account, journal_type, Decimal(amount)


def test_what_is_outstanding_is_held_against_a_years_sales_with_their_vat() -> None:
    lines = [booked(700000, SALES, "-1000.00"), booked(451000, SALES, "-210.00")]
    assert days_outstanding(RECEIVABLE, HUNDRED, lines) == Decimal("30.17")  # 100 / 1210 x 365


def test_what_is_owed_is_held_against_a_years_purchases_with_their_vat() -> None:
    lines = [booked(604000, PURCHASES, "1000.00"), booked(411000, PURCHASES, "210.00")]
    assert days_outstanding(PAYABLE, HUNDRED, lines) == Decimal("30.17")


@pytest.mark.parametrize(
    ("type", "account", "journal_type", "counts"),
    [
        *[(RECEIVABLE, account, DIVERS, True) for account in (700000, 709000, 741000, 7499999)],
        *[(RECEIVABLE, account, SALES, False) for account in (740000, 710000, 752000, 400000, 499000)],
        (RECEIVABLE, 451000, SALES, True),
        *[(RECEIVABLE, 451000, journal_type, False) for journal_type in (PURCHASES, FINANCIAL, DIVERS)],
        (RECEIVABLE, 411000, SALES, False),
        *[(PAYABLE, account, DIVERS, True) for account in (600000, 608900, 610000, 6199999)],
        *[(PAYABLE, account, PURCHASES, False) for account in (609000, 620000, 640000, 440000, 230000)],
        (PAYABLE, 411000, PURCHASES, True),
        *[(PAYABLE, 411000, journal_type, False) for journal_type in (SALES, FINANCIAL, DIVERS)],
        (PAYABLE, 451000, PURCHASES, False),
    ],
)
def test_the_accounts_that_count(type: OutstandingItemType, account: int, journal_type: int, counts: bool) -> None:
    amount = "-365.00" if type is RECEIVABLE else "365.00"
    found = days_outstanding(type, HUNDRED, [booked(account, journal_type, amount)])
    assert found == (HUNDRED if counts else None)


@pytest.mark.parametrize("sold", ["0.00", "50.00"], ids=["nothing", "more was taken back"])
def test_there_are_no_days_where_nothing_was_sold(sold: str) -> None:
    assert days_outstanding(RECEIVABLE, HUNDRED, [booked(700000, SALES, sold)]) is None
    assert days_outstanding(RECEIVABLE, HUNDRED, []) is None


def test_a_year_has_365_days_the_last_one_among_them() -> None:
    assert year_up_to(date(2026, 11, 30)) == (date(2025, 12, 1), date(2026, 11, 30))
    assert year_up_to(date(2024, 2, 29)) == (date(2023, 3, 2), date(2024, 2, 29))
