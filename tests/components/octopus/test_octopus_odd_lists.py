"""Lists with an odd element: what it costs, and that what is left fits the columns of the database."""

import json
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.adapters.octopus.answers import translate, wire
from monitr.adapters.octopus.answers.elements import ROOT, ElementScanner
from monitr.adapters.octopus.answers.odd_records import Lost, Reading, Unknown
from monitr.adapters.octopus.operations import Operation
from monitr.domain.accounting.ledger import OddRecord
from monitr.domain.accounting.outstanding_items import OutstandingItemType


@dataclass(frozen=True)
class AList:
    operation: Operation
    shape: type[msgspec.Struct]
    row: Callable[[Any], object]
    element: dict[str, object]
    needed: tuple[str, ...]

    def read(self, *elements: str) -> tuple[list[object], list[OddRecord], list[Lost]]:
        reading, scanner = Reading(self.operation, self.shape, Unknown()), ElementScanner({ROOT})
        rows: list[object] = []
        odd: list[OddRecord] = []
        lost: list[Lost] = []
        body = f"[{','.join(elements)}]".encode(errors="surrogateescape")
        for block in [*scanner.feed(body), *scanner.close()]:
            rows += reading.rows(block, self.row, odd, lost)
        return rows, odd, lost

    def with_odd(self, member: str, value: str) -> str:
        return json.dumps(self.element | {member: "ODD"}).replace('"ODD"', value)


NAMES = {"description_NL": "Rekening", "description_FR": "Compte"}
KEY = {"bookyearKey": {"id": 1}, "journalKey": "V1", "documentSequenceNr": 3, "lineSequenceNr": 1}
ITEMS = AList(
    Operation.OPEN_PAYABLES,
    wire.OpenRow,
    translate.open_item(OutstandingItemType.PAYABLE),
    {
        "bookyearKey": {"id": 1},
        "journalKey": "A1",
        "documentSequenceNr": 3,
        "documentDate": "2026-01-15",
        "openBookingAmount": 40,
        "lineSequenceNr": -1,
        "expirationDate": "2026-02-15",
        "relationKey": {"id": 16},
        "currencyCode": "USD",
        "debetBookingAmount": 0,
        "creditBookingAmount": 100,
        "debetDocumentAmount": 0,
        "creditDocumentAmount": 130,
        "openDocAmount": 52,
        "comment": "Levering",
        "reference": "F-12",
    },
    (
        *("bookyearKey", "journalKey", "documentSequenceNr", "documentDate", "openBookingAmount"),
        *("debetBookingAmount", "creditBookingAmount"),
    ),
)
LISTS = [
    ITEMS,
    AList(
        Operation.ACCOUNTS,
        wire.ListedAccount,
        translate.an_account,
        {"accountKey": {"bookyearKey": {"id": 1}, "id": 440000}, "description": NAMES},
        ("accountKey",),
    ),
    AList(
        Operation.COST_CENTRES,
        wire.ListedCostCentre,
        translate.a_cost_centre,
        {"costCentreKey": {"id": 4}, "description": NAMES, "closed": False},
        ("costCentreKey",),
    ),
    AList(
        Operation.RELATIONS,
        wire.ListedRelation,
        translate.a_relation,
        {
            "relationIdentificationServiceData": {"relationKey": {"id": 13}},
            "name": "Demo",
            "vatNr": "BE0895.747.092",
            "country": "BE",
            "client": True,
            "active": True,
        },
        ("relationIdentificationServiceData",),
    ),
    AList(
        Operation.JOURNALS,
        wire.ListedJournal,
        translate.a_journal,
        {"bookyearKey": {"id": 1}, "journalKey": "F1", "name": "Bank", "closed": False, "currencyCode": "EUR"},
        ("bookyearKey", "journalKey"),
    ),
    AList(
        Operation.ACCOUNT_AMOUNTS,
        wire.ListedAmount,
        translate.an_account_amount,
        {
            "accountAmountKey": {
                "accountKey": {"bookyearKey": {"id": 1}, "id": 440000},
                "bookyearPeriodKey": {"bookyearPeriodNr": 202601},
            },
            "balance": 5276.96,
        },
        ("accountAmountKey", "balance"),
    ),
    AList(
        Operation.MATCHINGS,
        wire.ListedMatching,
        translate.a_matching,
        {
            "type": {"type": "C", "relationKey": {"id": 16}, "externalRelationId": 0, "accountNr": 400000},
            "debetDocument": {"balancingKey": KEY | {"lineSequenceNr": -1}, "documentDate": "2026-01-15"},
            "creditDocument": {"balancingKey": KEY | {"journalKey": "F1"}, "documentDate": "2026-02-15"},
            "debetBalancedBookingAmount": 40,
            "creditBalancedBookingAmount": 40,
        },
        ("debetDocument", "creditDocument"),
    ),
    AList(
        Operation.BOOKYEARS,
        wire.ListedBookyear,
        translate.a_bookyear,
        {
            "bookyearKey": {"id": 1},
            "startDate": "2026-01-01",
            "endDate": "2026-12-31",
            "bookyearDescription": "2026",
            "closed": False,
            "periods": [{"bookyearPeriod": 202601, "startDate": "2026-01-01", "endDate": "2026-12-31"}],
        },
        ("bookyearKey", "startDate", "endDate"),
    ),
]

