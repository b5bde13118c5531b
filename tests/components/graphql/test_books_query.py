from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from monitr.application.bearer_tokens import Bearer
from monitr.application.reading.ledger import DimensionFilter, EntryType, TransactionFilter, TransactionOrder
from monitr.application.reading.outstanding_items import OutstandingFilter
from monitr.application.reading.pages import Cut
from monitr.domain.roles import Principal, Role
from tests.components.graphql.an_api import Api, an_api
from tests.components.graphql.fake_reader import SALE, FakeBooks, a_line, an_item
from tests.unit.fakes import MINE, FakeTransactions, an_administration

BOOKS = an_administration()
ID = str(BOOKS.id)
OTHER = SALE._replace(document_number=18)
NEWEST = TransactionOrder.NEWEST_FIRST
YEAR = {"from": "2026-01-01", "to": "2026-12-31"}


def the_api(*roles: Role, books: FakeBooks | None = None) -> Api:
    return an_api(FakeTransactions((), (), [BOOKS]), *roles, books=books)


def of_administration(answer: dict[str, Any]) -> dict[str, Any]:
    assert answer["errors"] == []
    found: dict[str, Any] = answer["data"]["administration"]
    return found


async def test_accounts_keep_their_zeros_and_know_their_class() -> None:
    basics = of_administration(await the_api().operation("LedgerBasics", administrationId=ID))
    assert basics["accounts"][0] == {
        "number": "012000",
        "name": "Guarantees",
        "accountClass": 0,
        "kind": "OFF_BALANCE_SHEET",
        "bookyears": [2],
    }
    assert basics["dimensions"][0]["values"] == [{"code": "3", "name": "Gent", "active": True}]


async def test_a_line_is_shown_with_the_names_of_its_account_relation_and_cost_centre() -> None:
    page = of_administration(await the_api().operation("Transactions", administrationId=ID))["transactions"]
    sale = page["edges"][1]["node"]
    assert (sale["debit"], sale["credit"], sale["amount"]) == ("0.00", "1000.00", "-1000.00")
    assert sale["relation"] == {"number": 7, "name": "Klant NV"}
    assert sale["dimensionValues"] == [{"dimension": "COST_CENTRE", "code": "3", "name": "Gent"}]
    assert page["totalCount"] == 3


async def test_an_account_that_no_chart_holds_is_shown_with_its_number_as_name() -> None:
    page = of_administration(await the_api().operation("Transactions", administrationId=ID))["transactions"]
    assert page["edges"][2]["node"]["account"] == {"number": "451000", "name": "451000"}


async def test_a_relation_that_was_not_listed_is_shown_with_its_number_as_name() -> None:
    api = the_api(books=FakeBooks(lines=[a_line(relation=99, cost_centre=98)]))
    page = of_administration(await api.operation("Transactions", administrationId=ID))["transactions"]
    assert page["edges"][0]["node"]["relation"] == {"number": 99, "name": "99"}
    assert page["edges"][0]["node"]["dimensionValues"][0]["name"] == "98"


async def test_ids_are_the_same_every_time_and_different_for_every_line_of_every_administration() -> None:
    other = an_administration()
    api = an_api(FakeTransactions((), (), [BOOKS, other]))
    query = "query ($id: ID!) { administration(id: $id) { transactions { edges { node { id } } } } }"

    async def ids(id: str) -> list[str]:
        page = of_administration(await api.run(query, {"id": id}))["transactions"]
        return [edge["node"]["id"] for edge in page["edges"]]

    assert await ids(ID) == await ids(ID)
    assert len({*await ids(ID), *await ids(str(other.id))}) == 6


async def test_the_total_is_counted_only_where_it_is_selected() -> None:
    api = the_api()
    without = "query ($id: ID!) { administration(id: $id) { transactions { edges { cursor } } } }"
    within_a_fragment = (
        "query ($id: ID!) { administration(id: $id) { transactions { ...Page } } }"
        "fragment Page on TransactionConnection { ... on TransactionConnection { totalCount } }"
    )

    of_administration(await api.run(without, {"id": ID}))
    assert api.readers.arguments["transactions"][-2:] == (False, False)
    of_administration(await api.run(within_a_fragment, {"id": ID}))
    assert api.readers.arguments["transactions"][-2:] == (True, False)
    of_administration(await api.run(within_a_fragment.replace("totalCount", "totals { net }"), {"id": ID}))
    assert api.readers.arguments["transactions"][-2:] == (False, True)


