"""From elements of bookings/modified to ledger lines."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.adapters.octopus.answers.elements import Elements, ElementScanner
from monitr.adapters.octopus.answers.ledger import ARRAYS, DELETED, MODIFIED, LedgerReading
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
        ({"bookingAmount": Decimal(10**13)}, "10000000000000"),
        ({"accountKey": -600000}, "-600000"),
        ({"bookyearPeriodeNr": -1}, "-1"),
        ({"bookyearPeriodeNr": "januari"}, "januari"),
        ({"documentSequenceNr": -7}, "-7"),
        ({"journalType": 40000}, "40000"),
        ({"documentDate": "31/12/2024"}, '"31/12/2024"'),
        ({"bookyearKey": 3}, "bookyearKey is 3"),
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


def test_bytes_that_are_no_utf_8_cost_a_character_of_a_text() -> None:
    block = b"[" + an_element(comment="axb").encode().replace(b"axb", b"a\xffb") + b"," + an_element().encode() + b"]"

    batch = LedgerReading([BOOKYEAR], Unknown()).batch(Elements(MODIFIED, block, 0, 2))

    assert [line.description for line in batch.lines] == ["a\ufffdb", None]
    assert [line.amount for line in batch.lines] == [Decimal("-121.00")] * 2
    [note] = batch.odd
    assert (note.position, "3-A1-7" in note.problem, "UTF-8" in note.problem) == (0, True, True)


SPARED: list[tuple[str, object, str]] = [
    ("comment", 12, "description"),
    ("reference", ["F-12"], "reference"),
    ("relationKey", 27, "relation"),
    ("relationKey", {"id": -27}, "relation"),
    ("relationKey", {"id": 2**31}, "relation"),
    ("relationKey", {}, "relation"),
    ("costCentreKey", {"id": "4"}, "cost_centre"),
    ("costCentreKey", [], "cost_centre"),
    ("expiryDate", "15/02/2024", "due_date"),
    ("expiryDate", "0000-00-00", "due_date"),
    ("exchangeRate", Decimal("1E400000"), "exchange_rate"),
    ("exchangeRate", Decimal("1E-400000"), "exchange_rate"),
    ("exchangeRate", "Infinity", "exchange_rate"),
    ("exchangeRate", Decimal(-3), "exchange_rate"),
    ("documentAmount", Decimal("1E17"), "currency_amount"),
    ("documentAmount", "sNaN", "currency_amount"),
    ("vatRecuperationPercentage", "NaN", "vat_recuperation"),
    ("vatRecuperationPercentage", Decimal(10**13), "vat_recuperation"),
    ("vatSectionCode", 82, "vat_section"),
]


@pytest.mark.parametrize(("member", "odd", "field"), SPARED)
def test_an_odd_part_costs_the_part_and_never_the_money(member: str, odd: object, field: str) -> None:
    sound: dict[str, object] = {
        "comment": "Levering",
        "reference": "F-12",
        "currencyCode": "USD",
        "documentAmount": Decimal("-130.50"),
        "exchangeRate": Decimal("1.0785"),
        "expiryDate": "2024-02-15",
        "relationKey": {"id": 27},
        "costCentreKey": {"id": 4},
        "vatSectionCode": "82",
        "vatRecuperationPercentage": Decimal("50.0"),
    }
    batch = read(an_element(documentSequenceNr=1), an_element(**sound | {member: odd}))

    assert batch.lines[1]._asdict() == the_line(**sound)._asdict() | {field: None}
    assert (batch.broken, len(batch.odd)) == ([], 1)
    assert member in batch.odd[0].problem


def test_an_amount_in_nobody_knows_which_currency_goes_with_the_currency() -> None:
    batch = read(an_element(currencyCode=840, documentAmount=Decimal("-130.50"), exchangeRate=Decimal("1.0785")))

    [line] = batch.lines
    assert (line.amount, line.currency, line.currency_amount, line.exchange_rate) == (
        Decimal("-121.00"), "EUR", None, None,
    )  # fmt: skip
    assert "documentAmount" in batch.odd[0].problem


@pytest.mark.parametrize("rate", ["0E-400000", "1." + "0" * 20_000, "0." + "1" * 20_000, "0.000"])
def test_a_rate_has_no_more_digits_than_a_column_holds(rate: str) -> None:
    line = the_line(exchangeRate=Decimal(rate))

    assert len(str(line.exchange_rate)) < 40
    assert line.exchange_rate is not None
    assert abs(line.exchange_rate - Decimal(rate)) < Decimal("1E-20")


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_of_no_calendar_counts_in_its_period(day: str) -> None:
    line = the_line(documentDate=day, expiryDate=day)

    assert line.document_date == line.due_date == date.fromisoformat(day)
    assert JANUARY.start <= line.effective_date <= JANUARY.end


def test_a_booking_with_an_unreadable_line_is_broken_whatever_else_arrives_of_it() -> None:
    batch = read(
        an_element(documentSequenceNr=6),
        an_element(accountKey=None),
        an_element(bookingAmount=Decimal("121.00"), lineSequenceNr=3),
        an_element(bookingAmount="veel", lineSequenceNr=4),
    )

    assert set(batch.broken) == {BookingKey(3, 1, 1, 7)}
    assert [line.document_number for line in batch.lines] == [6, 7]
    assert all("booking 3-A1-7 stays as it was" in odd.problem for odd in batch.odd)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"documentSequenceNr": "7"}, BookingKey(3, 1, 1, 7)),
        ({"journalNr": Decimal("1.0")}, BookingKey(3, 1, 1, 1)),
        ({"bookyearKey": 3}, BookingKey(3, 1, 1, 7)),
        ({"journalType": "1", "accountKey": []}, BookingKey(3, 1, 1, 7)),
    ],
)
def test_a_key_is_read_leniently_so_that_it_is_known_what_is_broken(
    changes: dict[str, object], key: BookingKey
) -> None:
    changes = {"documentSequenceNr": key.document_number} | changes
    batch = read(an_element(**changes))

    assert (batch.lines, batch.broken, len(batch.odd)) == ([], [key], 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"documentSequenceNr": None},
        {"documentSequenceNr": -1},
        {"bookyearKey": {"id": 2**31}},
        {"bookyearKey": {}},
        {"journalType": 40000},
        {"journalNr": "eerste"},
    ],
)
def test_where_the_key_cannot_be_read_the_line_is_odd(changes: dict[str, object]) -> None:
    batch = read(an_element(**changes), an_element())

    assert (len(batch.lines), batch.broken, len(batch.odd)) == (1, [], 1)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.just("NaN"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "x"]), inner, max_size=3),
    max_leaves=4,
)


@settings(max_examples=150)
@given(
    st.sampled_from([*json.loads(an_element()), *(member for member, _, _ in SPARED), "currencyCode", "brandNew"]),
    anything,
    st.integers(0, 5),
    st.booleans(),
)
def test_whatever_one_element_holds_the_other_bookings_arrive_and_its_own_is_whole_or_broken(
    member: str, value: object, place: int, is_cut_in_two: bool
) -> None:
    elements = [an_element(documentSequenceNr=number // 2, lineSequenceNr=number % 2) for number in range(6)]
    sound = read(*elements).lines
    elements[place] = json.dumps(json.loads(elements[place]) | {member: value})
    reading = LedgerReading([BOOKYEAR], Unknown())

    lines: list[LedgerLine] = []
    broken: list[BookingKey] = []
    odd = 0
    for first, part in ((0, elements[:3]), (3, elements[3:])) if is_cut_in_two else ((0, elements),):
        for batch in map(reading.batch, scanned(part, first)):
            lines += batch.lines
            broken += batch.broken
            odd += len(batch.odd)

    others = [line for line in sound if line.document_number != place // 2]
    assert [line for line in lines if line in others] == others
    assert len(lines) == 6 or odd == 1
    assert len(lines) == 6 or broken or member in ("bookyearKey", "journalType", "journalNr", "documentSequenceNr")


def scanned(elements: list[str], first: int) -> list[Elements]:
    """As they come out of an answer, NaN included."""
    scanner = ElementScanner(ARRAYS)
    body = f'{{"{MODIFIED}":[{",".join(elements)}]}}'.encode()
    return [replace(block, first=first + block.first) for block in [*scanner.feed(body), *scanner.close()]]


def test_a_nul_is_taken_out_of_a_text_because_the_database_cannot_hold_it() -> None:
    assert the_line(comment="a\x00b\\u0000").description == "ab\\u0000"


def test_unknown_properties_are_ignored() -> None:
    assert the_line(brandNew={"deep": [1, {"x": "}"}]}).account == 440000


def test_deleted_documents_are_keys_and_an_unreadable_one_is_odd() -> None:
    key = '{"bookyearKey":{"id":1},"documentSequenceNr":7,"journalSequenceNr":2,"journalType":3}'

    batch = read(key, '{"bookyearKey":{"id":1}}', array=DELETED)

    assert batch.deleted == [BookingKey(1, 3, 2, 7)]
    assert (len(batch.odd), batch.fetched) == (1, 0)
