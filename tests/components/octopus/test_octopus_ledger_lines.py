"""From elements of bookings/modified to ledger lines."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.adapters.octopus.answers.elements import Elements
from monitr.adapters.octopus.answers.ledger import DELETED, MODIFIED, LedgerReading
from monitr.adapters.octopus.answers.odd_records import Unknown
from monitr.domain.accounting.bookyear import Bookyear, Period
from monitr.domain.accounting.ledger import BookingKey, LedgerBatch, LedgerLine

JANUARY = Period(202401, date(2024, 1, 1), date(2024, 1, 31))
FEBRUARY = Period(202402, date(2024, 2, 1), date(2024, 2, 29))
BOOKYEAR = Bookyear(3, "2024", date(2024, 1, 1), date(2024, 12, 31), False, (JANUARY, FEBRUARY))


def an_element(**changes: object) -> str:
    """JSON text; a ``Decimal`` is written digit by digit, None leaves the member out."""
    element = {
        "accountKey": 440000,
        "bookingAmount": Decimal("-121.00"),
        "bookyearKey": {"id": 3},
        "bookyearPeriodeNr": 202401,
        "documentDate": "2024-01-15",
        "documentSequenceNr": 7,
        "journalNr": 1,
        "journalType": 1,
        "lineSequenceNr": 2,
    } | changes
    members = (
        f'"{name}":{value if isinstance(value, Decimal) else json.dumps(value)}'
        for name, value in element.items()
        if value is not None
    )
    return "{" + ",".join(members) + "}"


def read(*elements: str, array: str = MODIFIED, first: int = 0) -> LedgerBatch:
    block = Elements(array, f"[{','.join(elements)}]".encode(), first, len(elements))
    return LedgerReading([BOOKYEAR], Unknown()).batch(block)


def the_line(**changes: object) -> LedgerLine:
    batch = read(an_element(**changes))
    assert batch.odd == []
    [line] = batch.lines
    return line


def test_every_field_of_a_line_arrives_in_its_place() -> None:
    line = the_line(
        comment="Levering",
        reference="F-12",
        currencyCode="USD",
        documentAmount=Decimal("-130.50"),
        exchangeRate=Decimal("1.0785"),
        expiryDate="2024-02-15",
        relationKey={"id": 27},
        costCentreKey={"id": 4},
        vatSectionCode="82",
        vatRecuperationPercentage=Decimal("50.0"),
    )

    assert line == LedgerLine(
        bookyear=3,
        journal_type=1,
        journal_number=1,
        document_number=7,
        line_sequence=2,
        period=202401,
        document_date=date(2024, 1, 15),
        effective_date=date(2024, 1, 15),
        due_date=date(2024, 2, 15),
        account=440000,
        amount=Decimal("-121.00"),
        currency="USD",
        currency_amount=Decimal("-130.50"),
        exchange_rate=Decimal("1.0785"),
        relation=27,
        cost_centre=4,
        description="Levering",
        reference="F-12",
        vat_section="82",
        vat_recuperation=Decimal("50.0"),
    )
    assert isinstance(line, LedgerLine)


def test_what_octopus_leaves_out_has_its_documented_meaning() -> None:
    line = the_line(lineSequenceNr=None, bookyearPeriodeNr=None)

    assert (line.line_sequence, line.period, line.currency, line.currency_amount) == (0, None, "EUR", None)
    assert (line.due_date, line.relation, line.cost_centre, line.description) == (None, None, None, None)


def test_zero_ids_and_empty_texts_are_nothing() -> None:
    line = the_line(
        relationKey={"id": 0}, costCentreKey={"id": 0}, bookyearPeriodeNr=0, comment="", reference="", vatSectionCode=""
    )

    assert (line.relation, line.cost_centre, line.period) == (None, None, None)
    assert (line.description, line.reference, line.vat_section) == (None, None, None)


def test_an_explicit_null_is_like_an_absence() -> None:
    [line] = read(an_element().replace('"lineSequenceNr":2', '"lineSequenceNr":null,"relationKey":null')).lines

    assert (line.line_sequence, line.relation) == (0, None)


def test_period_00_and_unknown_journal_types_are_kept() -> None:
    line = the_line(bookyearPeriodeNr=202400, journalType=5)

    assert (line.period, line.journal_type) == (202400, 5)


@given(
    st.integers(-80, 80).map(lambda days: date(2024, 1, 20) + timedelta(days)),
    st.sampled_from([202401, 202402, 202400, 202413, None]),
)
@settings(max_examples=40)
def test_the_effective_date_is_the_bookyears(day: date, period: int | None) -> None:
    line = the_line(documentDate=day.isoformat(), bookyearPeriodeNr=period)

    assert line.effective_date == BOOKYEAR.effective_date(day, period)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("990.3199999999999", "990.32"),
        ("-990.3199999999999", "-990.32"),
        ("1.2345678E7", "12345678.00"),
        ("-1E-7", "0.00"),
        ("9999999999999.99", "9999999999999.99"),
        ("0.1", "0.10"),
        ("5", "5.00"),
    ],
)
def test_amounts_are_exact_decimals_rounded_to_the_cent(sent: str, kept: str) -> None:
    batch = read(an_element(bookingAmount=Decimal(sent)))

    assert [line.amount for line in batch.lines] == [Decimal(kept)]
    assert batch.odd == []


@given(st.decimals(-(10**12), 10**12, places=2))
@settings(max_examples=40)
def test_no_amount_passes_through_a_float(amount: Decimal) -> None:
    assert the_line(bookingAmount=amount).amount == amount


def test_a_remainder_that_is_no_noise_is_reported_and_the_line_kept() -> None:
    batch = read(an_element(), an_element(bookingAmount=Decimal("10.004")), first=100)

    assert [line.amount for line in batch.lines] == [Decimal("-121.00"), Decimal("10.00")]
    [note] = batch.odd
    assert (note.position, note.operation) == (101, "bookings/modified")
    assert "bookingAmount 10.004" in note.problem


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"accountKey": None}, "accountKey"),
        ({"bookingAmount": None}, "bookingAmount"),
        ({"documentDate": None}, "documentDate"),
        ({"bookyearKey": None}, "bookyearKey"),
        ({"journalNr": None}, "journalNr"),
        ({"accountKey": "44O000"}, '"44O000"'),
        ({"accountKey": 2**40}, str(2**40)),
        ({"bookingAmount": "veel"}, '"veel"'),
        ({"bookingAmount": Decimal("1E400")}, "1E+400"),
        ({"bookingAmount": "NaN"}, "NaN"),
        ({"documentAmount": Decimal(10**16)}, "10000000000000000"),
        ({"documentDate": "31/12/2024"}, '"31/12/2024"'),
        ({"bookyearKey": 3}, "bookyearKey is 3"),
        ({"comment": 12}, "comment is 12"),
    ],
)
def test_an_unreadable_line_is_named_with_its_value_and_the_others_are_kept(
    changes: dict[str, object], named: str
) -> None:
    batch = read(an_element(documentSequenceNr=1), an_element(**changes), an_element(documentSequenceNr=3))

    assert [line.document_number for line in batch.lines] == [1, 3]
    assert batch.fetched == 3
    [note] = batch.odd
    assert note.position == 1
    assert named in note.problem


def test_an_unreadable_line_says_which_document_it_belongs_to() -> None:
    [note] = read(an_element(accountKey="?")).odd

    assert "documentSequenceNr 7" in note.problem


@pytest.mark.parametrize("element", ["null", "7", '"text"', "[]", "{}"])
def test_an_element_that_is_no_line_is_odd(element: str) -> None:
    batch = read(element, an_element())

    assert (len(batch.lines), len(batch.odd)) == (1, 1)


def test_bytes_that_are_no_utf_8_cost_one_line_only() -> None:
    block = b"[" + an_element(comment="x").encode().replace(b'"x"', b'"\xff"') + b"," + an_element().encode() + b"]"

    batch = LedgerReading([BOOKYEAR], Unknown()).batch(Elements(MODIFIED, block, 0, 2))

    assert (len(batch.lines), len(batch.odd)) == (1, 1)


def test_a_nul_is_taken_out_of_a_text_because_the_database_cannot_hold_it() -> None:
    assert the_line(comment="a\x00b\\u0000").description == "ab\\u0000"


def test_unknown_properties_are_ignored() -> None:
    assert the_line(brandNew={"deep": [1, {"x": "}"}]}).account == 440000


def test_deleted_documents_are_keys_and_an_unreadable_one_is_odd() -> None:
    key = '{"bookyearKey":{"id":1},"documentSequenceNr":7,"journalSequenceNr":2,"journalType":3}'

    batch = read(key, '{"bookyearKey":{"id":1}}', array=DELETED)

    assert batch.deleted == [BookingKey(1, 3, 2, 7)]
    assert (len(batch.odd), batch.fetched) == (1, 0)