async def test_pages_follow_each_other_by_cursor() -> None:
    api = the_api()
    first = of_administration(await api.operation("Transactions", administrationId=ID, first=2))["transactions"]
    cursor = first["pageInfo"]["endCursor"]
    rest = of_administration(await api.operation("Transactions", administrationId=ID, first=2, after=cursor))

    assert first["pageInfo"]["hasNextPage"]
    assert [edge["node"]["account"]["number"] for edge in rest["transactions"]["edges"]] == ["451000"]
    assert not rest["transactions"]["pageInfo"]["hasNextPage"]


async def page_of(api: Api, **variables: Any) -> dict[str, Any]:
    """A page with its totals, whose ends are those of its edges."""
    found = of_administration(await api.operation("TransactionPage", administrationId=ID, **variables))
    page: dict[str, Any] = found["transactions"]
    cursors = [edge["cursor"] for edge in page["edges"]]
    assert (page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"]) == (cursors[0], cursors[-1])
    return page


@pytest.mark.parametrize(
    ("asked", "accounts", "has_next", "has_previous"),
    [
        ({}, ["400000", "700000", "451000"], False, False),
        ({"orderBy": "OLDEST_FIRST"}, ["451000", "700000", "400000"], False, False),
        ({"first": 1}, ["400000"], True, False),
        ({"last": 1}, ["451000"], False, True),
        ({"last": 1, "before": "2"}, ["700000"], True, True),
        ({"last": 2, "before": "2"}, ["400000", "700000"], True, False),
        ({"first": 2, "last": None}, ["400000", "700000"], True, False),
        ({"first": None, "last": 2}, ["700000", "451000"], False, True),
    ],
    ids=["all", "oldest first", "first", "last", "before", "to the beginning", "a null for last", "a null for first"],
)
async def test_lines_are_paged_from_either_end(
    asked: dict[str, Any], accounts: list[str], has_next: bool, has_previous: bool
) -> None:
    page = await page_of(the_api(), **asked)
    assert [edge["node"]["account"]["number"] for edge in page["edges"]] == accounts
    assert (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"]) == (has_next, has_previous)
    assert page["totals"] == {"debit": "1210.00", "credit": "1210.00", "net": "0.00"}


async def test_a_line_tells_of_its_booking_of_the_counterparty_of_that_and_of_the_vat_return() -> None:
    lines = [a_line(), a_line(ordinal=2, relation=None, vat_section="03"), a_line(booking=OTHER, relation=None)]
    page = await page_of(the_api(books=FakeBooks(lines=lines)))
    invoice, revenue, other = (edge["node"] for edge in page["edges"])
    assert (invoice["relation"], invoice["vatSection"]) == (revenue["bookingRelation"], None)
    assert (revenue["relation"], revenue["bookingRelation"]["name"], revenue["vatSection"]) == (None, "Klant NV", "03")
    assert revenue["booking"] == {"code": SALE.code, "lineCount": 2, "isBalanced": False}
    assert (other["bookingRelation"], other["booking"]["lineCount"]) == (None, 1)


async def test_the_lines_of_the_bookings_of_a_page_are_asked_for_together() -> None:
    api = the_api(books=FakeBooks(lines=[a_line(), a_line(booking=OTHER)]))
    selected = "edges { node { booking { lines(first: 1) { bookingCode } } } }"
    answer = await api.run(f'{{ administration(id: "{ID}") {{ transactions {{ {selected} }} }} }}')
    lines = [edge["node"]["booking"]["lines"] for edge in of_administration(answer)["transactions"]["edges"]]
    assert lines == [[{"bookingCode": SALE.code}], [{"bookingCode": OTHER.code}]]
    assert api.readers.calls == ["administrations", "transactions", "bookings", "booking_lines"]


async def test_explicit_nulls_mean_the_defaults() -> None:
    api = the_api()
    of_administration(await api.operation("Transactions", administrationId=ID, first=None, after=None, filter=None))
    _, *asked, _, _ = api.readers.arguments["transactions"]
    assert asked == [TransactionFilter(), NEWEST, Cut(100)]
    nulls = dict.fromkeys(("filter", "orderBy", "first", "after", "last", "before"))
    of_administration(await api.operation("TransactionPage", administrationId=ID, **nulls))
    _, *asked, _, _ = api.readers.arguments["transactions"]
    assert asked == [TransactionFilter(), NEWEST, Cut(100)]

    items = await api.operation("OutstandingItems", administrationId=ID, type="PAYABLE", asOf=None, bucketDays=None)
    shown = of_administration(items)["outstandingItems"]
    assert [bucket["toDays"] for bucket in shown["buckets"]] == [0, 30, 60, 90, None]
    assert shown["asOf"] == "2026-11-22"


async def test_a_filter_is_handed_on_as_it_is_meant() -> None:
    api = the_api()
    filter = {
        "from": "2026-01-01",
        "to": "2026-06-30",
        "bookyear": 2,
        "periods": [202601],
        "accounts": ["012000"],
        "accountFrom": "400000",
        "accountTo": "499999",
        "accountClasses": [4],
        "journalKeys": ["V1"],
        "relationNumber": 7,
        "bookingRelationNumber": 8,
        "dimension": {"dimension": "COST_CENTRE", "code": "3"},
        "entryTypes": ["YEAR_OPENING"],
        "amountFrom": "-10.50",
        "amountTo": 20,
        "text": "press",
    }
    of_administration(await api.operation("Transactions", administrationId=ID, filter=filter))
    assert api.readers.arguments["transactions"][1] == TransactionFilter(
        from_=date(2026, 1, 1),
        to=date(2026, 6, 30),
        bookyear=2,
        periods=(202601,),
        accounts=(12000,),
        account_from=400000,
        account_to=499999,
        account_classes=(4,),
        journal_keys=("V1",),
        relation_number=7,
        booking_relation_number=8,
        dimension=DimensionFilter("COST_CENTRE", "3"),
        entry_types=(EntryType.YEAR_OPENING,),
        amount_from=Decimal("-10.50"),
        amount_to=Decimal(20),
        text="press",
    )


async def test_a_booking_shows_all_its_lines_and_whether_they_net_to_zero() -> None:
    booking = of_administration(await the_api().operation("Booking", administrationId=ID, bookingCode="2-V1-17"))
    assert booking["booking"]["isBalanced"]
    assert [line["amount"] for line in booking["booking"]["lines"]] == ["1210.00", "-1000.00", "-210.00"]


async def test_the_lines_of_a_booking_come_in_pages() -> None:
    query = """query ($id: ID!) { administration(id: $id) { booking(code: "2-V1-17") {
        lineCount first: lines(first: 1) { lineNumber }
        others: lines(after: 1) { lineNumber } none: lines(after: 3) { id }
    } } }"""
    booking = of_administration(await the_api().run(query, {"id": ID}))["booking"]
    assert booking == {
        "lineCount": 3,
        "first": [{"lineNumber": 1}],
        "others": [{"lineNumber": 2}, {"lineNumber": 3}],
        "none": [],
    }


@pytest.mark.parametrize("code", ["2-V1-18", "nonsense", "", "2-V1-99999999999999999999", "\0"])
async def test_a_code_of_no_booking_is_null(code: str) -> None:
    answer = await the_api().operation("Booking", administrationId=ID, bookingCode=code)
    assert of_administration(answer)["booking"] is None


async def test_the_totals_of_a_trial_balance_are_those_of_its_rows() -> None:
    balance = of_administration(await the_api().operation("TrialBalance", administrationId=ID, **YEAR))["trialBalance"]
    assert balance["totals"] == {"opening": "0.00", "debit": "1210.00", "credit": "1000.00", "closing": "210.00"}
    assert balance["resultBroughtForward"] == "0.00"


async def test_monthly_balances_are_broken_down_by_cost_centre_on_demand() -> None:
    api = the_api()
    whole = of_administration(await api.operation("MonthlyBalances", administrationId=ID, **YEAR))
    parts = of_administration(
        await api.operation("MonthlyBalances", administrationId=ID, byDimension="COST_CENTRE", **YEAR)
    )
    assert whole["monthlyBalances"][0]["dimensionValue"] is None
    assert parts["monthlyBalances"][0]["dimensionValue"] == {"code": "3", "name": "Gent"}
    assert parts["monthlyBalances"][0]["month"] == "2026-01"


async def test_only_what_is_selected_of_the_outstanding_items_is_read() -> None:
    api = the_api()
    query = "query ($id: ID!) { administration(id: $id) { outstandingItems(type: RECEIVABLE) { total overdue } } }"
    of_administration(await api.run(query, {"id": ID}))
    assert api.readers.calls == ["administrations", "outstanding_reports"]


async def outstanding(selection: str, role: Role = Role.ORGANISATION_ADMIN) -> tuple[Any, set[str], Api]:
    """The administration, the codes of the errors, and the API."""
    api = the_api(role)
    answer = await api.run(f'{{ administration(id: "{ID}") {{ {selection} }} }}')
    return answer["data"]["administration"], {error["extensions"]["code"] for error in answer["errors"]}, api


DATES = ["2026-11-22", "2026-01-31", "2026-11-22", "2027-01-01"]
HISTORY = f"outstandingHistory(type: RECEIVABLE, dates: {DATES}) ".replace("'", '"')


async def test_a_history_answers_each_date_in_the_order_asked_for_with_one_question() -> None:
    shown, _, api = await outstanding(f"{HISTORY} {{ asOf basis total daysOutstanding buckets {{ amount }} }}")
    history = shown["outstandingHistory"]
    assert [each["asOf"] for each in history] == DATES
    assert [each["basis"] for each in history] == ["CURRENT", "REBUILT", "CURRENT", "CURRENT"]
    assert {each["daysOutstanding"] for each in history} == {"30.25"}
    assert sorted(api.readers.calls) == ["administrations", "days_outstanding", "outstanding_reports"]


async def test_a_history_of_no_dates_asks_nothing() -> None:
    shown, codes, api = await outstanding("outstandingHistory(type: PAYABLE, dates: []) { total }")
    assert (shown["outstandingHistory"], codes, api.readers.calls) == ([], set(), ["administrations"])


async def test_what_is_outstanding_is_told_apart_whole_and_by_relation() -> None:
    parts = "total invoices creditNotes unmatchedPayments oldestDueDate"
    ages = "buckets { toDays count amount }"
    shown, _, _ = await outstanding(
        f"outstandingItems(type: RECEIVABLE, bucketDays: [300]) {{ {parts} byRelation {{ amount {ages} }} }}"
    )
    items = shown["outstandingItems"]
    assert [items[part] for part in parts.split()] == ["210.00", "210.00", "0.00", "0.00", "2026-02-14"]
    (relation,) = items["byRelation"]
    assert [(row["toDays"], row["count"], row["amount"]) for row in relation["buckets"]] == [
        (0, 0, "0.00"),
        (300, 1, "210.00"),
        (None, 0, "0.00"),
    ]


@pytest.mark.parametrize(
    ("given", "filter"),
    [
        ("", OutstandingFilter()),
        ("(relationNumber: null, overdueOnly: null)", OutstandingFilter()),
        ("(relationNumber: 7, overdueOnly: true)", OutstandingFilter(7, overdue_only=True)),
    ],
)
async def test_a_filter_of_open_items_is_handed_on(given: str, filter: OutstandingFilter) -> None:
    _, _, api = await outstanding(f"outstandingItems(type: PAYABLE) {{ items{given} {{ totalCount }} }}")
    assert api.readers.arguments["outstanding_items"][3] == filter


async def test_the_booking_of_an_item_is_for_who_reads_transactions() -> None:
    selection = "outstandingItems(type: RECEIVABLE) { items { edges { node { amount booking { code } } } } }"
    for role, booking, expected in (
        (Role.REPORTS_WITH_TRANSACTIONS, {"code": "2-V1-17"}, set()),
        (Role.REPORTS, None, {"FORBIDDEN"}),
        (Role.RECEIVABLES_ONLY, None, {"FORBIDDEN"}),
    ):
        shown, codes, _ = await outstanding(selection, role)
        (edge,) = shown["outstandingItems"]["items"]["edges"]
        assert (edge["node"], codes) == ({"amount": "1210.00", "booking": booking}, expected)


async def test_who_reads_receivables_alone_has_their_history_and_no_payables() -> None:
    shown, codes, _ = await outstanding(f"{HISTORY} {{ total }}", Role.RECEIVABLES_ONLY)
    assert (len(shown["outstandingHistory"]), codes) == (4, set())
    _, codes, api = await outstanding(f"{HISTORY.replace('RECEIV', 'PAY')} {{ total }}", Role.RECEIVABLES_ONLY)
    assert (codes, api.readers.calls) == ({"FORBIDDEN"}, ["administrations"])


async def test_the_same_id_of_a_receivable_and_a_payable_is_not_the_same_object() -> None:
    api = the_api(books=FakeBooks(items=[an_item(id="1")]))
    shown = [
        of_administration(await api.operation("OutstandingItems", administrationId=ID, type=type))["outstandingItems"]
        for type in ("RECEIVABLE", "PAYABLE")
    ]
    ids = [part["items"]["edges"][0]["node"]["id"] for part in shown]
    assert ids[0] != ids[1]


async def test_fixed_assets_add_up_over_their_categories() -> None:
    assets = of_administration(await the_api().operation("FixedAssets", administrationId=ID))["fixedAssets"]
    assert (assets["acquisitionValue"], assets["netBookValue"]) == ("5100.00", "4100.00")
    assert assets["assets"]["edges"][0]["node"]["netBookValue"] is None
    assert assets["schedule"][0] == {
        "month": "2026-01",
        "depreciation": "83.33",
        "netBookValue": "4916.67",
        "booked": True,
    }


async def fixed_assets(selection: str) -> dict[str, Any]:
    answer = await the_api().run(f'{{ administration(id: "{ID}") {{ fixedAssets {{ {selection} }} }} }}')
    found: dict[str, Any] = of_administration(answer)["fixedAssets"]
    return found


async def test_the_module_of_fixed_assets_tells_what_was_sold_what_moved_and_what_is_in_doubt() -> None:
    answer = await fixed_assets(
        """assets { edges { node { status disposedOn disposalProceeds booking { code } } } }
           categories { key unattributed depreciationMethod }
           movements(bookyear: 2) { rubric netBookValue depreciation { additions closing } }
           schedule { depreciation cancelled writtenBack }
           accounts { account { number name } role byHand doubt }"""
    )

    assert answer["assets"]["edges"][0]["node"] == {
        "status": "DISPOSED",
        "disposedOn": "2026-01-01",
        "disposalProceeds": "90.00",
        "booking": {"code": "2-V1-17"},
    }
    assert answer["categories"][1] == {"key": "28", "unattributed": "100.00", "depreciationMethod": None}
    assert answer["movements"] == [
        {"rubric": "23", "netBookValue": "4000.00", "depreciation": {"additions": "1000.00", "closing": "1000.00"}}
    ]
    assert answer["schedule"] == [{"depreciation": "83.33", "cancelled": "5.00", "writtenBack": "0.00"}]
    assert answer["accounts"] == [
        {"account": {"number": "220000", "name": "Land"}, "role": "ACQUISITION", "byHand": False, "doubt": None},
        {
            "account": {"number": "230900", "name": "Wear"},
            "role": "DEPRECIATION",
            "byHand": False,
            "doubt": "Class 63 books on it.",
        },
    ]


async def test_movements_of_a_bookyear_that_is_not_there_are_refused() -> None:
    answer = await the_api().run(
        f'{{ administration(id: "{ID}") {{ fixedAssets {{ movements(bookyear: 99) {{ rubric }} }} }} }}'
    )
    assert answer["errors"][0]["extensions"]["argument"] == "bookyear"


REPORTS_OF_ROLES = {
    Role.ORGANISATION_ADMIN: {"transactions", "booking", "reports", "receivables", "payables", "imports"},
    Role.ENTITY_ADMIN: {"transactions", "booking", "reports", "receivables", "payables", "imports"},
    Role.REPORTS_WITH_TRANSACTIONS: {"transactions", "booking", "reports", "receivables", "payables", "imports"},
    Role.REPORTS: {"reports", "receivables", "payables", "imports"},
    Role.RECEIVABLES_ONLY: {"receivables"},
}
FIELDS = {
    "transactions": "transactions { edges { cursor } }",
    "booking": 'booking(code: "2-V1-17") { code }',
    "reports": 'trialBalance(from: "2026-01-01", to: "2026-01-31") { completeFrom } accounts { number }',
    "receivables": "outstandingItems(type: RECEIVABLE) { total }",
    "payables": "outstandingItems(type: PAYABLE) { total }",
    "imports": "imports { edges { cursor } }",
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("part", FIELDS)
async def test_the_table_of_roles_is_kept(role: Role, part: str) -> None:
    answer = await the_api(role).run(f"query ($id: ID!) {{ administration(id: $id) {{ {FIELDS[part]} }} }}", {"id": ID})
    codes = {error["extensions"]["code"] for error in answer["errors"]}
    assert codes == (set() if part in REPORTS_OF_ROLES[role] else {"FORBIDDEN"})


async def test_a_token_without_known_roles_may_do_nothing() -> None:
    api = the_api()
    bearer = api.connection.bearer
    assert bearer is not None
    api.connection.bearer = Bearer(Principal(MINE, "nobody", frozenset()), bearer.expires_at)
    answers = [
        await api.operation("IntegrationCards"),
        await api.operation("LedgerBasics", administrationId=ID),
        await api.operation("AvailableDossiers", integrationId=ID),
    ]
    assert [error["extensions"]["code"] for answer in answers for error in answer["errors"]] == ["FORBIDDEN"] * 3