odd_values = st.sampled_from(
    [
        *("NaN", "-Infinity", '"NaN"', '"sNaN"', '"Infinity"', "1e400000", "-1e-400000", "1e99999999999999999999"),
        *("1e17", "-1e16", "9999999999999999.996", "-600000", "-1", "2147483648", "9" * 5000, "0." + "3" * 5000),
        *("true", "{}", "[]", "[null]", '"veel"', '"0000-00-00"', '"31/01/2026"', '{"id":-1}', '{"id":"3"}', "[[]]"),
        *('"\udcff"', '"a\\u0000b"', '"\\ud800"', '"' + "x" * 100_000 + '"', "[" * 200 + "]" * 200),
        '{"accountKey":{"bookyearKey":{"id":1},"id":-440000}}',
        '{"accountKey":{"bookyearKey":{"id":1},"id":440000},"bookyearPeriodKey":{"bookyearPeriodNr":-1}}',
    ]
)


def columns_hold(value: object, *, is_key: bool = False) -> bool:
    match value:
        case bool() | None:
            return True
        case int():
            return -(2**31) <= value < 2**31
        case Decimal():
            return value.is_finite() and abs(value) < Decimal(10) ** 16 and value == round(value, 2)
        case str():
            value.encode()  # raises where half a surrogate pair is in it
            return "\x00" not in value and (not is_key or len(value) < 100)
        case tuple():
            return all(map(columns_hold, value))
        case _ if is_dataclass(value):
            keys = ("journal_key", "type")
            return all(columns_hold(getattr(value, f.name), is_key=f.name in keys) for f in fields(value))
        case _:
            return True


@settings(max_examples=300)
@given(st.sampled_from(LISTS), st.data(), odd_values)
def test_an_odd_element_costs_no_other_and_what_is_left_of_it_can_be_stored(
    it: AList, data: st.DataObject, odd: str
) -> None:
    member = data.draw(st.sampled_from(sorted(it.element)))
    sound = json.dumps(it.element)
    [row], _, _ = it.read(sound)

    rows, notes, lost = it.read(sound, it.with_odd(member, odd), sound)

    assert (rows[0], rows[-1]) == (row, row)
    assert len(rows) + len(lost) == 3
    assert all(map(columns_hold, rows))
    assert member in it.needed or not lost
    assert {note.position for note in notes} <= {1}
    assert not lost or notes
    assert all(len(note.problem) < 1500 for note in notes)


@pytest.mark.parametrize(
    ("member", "value"),
    [("openBookingAmount", "1e17"), ("creditBookingAmount", "1e17"), ("debetBookingAmount", '"veel"')],
)
def test_an_open_item_whose_amount_cannot_be_kept_is_lost_and_named(member: str, value: str) -> None:
    rows, [note], _ = ITEMS.read(ITEMS.with_odd(member, value), json.dumps(ITEMS.element))

    assert len(rows) == 1
    assert "documentSequenceNr 3" in note.problem


def test_amounts_that_can_be_kept_may_have_a_sum_that_cannot() -> None:
    large = ITEMS.element | {"debetBookingAmount": -9e15, "creditBookingAmount": 9e15}

    rows, [note], _ = ITEMS.read(json.dumps(large))

    assert rows == []
    assert "cannot be kept" in note.problem


def test_an_open_item_in_nobody_knows_which_currency_keeps_its_amount_in_euro() -> None:
    [row], [note], _ = ITEMS.read(ITEMS.with_odd("currencyCode", "840"))

    assert row == translate.open_item(OutstandingItemType.PAYABLE)(
        msgspec.convert(
            {
                name: value
                for name, value in ITEMS.element.items()
                if name not in ("currencyCode", "debetDocumentAmount", "creditDocumentAmount", "openDocAmount")
            },
            wire.OpenRow,
            strict=False,
        )
    )
    assert "currencyCode 840 left out" in note.problem


def test_of_names_only_the_odd_one_is_lost() -> None:
    accounts = LISTS[1]
    odd = json.dumps(accounts.element | {"description": {"description_NL": 7, "description_FR": "Compte"}})

    [row], [note], _ = accounts.read(odd)

    assert row == translate.an_account(
        msgspec.convert(accounts.element | {"description": {"description_FR": "Compte"}}, wire.ListedAccount)
    )
    assert "description.description_NL 7 left out" in note.problem
