"""What becomes of questions that make no sense."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.acceptance.conftest import Selected
from tests.acceptance.front_end import CONTRACT, FrontEnd
from tests.acceptance.program import Program, token

YEAR = {"from": "2026-01-01", "to": "2026-12-31"}
MALFORMED = ["", "x", "0", "../../etc", "\u0000", "a" * 5000, "00000000-0000-0000-0000-000000000000", "é😀"]


@pytest.fixture
def one(companies: dict[str, Selected]) -> Selected:
    return companies["results appropriated by 69 and 14"]


@pytest.fixture
def stranger(program: Program) -> FrontEnd:
    return FrontEnd(program.url, token(str(uuid4()), "ORGANISATION_ADMIN"))


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("Transactions", {"first": 0}, "first"),
    ("Transactions", {"first": 501}, "first"),
    ("Transactions", {"first": -3}, "first"),
    ("Transactions", {"first": "ten"}, "first"),
    ("Transactions", {"after": "nonsense"}, "after"),
    ("Transactions", {"after": "é"}, "after"),
    ("Transactions", {"after": ""}, "after"),
    ("Transactions", {"filter": {"from": "2026-02-30"}}, "from"),
    ("Transactions", {"filter": {"to": "yesterday"}}, "to"),
    ("Transactions", {"filter": {"amountFrom": "veel"}}, "amountFrom"),
    ("Transactions", {"filter": {"entryTypes": ["OTHER"]}}, "entryTypes"),
    ("Transactions", {"filter": {"dimension": {"code": "3"}}}, "dimension"),
    ("ImportHistory", {"first": 0}, "first"),
    ("ImportHistory", {"first": 501}, "first"),
    ("ImportHistory", {"after": "bm9uc2Vuc2U="}, "after"),
    ("TrialBalance", {"from": "2026-13-01", "to": "2026-12-31"}, "from"),
    ("TrialBalance", {"from": "2026-01-01", "to": "20261231"}, "to"),
    ("TrialBalance", {"from": "2026-12-31", "to": "2026-01-01"}, "to"),
    ("TrialBalance", {**YEAR, "dimension": {"dimension": "PROJECT", "code": "3"}}, "dimension"),
    ("MonthlyBalances", {"from": "2026-12-31", "to": "2026-01-01"}, "to"),
    ("MonthlyBalances", {**YEAR, "accountClasses": [12]}, "accountClasses"),
    ("MonthlyBalances", {**YEAR, "byDimension": "PROJECT"}, "byDimension"),
    ("OutstandingItems", {"type": "OTHER"}, "type"),
    ("OutstandingItems", {"type": "PAYABLE", "asOf": "2026-1-1"}, "asOf"),
    ("OutstandingItems", {"type": "PAYABLE", "bucketDays": [60, 30]}, "bucketDays"),
    ("OutstandingItems", {"type": "PAYABLE", "bucketDays": [-1]}, "bucketDays"),
    ("FixedAssets", {"asOf": "1-1-2026"}, "asOf"),
]


@pytest.mark.parametrize(("operation", "arguments", "name"), BAD, ids=lambda value: json.dumps(value)[:50])
def test_a_malformed_argument_is_named(an: FrontEnd, one: Selected, operation: str, arguments: dict, name: str):
    answer = an.answer(operation, administrationId=one.id, **arguments)
    assert len(answer["errors"]) >= 1
    for error in answer["errors"]:
        assert error["extensions"]["code"] == "BAD_USER_INPUT", error
        assert name in error["message"] or name in str(error["extensions"]), error


def test_a_cursor_of_one_connection_is_malformed_in_another(an: FrontEnd, one: Selected):
    cursor = an.administration("Transactions", one.id, first=2)["transactions"]["pageInfo"]["endCursor"]
    answer = an.answer("ImportHistory", administrationId=one.id, after=cursor)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_explicit_nulls_mean_the_defaults(an: FrontEnd, one: Selected):
    for operation, nulls in {
        "Transactions": ["filter", "first", "after"],
        "ImportHistory": ["first", "after"],
        "FixedAssets": ["asOf"],
    }.items():
        default = an.ask(operation, administrationId=one.id)
        assert an.ask(operation, administrationId=one.id, **dict.fromkeys(nulls)) == default
    items = {"type": "RECEIVABLE"}
    assert an.administration("OutstandingItems", one.id, **items, asOf=None, bucketDays=None) == an.administration(
        "OutstandingItems", one.id, **items
    )
    assert an.administration("TrialBalance", one.id, **YEAR, dimension=None) == an.administration(
        "TrialBalance", one.id, **YEAR
    )
    filter = dict.fromkeys(["from", "to", "bookyear", "periods", "accounts", "relationNumber", "dimension", "text"])
    assert an.administration("Transactions", one.id, filter=filter) == an.administration("Transactions", one.id)
    monthly = {**YEAR, "accountClasses": None, "byDimension": None}
    assert an.administration("MonthlyBalances", one.id, **monthly) == an.administration(
        "MonthlyBalances", one.id, **YEAR
    )


def test_a_booking_code_that_nobody_issued_is_null(an: FrontEnd, one: Selected):
    for code in MALFORMED:
        answer = an.answer("Booking", administrationId=one.id, bookingCode=code)
        if "errors" in answer:
            assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        else:
            assert answer["data"]["administration"]["booking"] is None


def test_the_whole_file_of_the_contract_is_accepted_as_one_document(an: FrontEnd, one: Selected):
    found = an.ask("LedgerBasics", CONTRACT, administrationId=one.id)["administration"]
    assert found["id"] == one.id


def test_an_invalid_query_is_an_answer_with_errors(an: FrontEnd):
    for query in ("{", "{ nothing }"):
        response = an.http.post("/graphql", json={"query": query})
        assert response.status_code in (200, 400)
        assert response.json().get("errors"), (query, response.text)
    for body in (b"", b"[]", b"null", b"{", b'{"query": 7}', b"\xff\xfe"):
        response = an.http.post("/graphql", content=body, headers={"content-type": "application/json"})
        assert response.status_code in (200, 400), (body, response.status_code)
