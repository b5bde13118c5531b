"""What PostgreSQL reads from the text of COPY is what was written, whatever the texts hold."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr.adapters.sql.importing.bulk_copy import lines_text, rows_text
from monitr.domain.accounting.ledger import LedgerLine

_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}
AWKWARD = st.text(st.sampled_from("a\\\t\r\nNé'\"\u2028\x0b"), max_size=8)


def read(text: bytes, null: str) -> list[list[str | None]]:
    """As PostgreSQL's documentation of the text format has it."""
    lines = text.decode().split("\n")
    assert lines.pop() == ""
    return [[None if field == null else unescaped(field) for field in line.split("\t")] for line in lines]


def unescaped(field: str) -> str:
    out, rest = "", iter(field)
    for mark in rest:
        assert mark != "\r", "PostgreSQL refuses a bare carriage return"
        out += _ESCAPES[next(rest)] if mark == "\\" else mark
    return out


def a_line(**fields: object) -> LedgerLine:
    day = date(2026, 2, 28)
    line = LedgerLine(
        5, 2, 1, 17, 1, 202602, day, day, None, 400000, Decimal("-0.10"), "EUR",
        None, None, None, None, None, None, None, None,
    )  # fmt: skip
    return line._replace(**fields)  # type: ignore[arg-type]  # by name


@given(st.lists(st.tuples(AWKWARD, st.none() | AWKWARD, st.none() | st.integers()), max_size=5))
def test_rows_are_read_as_they_were(rows: list[tuple[object, ...]]) -> None:
    expected = [[None if value is None else str(value) for value in row] for row in rows]
    assert read(rows_text(rows), "\\N") == expected


@given(st.lists(st.tuples(AWKWARD.filter(bool), st.none() | AWKWARD.filter(bool)), max_size=5))
def test_lines_are_read_as_they_were(texts: list[tuple[str, str | None]]) -> None:
    lines = [a_line(description=description, reference=reference) for description, reference in texts]
    expected = [[None if value is None else str(value) for value in line] for line in lines]
    assert read(lines_text(lines), "") == expected


@pytest.mark.parametrize("currency_amount", [None, Decimal("-0.10"), Decimal("12.34")])
def test_the_amount_of_the_document_is_its_own(currency_amount: Decimal | None) -> None:
    amount = Decimal("-0.10")
    [fields] = read(lines_text([a_line(amount=amount, currency_amount=currency_amount)]), "")
    assert fields[10] == "-0.10"
    assert fields[12] == (None if currency_amount is None else str(currency_amount))


def test_an_amount_that_is_the_same_object_is_written_once_as_text() -> None:
    amount = Decimal("7.00")
    [fields] = read(lines_text([a_line(amount=amount, currency_amount=amount)]), "")
    assert (fields[10], fields[12]) == ("7.00", "7.00")
