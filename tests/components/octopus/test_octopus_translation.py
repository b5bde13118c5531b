"""From Octopus's lists to the words of the domain."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TypeVar

import msgspec
import pytest

from monitr.adapters.octopus.answers import translate, wire
from monitr.adapters.octopus.answers.odd_records import UnreadableElement
from monitr.adapters.octopus.answers.translate import vat_number
from monitr.adapters.octopus.operations import Call, Operation
from monitr.adapters.octopus.refusals import Refusal
from monitr.domain.accounting.account import Names
from monitr.domain.accounting.outstanding_items import OutstandingItem, OutstandingItemType

Shape = TypeVar("Shape", bound=msgspec.Struct)
Row = TypeVar("Row")


def translated(shape: type[Shape], row: Callable[[Shape], Row], **members: object) -> Row:
    return row(msgspec.json.decode(json.dumps(members), type=shape))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("BE0895.747.092", "BE0895747092"),
        ("NL1633.92.705 B01", "NL163392705B01"),
        ("be 0895-747-092", "BE0895747092"),
        ("", None),
        (" . ", None),
        (None, None),
    ],
)
def test_vat_numbers_are_normalised(sent: str | None, kept: str | None) -> None:
    assert vat_number(sent) == kept


def a_relation(**members: object):
    identification = {"externalRelationId": 0, "relationKey": {"id": 13}}
    return translated(
        wire.ListedRelation, translate.a_relation, relationIdentificationServiceData=identification, **members
    )


def test_a_relations_name_is_its_name_then_its_first_name_then_its_number() -> None:
    assert a_relation(name="Demo", firstName="Jan").name == "Demo"
    assert a_relation(name=" ", firstName="Jan").name == "Jan"
    assert a_relation().name == "13"


def test_a_country_of_blanks_is_none() -> None:
    assert a_relation(country="  ").country is None
    assert a_relation(country="nl").country == "NL"


def test_flags_that_are_left_out_are_false_but_a_relation_is_active() -> None:
    relation = a_relation()

    assert (relation.is_client, relation.is_supplier, relation.active) == (False, False, True)
    assert a_relation(active=False).active is False


def test_an_account_has_its_names_in_four_languages() -> None:
    account = translated(
        wire.ListedAccount,
        translate.an_account,
        accountKey={"bookyearKey": {"id": 2}, "id": 230000},
        description={"description_NL": "Installaties", "description_FR": "Installations", "description_EN": ""},
    )

    assert (account.bookyear, account.number) == (2, 230000)
    assert account.names == Names("Installaties", "Installations", "", "")


def a_side(journal: str, line: int | None, day: str | None = None) -> dict[str, object]:
    key: dict[str, object] = {"bookyearKey": {"id": 1}, "journalKey": journal}
    key |= {"documentSequenceNr": 3, "lineSequenceNr": line}
    side: dict[str, object] = {"balancingKey": key}
    if day is not None:
        side["documentDate"] = day
    return side


def a_matching(**members: object):
    sides = {"debetDocument": a_side("V1", -1, "2026-01-15"), "creditDocument": a_side("F1", 2, "2026-02-15")}
    amounts = {"debetBalancedBookingAmount": 40.004, "creditBalancedBookingAmount": 39}
    return translated(wire.ListedMatching, translate.a_matching, **sides | amounts | members)


def test_a_matching_names_its_lines_as_the_open_items_do() -> None:
    matching = a_matching(type={"type": "S", "relationKey": {"id": 16}, "accountNr": 440000})

    assert matching.pair == ((1, "V1", 3, -1), (1, "F1", 3, 2))
    assert (matching.kind, matching.relation, matching.account) == ("S", 16, 440000)
    assert (matching.amount, matching.credit_amount) == (Decimal("40.00"), Decimal("39.00"))
    assert (matching.debit_date, matching.credit_date) == (date(2026, 1, 15), date(2026, 2, 15))


def test_a_matching_without_a_type_is_about_nobody_known() -> None:
    assert (a_matching().kind, a_matching().relation, a_matching().account) == ("", None, None)
    nobody = a_matching(type={"type": "A", "relationKey": {"id": 0}, "accountNr": 0})
    assert (nobody.kind, nobody.relation, nobody.account) == ("A", None, None)


def test_what_one_side_of_a_matching_does_not_say_the_other_does_and_signs_mean_nothing() -> None:
    matching = a_matching(creditDocument=a_side("F1", None), debetBalancedBookingAmount=None)

    assert matching.credit.line_sequence == 0
    assert matching.credit_date == date(2026, 1, 15)
    assert (matching.amount, matching.credit_amount) == (Decimal("39.00"), Decimal("39.00"))
    assert a_matching(creditBalancedBookingAmount=-5).credit_amount == Decimal("5.00")


@pytest.mark.parametrize(
    "members",
    [
        {"debetBalancedBookingAmount": None, "creditBalancedBookingAmount": None},
        {"debetDocument": a_side("V1", -1), "creditDocument": a_side("F1", 2)},
        {"debetDocument": a_side("V" * 41, -1, "2026-01-15")},
    ],
    ids=["no amount", "no date", "no key"],
)
def test_a_matching_without_an_amount_a_date_or_a_key_cannot_be_read(members: dict[str, object]) -> None:
    with pytest.raises(UnreadableElement):
        a_matching(**members)


def test_of_a_removed_matching_the_keys_are_enough() -> None:
    pair = translated(
        wire.ListedMatching, translate.a_matched_pair, debetDocument=a_side("V1", -1), creditDocument=a_side("F1", 2)
    )

    assert pair == ((1, "V1", 3, -1), (1, "F1", 3, 2))


def test_a_bookyear_keeps_its_periods_in_order_and_as_they_are_numbered() -> None:
    bookyear = translated(
        wire.ListedBookyear,
        translate.a_bookyear,
        bookyearKey={"id": 4},
        bookyearDescription="2025",
        startDate="2025-07-01",
        endDate="2026-06-30",
        closed=True,
        periods=[
            {"bookyearPeriod": 202504, "startDate": "2026-04-01", "endDate": "2026-06-30"},
            {"bookyearPeriod": 202501, "startDate": "2025-07-01", "endDate": "2025-09-30"},
        ],
    )

    assert (bookyear.number, bookyear.description, bookyear.closed) == (4, "2025", True)
    assert [period.number for period in bookyear.periods] == [202501, 202504]


def test_a_bookyear_that_ends_before_it_starts_is_unreadable() -> None:
    with pytest.raises(UnreadableElement, match="endDate"):
        translated(
            wire.ListedBookyear,
            translate.a_bookyear,
            bookyearKey={"id": 4},
            startDate="2026-01-01",
            endDate="2025-12-31",
        )


def a_journal(key: str):
    return translated(wire.ListedJournal, translate.a_journal, bookyearKey={"id": 1}, journalKey=key, name="Bank ING")


def test_a_journal_key_is_a_letter_and_a_number() -> None:
    journal = a_journal("F12")

    assert (journal.type, journal.number, journal.key, journal.currency) == ("F", 12, "F12", None)


def test_an_unknown_letter_is_kept_and_no_letter_is_unreadable() -> None:
    assert a_journal("X3").type == "X"
    with pytest.raises(UnreadableElement, match="'12'"):
        a_journal("12")


def test_an_account_amount_without_period_has_period_0() -> None:
    key = {"accountKey": {"bookyearKey": {"id": 1}, "id": 230000}}
    amount = translated(wire.ListedAmount, translate.an_account_amount, accountAmountKey=key, balance=5276.959999999)

    assert (amount.bookyear, amount.period, amount.account, amount.balance) == (1, 0, 230000, Decimal("5276.96"))


def an_open_item(type: OutstandingItemType, debit: float, credit: float, still_open: float) -> OutstandingItem:
    return translated(
        wire.OpenRow,
        translate.open_item(type),
        bookyearKey={"id": 1},
        journalKey="V1",
        documentSequenceNr=1,
        lineSequenceNr=-1,
        documentDate="2000-03-01",
        expirationDate="2000-03-31",
        relationKey={"id": 16},
        currencyCode="USD",
        debetBookingAmount=debit,
        creditBookingAmount=credit,
        debetDocumentAmount=debit * 2,
        creditDocumentAmount=credit * 2,
        openBookingAmount=still_open,
        openDocAmount=still_open * 2,
        comment="Levering",
        reference="",
    )


@pytest.mark.parametrize(
    ("type", "debit", "credit", "raw", "amount", "outstanding"),
    [
        ("RECEIVABLE", 2544.0, 0.0, 544.0, "2544.00", "544.00"),
        ("RECEIVABLE", 0.0, 100.0, 40.0, "-100.00", "-40.00"),  # credit note, absolute
        ("RECEIVABLE", 0.0, 100.0, -40.0, "-100.00", "-40.00"),  # credit note, signed
        ("PAYABLE", 0.0, 80.0, 30.0, "80.00", "30.00"),
        ("PAYABLE", 0.0, 80.0, -30.0, "80.00", "30.00"),
        ("PAYABLE", 80.0, 0.0, 30.0, "-80.00", "-30.00"),
        ("RECEIVABLE", 0.0, 0.0, 5.0, "0.00", "5.00"),
        ("PAYABLE", 0.0, 0.0, -5.0, "0.00", "5.00"),
    ],
)
def test_an_open_item_takes_its_direction_from_debit_and_credit_alone(
    type: str, debit: float, credit: float, raw: float, amount: str, outstanding: str
) -> None:
    item = an_open_item(OutstandingItemType(type), debit, credit, raw)

    assert (item.amount, item.amount_outstanding) == (Decimal(amount), Decimal(outstanding))
    assert item.currency_amount == Decimal(amount) * 2
    assert item.currency_amount_outstanding == Decimal(outstanding) * 2


def test_an_open_item_names_its_document() -> None:
    item = an_open_item(OutstandingItemType.RECEIVABLE, 1, 0, 1)

    assert (item.bookyear, item.journal_key, item.document_number, item.line_sequence) == (1, "V1", 1, -1)
    assert (item.relation, item.due_date, item.description, item.reference) == (16, date(2000, 3, 31), "Levering", None)


@pytest.mark.parametrize(
    "text", ["Invalid or missing parameters passed", "No modified bookings found", "Unknown journal", ""]
)
def test_ordinary_refusals_are_not_taken_for_quota(text: str) -> None:
    assert not Refusal.of(400, json.dumps({"errorCode": -13, "technicalInfo": text}).encode()).is_quota


def test_a_space_in_a_query_is_percent_encoded() -> None:
    call = Call(Operation.CHANGED_ACCOUNTS, {"dossier": 1}, {"modifiedTimeStamp": "1980-01-01 00:00:00.000"})

    assert call.path == "/dossiers/1/accounts/modified?modifiedTimeStamp=1980-01-01%2000%3A00%3A00.000"
