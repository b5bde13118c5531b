"""A first import shows the books as they are: every line, name, balance and open item, to the cent."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.acceptance.books import Document, Line
from tests.acceptance.companies import PLANS
from tests.acceptance.comparing import (
    assert_mirrors,
    assert_same,
    cents,
    expected_line,
    line_shown,
)
from tests.acceptance.conftest import Begun, Selected
from tests.acceptance.front_end import FrontEnd
from tests.acceptance.other_octopus import OtherOctopus
from tests.acceptance.soak import SOAK

Shown = Callable[[str], list[dict]]
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


def test_every_ledger_line_is_there_once_as_it_was_booked(shown: Shown, company: Selected):
    books, nodes = company.books, shown(company.id)
    assert_same(map(line_shown, nodes), (expected_line(books, *each) for each in books.lines()))
    assert len({node["id"] for node in nodes}) == len(nodes)
    for node in nodes:
        number = int(node["account"]["number"])
        assert node["account"]["name"] in {each.name for (_, n), each in books.accounts.items() if n == number}


def test_amounts_are_plain_with_two_decimals_and_debit_and_credit_tell_them_apart(shown: Shown, sample: Selected):
    for node in shown(sample.id)[:200]:
        for amount in (node["amount"], node["debit"], node["credit"]):
            assert f"{Decimal(amount):.2f}" == amount
        assert Decimal(node["debit"]) - Decimal(node["credit"]) == Decimal(node["amount"])
        assert min(Decimal(node["debit"]), Decimal(node["credit"])) == 0


def test_only_openings_are_tagged_as_openings(shown: Shown, company: Selected):
    openings = company.books.documents.values()
    expected = Counter(
        (document.year, document.date.isoformat(), line.account, line.cents)
        for document in openings
        if document.opening
        for line in document.lines
    )
    found = Counter(
        (node["bookyear"], node["date"], int(node["account"]["number"]), cents(node["amount"]))
        for node in shown(company.id)
        if node["entryType"] == "YEAR_OPENING"
    )
    assert found == expected


def test_small_pages_follow_each_other_without_gap_or_repetition_newest_first(
    an: FrontEnd, shown: Shown, sample: Selected
):
    pages = an.transactions(sample.id, page=83)
    assert [node["id"] for node in pages] == [node["id"] for node in shown(sample.id)]
    days = [node["effectiveDate"] for node in pages]
    assert days == sorted(days, reverse=True)


def test_bookyears_journals_accounts_cost_centres_and_relations_are_as_in_octopus(an: FrontEnd, sample: Selected):
    shown, books = an.administration("LedgerBasics", sample.id), sample.books
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


def test_relations_are_all_there_the_inactive_too_with_numbers_and_countries_in_order(an: FrontEnd, sample: Selected):
    relations = an.administration("LedgerBasics", sample.id)["relations"]
    shown = {each["node"]["number"]: each["node"] for each in relations["edges"]}
    assert relations["totalCount"] == len(shown)
    expected = sample.books.relations
    assert {n: (r["name"], r["isClient"], r["isSupplier"], r["active"]) for n, r in shown.items()} == {
        n: (r.name, r.client, r.supplier, r.active) for n, r in expected.items()
    }
    assert shown[101]["vatNumber"] == "BE0401100201"
    assert shown[206]["country"] is None


def test_a_booking_is_shown_with_all_its_lines(an: FrontEnd, shown: Shown, sample: Selected):
    books = sample.books
    longest = max(books.documents.values(), key=lambda document: len(document.lines))
    node = next(
        each
        for each in shown(sample.id)
        if (each["bookyear"], each["documentNumber"], each["date"]) == (longest.year, longest.number, f"{longest.date}")
        and (each["journalKey"] == longest.journal_key or longest.type > 4)
    )
    booking = an.administration("Booking", sample.id, bookingCode=node["bookingCode"])["booking"]
    assert booking["code"] == node["bookingCode"]
    assert booking["isBalanced"] is True
    assert Counter((int(line["account"]["number"]), cents(line["amount"])) for line in booking["lines"]) == Counter(
        (line.account, line.cents) for line in longest.lines
    )


def test_filters_show_the_lines_that_they_describe_and_no_others(an: FrontEnd, sample: Selected):
    books = sample.books
    year = books.in_order()[-1]
    period = year.periods[1]
    checks: dict[str, tuple[Any, Callable[[Document, Line], bool]]] = {
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
        shown = an.transactions(sample.id, **{name: value})
        found = Counter((int(node["account"]["number"]), cents(node["amount"])) for node in shown)
        assert found == expected, name


def test_rows_of_each_dataset_are_counted_on_the_card(an: FrontEnd, sample: Selected):
    shown = an.administration("ImportHistory", sample.id)
    rows = {each["dataset"]: each["rows"] for each in shown["datasets"]}
    assert rows["GENERAL_LEDGER"] == sum(1 for _ in sample.books.lines())
    assert rows["RELATIONS"] == len(sample.books.relations)
    assert rows["BOOKYEARS"] == len(sample.books.years)
    assert {each["status"] for each in shown["datasets"]} == {"FRESH"}
    assert shown["lastSuccessfulImportAt"] is not None


def test_octopus_has_nothing_to_complain_of(octopus: OtherOctopus, companies: dict[str, Selected]):
    """No write, no misspelt call, no daily maximum passed, no malformed timestamp."""
    assert octopus.complaints == []
    assert octopus.sign_in.complaints == []


@SOAK
@pytest.mark.parametrize("name", PLANS)
def test_twenty_thousand_lines_are_those_of_the_books(begun: Begun, name: str):
    plan = PLANS[name]
    books = plan.write(documents_per_period=250 if "quarters" not in name else 700)
    someone, selected = begun(books, plan.style, seconds=300)
    assert selected.first_import["status"] == "SUCCEEDED", selected.first_import["error"]
    assert selected.first_import["verification"]["status"] != "FAILED", selected.first_import["verification"]
    assert_mirrors(someone, selected.id, books)
