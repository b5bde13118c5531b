from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from graphql import GraphQLError
from graphql.language import parse_value as literal
from hypothesis import given
from hypothesis import strategies as st

from monitr.entrypoints.graphql.types.scalars import (
    SCALARS,
    instant_text,
    money_text,
    parse_day,
    parse_decimal,
    parse_instant,
)


@given(st.decimals(min_value=-(10**14), max_value=10**14, places=2))
def test_money_goes_out_in_plain_notation_with_two_decimals_and_comes_back_the_same(amount: Decimal) -> None:
    text = money_text(amount)
    assert "E" not in text.upper()
    assert text[-3] == "."
    assert parse_decimal(text) == amount


@pytest.mark.parametrize(
    ("amount", "text"),
    [("1E+3", "1000.00"), ("-0.001", "0.00"), ("-0.00", "0.00"), ("990.3199999999999", "990.32"), ("0", "0.00")],
)
def test_no_amount_is_written_with_an_exponent_a_negative_zero_or_noise(amount: str, text: str) -> None:
    assert money_text(Decimal(amount)) == text


def test_a_float_never_leaves_as_money() -> None:
    with pytest.raises(TypeError):
        money_text(0.1)


@pytest.mark.parametrize(
    "value", ["1e5", "0x10", "1,5", "", " 1", "NaN", "Infinity", "١٢", True, None, [], 1e300, "9" * 16]
)
def test_what_is_not_plain_notation_is_refused(value: object) -> None:
    with pytest.raises(GraphQLError):
        parse_decimal(value)


@pytest.mark.parametrize(
    ("source", "amount"), [("0.1", "0.1"), ("1234.50", "1234.50"), ('"-7.25"', "-7.25"), ("3", "3")]
)
def test_a_literal_is_read_from_its_text_without_a_float_in_between(source: str, amount: str) -> None:
    parse_literal = SCALARS[Decimal].parse_literal
    assert parse_literal is not None
    assert parse_literal(literal(source), None) == Decimal(amount)


def test_a_number_among_the_variables_is_what_the_client_wrote() -> None:
    assert [parse_decimal(value) for value in (0.1, 1e-7, 2**31, -3)] == [
        Decimal("0.1"),
        Decimal("0.0000001"),
        Decimal(2**31),
        Decimal(-3),
    ]


@pytest.mark.parametrize("text", ["2026-02-30", "20260101", "2026-W01-1", "2026-1-1", "01/02/2026", "", 20260101, None])
def test_a_day_is_written_in_one_way(text: object) -> None:
    with pytest.raises(GraphQLError):
        parse_day(text)


def test_a_day_comes_back_as_it_went_out() -> None:
    assert parse_day(date(2026, 11, 22).isoformat()) == date(2026, 11, 22)


def test_instants_are_rfc_3339_in_utc() -> None:
    instant = parse_instant("2026-11-22T13:00:00.5+01:00")
    assert instant == datetime(2026, 11, 22, 12, 0, 0, 500_000, tzinfo=UTC)
    assert instant_text(instant) == "2026-11-22T12:00:00.500Z"


def test_an_instant_without_time_zone_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="time zone"):
        instant_text(datetime(2026, 11, 22))  # noqa: DTZ001  # that is the point
