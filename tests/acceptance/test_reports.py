"""Trial balance, months, open items and assets say what the books say, for any span, to the cent."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.acceptance.books import CLIENTS, SUPPLIERS, Books
from tests.acceptance.comparing import (
    assert_trial_balance,
    cents,
)
from tests.acceptance.conftest import Selected
from tests.acceptance.front_end import FrontEnd
from tests.acceptance.truth import (
    ageing,
    balance_at,
    ends_of_months,
    fixed_assets,
    open_items,
    result_so_far,
    trial_balance,
)

Shown = Callable[[str], list[dict]]
TODAY = date.today()  # noqa: DTZ011 # the day on which the program reckons, give or take the midnight hour


def spans(books: Books) -> list[tuple[date, date]]:
    """Whole years, all years, the middle of things, one day, before everything."""
    years = books.in_order()
    whole = [(year.start, year.end) for year in years]
    middle = years[-1].start + timedelta(days=45)
    return [
        *whole,
        (years[0].start, years[-1].end),
        (middle, middle + timedelta(days=61)),
        (years[0].start + timedelta(days=100), middle),
        (years[0].end, years[1].start),
        (years[1].start, years[1].start),
        (years[0].start - timedelta(days=400), years[0].end),
    ]


def test_the_trial_balance_of_any_span_is_that_of_the_books(an: FrontEnd, company: Selected):
    for start, end in spans(company.books):
        assert_trial_balance(an, company.id, company.books, start, end)


def test_the_trial_balance_adds_up_by_its_two_identities(an: FrontEnd, sample: Selected):
    years = sample.books.in_order()
    for first in years:
        span = {"from": f"{first.start}", "to": f"{years[-1].end}"}
        shown = an.administration("TrialBalance", sample.id, **span)["trialBalance"]
        forward, transferred = Decimal(shown["resultBroughtForward"]), Decimal(shown["resultTransferred"])
        assert Decimal(shown["totals"]["opening"]) + forward == 0
        assert Decimal(shown["totals"]["closing"]) + forward - transferred == 0
        for row in shown["rows"]:
            moved = Decimal(row["opening"]) + Decimal(row["debit"]) - Decimal(row["credit"])
            assert moved == Decimal(row["closing"])


def test_a_trial_balance_of_one_cost_centre_holds_the_lines_of_that_cost_centre(an: FrontEnd, sample: Selected):
    books = sample.books
    year = books.in_order()[-1]
    shown = an.administration(
        "TrialBalance",
        sample.id,
        **{"from": f"{year.start}", "to": f"{year.end}"},
        dimension={"dimension": "COST_CENTRE", "code": "3"},
    )["trialBalance"]
    expected: Counter[int] = Counter()
    for document, line in books.lines():
        if document.year == year.id and line.cost_centre == 3:
            expected[line.account] += line.cents
    found = {int(row["account"]["number"]): cents(row["closing"]) for row in shown["rows"]}
    assert {number: sum for number, sum in found.items() if number >= 600000} == dict(expected)
    assert shown["resultBroughtForward"] is None
    assert shown["resultTransferred"] is None


def test_monthly_balances_follow_the_books_month_by_month(an: FrontEnd, sample: Selected):
    books = sample.books
    year = books.in_order()[-1]
    span = {"from": f"{year.start}", "to": f"{year.end}"}
    shown = an.administration("MonthlyBalances", sample.id, **span, accountClasses=None, byDimension=None)
    found = {(row["month"], int(row["account"]["number"])): row for row in shown["monthlyBalances"]}
    accounts = {line.account for _, line in books.lines()}
    for end in ends_of_months(year):
        start, month = end.replace(day=1), f"{end:%Y-%m}"
        if start > date(2026, 10, 1):
            continue
        expected = trial_balance(books, start, end).rows
        for account in accounts:
            at_end = (balance_at if account < 600000 else result_so_far)(books, account, end)
            row = found.get((month, account))
            moved = expected[account].debit - expected[account].credit if account in expected else 0
            if row is None:
                assert moved == 0, (month, account, moved)
                continue
            assert cents(row["balance"]) == at_end, (month, account)
            if start != year.start:
                assert cents(row["movement"]) == moved, (month, account)


@pytest.mark.parametrize("type", ["RECEIVABLE", "PAYABLE"])
def test_open_items_are_those_of_the_books_in_their_buckets(an: FrontEnd, company: Selected, type: str):
    expected = open_items(company.books, CLIENTS if type == "RECEIVABLE" else SUPPLIERS)
    shown = an.administration("OutstandingItems", company.id, type=type)["outstandingItems"]
    today = date.fromisoformat(shown["asOf"])
    assert abs((today - TODAY).days) <= 1
    assert cents(shown["total"]) == sum(item.open_cents for item in expected)
    assert cents(shown["overdue"]) == sum(item.open_cents for item in expected if item.due < today)
    assert [(bucket["count"], cents(bucket["amount"])) for bucket in shown["buckets"]] == ageing(expected, today)
    assert Counter(
        (
            node["relation"]["number"],
            node["date"],
            node["dueDate"],
            node["daysOverdue"],
            cents(node["amount"]),
            cents(node["amountOutstanding"]),
            node["currency"],
            node["description"] or "",
        )
        for node in (edge["node"] for edge in shown["items"]["edges"])
    ) == Counter(
        (
            item.line.relation,
            f"{item.document.date}",
            f"{item.document.due}" if item.document.due else None,
            item.days_overdue(today),
            item.cents,
            item.open_cents,
            item.line.currency,
            item.line.comment,
        )
        for item in expected[:100]
    )
    by_relation = Counter[int]()
    for item in expected:
        by_relation[item.line.relation or 0] += item.open_cents
    assert {row["relation"]["number"]: cents(row["amount"]) for row in shown["byRelation"]} == dict(by_relation)


def test_other_buckets_are_other_sums_of_the_same_items(an: FrontEnd, sample: Selected):
    expected = open_items(sample.books, CLIENTS)
    shown = an.administration("OutstandingItems", sample.id, type="RECEIVABLE", bucketDays=[10, 200])
    buckets = shown["outstandingItems"]["buckets"]
    today = date.fromisoformat(shown["outstandingItems"]["asOf"])
    assert [(each["count"], cents(each["amount"])) for each in buckets] == ageing(expected, today, (10, 200))


def test_fixed_assets_are_worth_what_the_books_say(an: FrontEnd, company: Selected):
    books = company.books
    for day in (None, books.in_order()[0].end, books.in_order()[-1].start + timedelta(days=70)):
        shown = an.administration("FixedAssets", company.id, asOf=f"{day}" if day else None)["fixedAssets"]
        expected = fixed_assets(books, day or TODAY)
        value, depreciation = (sum(group[n] for group in expected.values()) for n in (0, 1))
        found = (shown["acquisitionValue"], shown["accumulatedDepreciation"], shown["netBookValue"])
        assert tuple(map(cents, found)) == (value, depreciation, value - depreciation)
        assert shown["origin"] == "DERIVED_FROM_LEDGER"
        groups = shown["categories"]
        assert sum(cents(group["acquisitionValue"]) for group in groups) == value
        assert sum(cents(group["accumulatedDepreciation"]) for group in groups) == depreciation
        financial = [group for group in groups if group["key"].startswith("28")]
        held = expected.get("280", (0, 0))
        assert sum(cents(group["acquisitionValue"]) for group in financial) == held[0]
