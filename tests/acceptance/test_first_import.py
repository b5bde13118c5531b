"""A first import shows the books as they are: every line, name, balance and open item, to the cent."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.acceptance.books import CLIENTS, SUPPLIERS, Books
from tests.acceptance.comparing import assert_same, assert_trial_balance, cents, expected_line, line_shown
from tests.acceptance.conftest import Selected
from tests.acceptance.front_end import FrontEnd
from tests.acceptance.other_octopus import OtherOctopus
from tests.acceptance.truth import (
    ageing,
    balance_at,
    ends_of_months,
    fixed_assets,
    open_items,
    result_so_far,
    trial_balance,
)

TODAY = date.today()  # noqa: DTZ011 # the day on which the program reckons, give or take the midnight hour


def test_the_first_import_succeeds_and_proves_itself(company: Selected):
    run = company.first_import
    assert run["status"] == "SUCCEEDED", run["error"]
    assert run["error"] is None
    assert run["progress"] == 1
    assert (run["mode"], run["trigger"]) in {("FULL", "FIRST"), ("INCREMENTAL", "FIRST")}
    worst = {check["code"]: (check["status"], check["detail"]) for check in run["verification"]["checks"]}
    failed = {code: found for code, found in worst.items() if found[0] == "FAILED"}
    assert not failed
    assert run["verification"]["status"] != "FAILED"


def test_a_company_whose_books_agree_in_everything_is_verified_as_passed(companies: dict[str, Selected]):
    run = companies["results appropriated by 69 and 14"].first_import
    assert run["verification"]["status"] == "PASSED", run["verification"]


def test_every_ledger_line_is_there_once_as_it_was_booked(an: FrontEnd, company: Selected):
    shown = an.transactions(company.id)
    books = company.books
    assert_same(map(line_shown, shown), (expected_line(books, *each) for each in books.lines()))
    assert len({node["id"] for node in shown}) == len(shown)
    for node in shown:
        number = int(node["account"]["number"])
        assert node["account"]["name"] in {each.name for (_, n), each in books.accounts.items() if n == number}


def test_amounts_are_plain_with_two_decimals_and_debit_and_credit_tell_them_apart(an: FrontEnd, company: Selected):
    for node in an.transactions(company.id)[:200]:
        for amount in (node["amount"], node["debit"], node["credit"]):
            assert f"{Decimal(amount):.2f}" == amount
        assert Decimal(node["debit"]) - Decimal(node["credit"]) == Decimal(node["amount"])
        assert min(Decimal(node["debit"]), Decimal(node["credit"])) == 0


def test_only_openings_are_tagged_as_openings(an: FrontEnd, company: Selected):
    openings = company.books.documents.values()
    expected = Counter(
        (document.year, document.date.isoformat(), line.account, line.cents)
        for document in openings
        if document.opening
        for line in document.lines
    )
    found = Counter(
        (node["bookyear"], node["date"], int(node["account"]["number"]), cents(node["amount"]))
        for node in an.transactions(company.id)
        if node["entryType"] == "YEAR_OPENING"
    )
    assert found == expected


def test_small_pages_follow_each_other_without_gap_or_repetition_newest_first(an: FrontEnd, company: Selected):
    pages = an.transactions(company.id, page=83)
    assert [node["id"] for node in pages] == [node["id"] for node in an.transactions(company.id, page=500)]
    days = [node["effectiveDate"] for node in pages]
    assert days == sorted(days, reverse=True)


def test_bookyears_journals_accounts_cost_centres_and_relations_are_as_in_octopus(an: FrontEnd, company: Selected):
    shown, books = an.administration("LedgerBasics", company.id), company.books
    assert {
        (year["number"], year["startDate"], year["endDate"], year["closed"], len(year["periods"]))
        for year in shown["bookyears"]
    } == {(year.id, f"{year.start}", f"{year.end}", year.closed, len(year.periods)) for year in books.years.values()}
    assert {
        (year["number"], period["number"], period["startDate"], period["endDate"])
        for year in shown["bookyears"]
        for period in year["periods"]
    } == {
        (year.id, each.number, f"{each.start}", f"{each.end}") for year in books.years.values() for each in year.periods
    }
    journals = {(journal["bookyear"], journal["key"]): journal["name"] for journal in shown["journals"]}
    assert {key: name for key, name in journals.items() if key in books.journals} == books.journals
    assert {int(account["number"]): account["name"] for account in shown["accounts"]} == {
        number: books.account(books.in_order()[-1].id, number).name for _, number in books.accounts
    }
    for account in shown["accounts"]:
        number = int(account["number"])
        kind = "OFF_BALANCE_SHEET" if number < 100000 else "BALANCE_SHEET" if number < 600000 else "PROFIT_AND_LOSS"
        assert account["kind"] == kind, account
        assert account["accountClass"] == (0 if number < 100000 else int(account["number"][0]))
        assert set(account["bookyears"]) == {year for year, each in books.accounts if each == number}
    values = {value["code"]: (value["name"], value["active"]) for value in shown["dimensions"][0]["values"]}
    assert shown["dimensions"][0]["key"] == "COST_CENTRE"
    assert values == {"3": ("Centre n° 3", True), "8": ("Afdeling 8", False)}


def test_relations_are_all_there_the_inactive_too_with_numbers_and_countries_in_order(an: FrontEnd, company: Selected):
    relations = an.administration("LedgerBasics", company.id)["relations"]
    shown = {each["node"]["number"]: each["node"] for each in relations["edges"]}
    assert relations["totalCount"] == len(shown)
    expected = company.books.relations
    assert {n: (r["name"], r["isClient"], r["isSupplier"], r["active"]) for n, r in shown.items()} == {
        n: (r.name, r.client, r.supplier, r.active) for n, r in expected.items()
    }
    assert shown[101]["vatNumber"] == "BE0401100201"
    assert shown[206]["country"] is None


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


def test_the_trial_balance_adds_up_by_its_two_identities(an: FrontEnd, company: Selected):
    years = company.books.in_order()
    for first in years:
        span = {"from": f"{first.start}", "to": f"{years[-1].end}"}
        shown = an.administration("TrialBalance", company.id, **span)["trialBalance"]
        forward, transferred = Decimal(shown["resultBroughtForward"]), Decimal(shown["resultTransferred"])
        assert Decimal(shown["totals"]["opening"]) + forward == 0
        assert Decimal(shown["totals"]["closing"]) + forward - transferred == 0
        for row in shown["rows"]:
            moved = Decimal(row["opening"]) + Decimal(row["debit"]) - Decimal(row["credit"])
            assert moved == Decimal(row["closing"])


def test_a_trial_balance_of_one_cost_centre_holds_the_lines_of_that_cost_centre(an: FrontEnd, company: Selected):
    books = company.books
    year = books.in_order()[-1]
    shown = an.administration(
        "TrialBalance",
        company.id,
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


def test_monthly_balances_follow_the_books_month_by_month(an: FrontEnd, company: Selected):
    books = company.books
    year = books.in_order()[-1]
    span = {"from": f"{year.start}", "to": f"{year.end}"}
    shown = an.administration("MonthlyBalances", company.id, **span, accountClasses=None, byDimension=None)
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


def test_other_buckets_are_other_sums_of_the_same_items(an: FrontEnd, company: Selected):
    expected = open_items(company.books, CLIENTS)
    shown = an.administration("OutstandingItems", company.id, type="RECEIVABLE", bucketDays=[10, 200])
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


def test_a_booking_is_shown_with_all_its_lines(an: FrontEnd, company: Selected):
    books = company.books
    longest = max(books.documents.values(), key=lambda document: len(document.lines))
    node = next(
        each
        for each in an.transactions(company.id, bookyear=longest.year)
        if (each["documentNumber"], each["date"]) == (longest.number, f"{longest.date}")
        and (each["journalKey"] == longest.journal_key or longest.type > 4)
    )
    booking = an.administration("Booking", company.id, bookingCode=node["bookingCode"])["booking"]
    assert booking["code"] == node["bookingCode"]
    assert booking["isBalanced"] is True
    assert Counter((int(line["account"]["number"]), cents(line["amount"])) for line in booking["lines"]) == Counter(
        (line.account, line.cents) for line in longest.lines
    )


def test_filters_show_the_lines_that_they_describe_and_no_others(an: FrontEnd, company: Selected):
    books = company.books
    year = books.in_order()[-1]
    period = year.periods[1]
    checks = {
        "bookyear": (year.id, lambda d, _: d.year == year.id),
        "periods": ([period.number], lambda d, _: d.period == period.number),
        "accounts": (["400000", "550010"], lambda _, line: line.account in (400000, 550010)),
        "accountClasses": ([2, 7], lambda _, line: line.account // 100000 in (2, 7)),
        "journalKeys": (["A2", "F1"], lambda d, _: d.journal_key in ("A2", "F1")),
        "relationNumber": (103, lambda _, line: line.relation == 103),
        "dimension": ({"dimension": "COST_CENTRE", "code": "8"}, lambda _, line: line.cost_centre == 8),
        "amountFrom": ("1000.00", lambda _, line: line.cents >= 100000),
        "text": ("investering", lambda _, line: "Investering" in line.comment),
        "to": (f"{year.start}", lambda d, _: books.effective(d) <= year.start),
    }
    for name, (value, wanted) in checks.items():
        expected = Counter((line.account, line.cents) for document, line in books.lines() if wanted(document, line))
        shown = an.transactions(company.id, **{name: value})
        found = Counter((int(node["account"]["number"]), cents(node["amount"])) for node in shown)
        assert found == expected, name


def test_rows_of_each_dataset_are_counted_on_the_card(an: FrontEnd, company: Selected):
    shown = an.administration("ImportHistory", company.id)
    rows = {each["dataset"]: each["rows"] for each in shown["datasets"]}
    assert rows["GENERAL_LEDGER"] == sum(1 for _ in company.books.lines())
    assert rows["RELATIONS"] == len(company.books.relations)
    assert rows["BOOKYEARS"] == len(company.books.years)
    assert {each["status"] for each in shown["datasets"]} == {"FRESH"}
    assert shown["lastSuccessfulImportAt"] is not None


def test_octopus_has_nothing_to_complain_of(octopus: OtherOctopus, companies: dict[str, Selected]):
    """No write, no misspelt call, no daily maximum passed, no malformed timestamp."""
    assert octopus.complaints == []
    assert octopus.sign_in.complaints == []
