"""The scalars of the contract: Decimal, Date and DateTime, written and read strictly."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar

import strawberry
from graphql import GraphQLError, print_ast
from graphql.language import FloatValueNode, IntValueNode, StringValueNode, ValueNode
from strawberry.types.scalar import ScalarDefinition

from monitr.domain.accounting.money import to_cents

T = TypeVar("T")

LARGEST_AMOUNT = Decimal(10) ** 15
"""Amounts at and above it are no amounts: PostgreSQL's columns end long before memory does."""

_PLAIN_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,10})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def money_text(amount: object) -> str:
    """Plain notation with exactly two decimals: ``1234.50``; never an exponent, never ``-0.00``."""
    if not isinstance(amount, Decimal):
        raise TypeError(f"money is a Decimal, not a {type(amount).__name__}")
    text = str(amount)
    if text[-3:-2] == "." and text != "-0.00":  # as the database has it: two decimals, no exponent
        return text
    cents = to_cents(amount)
    return f"{cents or abs(cents):f}"


def parse_decimal(value: object) -> Decimal:
    """A JSON string in plain notation, or a JSON number as it is written.

    A number has passed through the JSON decoder's float; its shortest text is what the client wrote.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST_AMOUNT
    text = format(Decimal(repr(value)), "f") if is_number else value  # NaN and the infinities are no numbers here
    if not isinstance(text, str) or not _PLAIN_NUMBER.fullmatch(text):
        raise GraphQLError(f'Decimal cannot represent {value!r}: expected plain notation such as "1234.50".')
    return Decimal(text)


def parse_day(value: object) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise GraphQLError(f"Date cannot represent {value!r}: expected YYYY-MM-DD.")


def parse_instant(value: object) -> datetime:
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise GraphQLError(f"DateTime cannot represent {value!r}: expected RFC 3339.")


def instant_text(instant: datetime) -> str:
    """RFC 3339 in UTC, to the millisecond: ``2026-11-22T12:00:00.000Z``."""
    if instant.tzinfo is None:
        raise ValueError("an instant without time zone")
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def month_text(month: date) -> str:
    """``YYYY-MM`` of the month's first day."""
    return f"{month:%Y-%m}"


def literal_with(
    parse: Callable[[object], T], *nodes: type[StringValueNode | IntValueNode | FloatValueNode]
) -> Callable[..., T]:
    """Reads the text of a literal, with no float in between; what is wrong with it is told with its place."""

    def parse_literal(node: ValueNode, variables: object = None) -> T:
        try:
            return parse(node.value if isinstance(node, nodes) else print_ast(node))
        except GraphQLError as error:
            raise GraphQLError(error.message, node) from None

    return parse_literal


SCALARS: dict[object, ScalarDefinition] = {
    Decimal: strawberry.scalar(
        name="Decimal",
        description='Plain notation, never an exponent; money has two decimals, as a JSON string: `"1234.50"`.',
        serialize=money_text,
        parse_value=parse_decimal,
        parse_literal=literal_with(parse_decimal, StringValueNode, IntValueNode, FloatValueNode),
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day, `YYYY-MM-DD`: `2026-03-31`. Days are those of Brussels.",
        serialize=date.isoformat,
        parse_value=parse_day,
        parse_literal=literal_with(parse_day, StringValueNode),
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant, RFC 3339, in UTC to the millisecond: `2026-11-22T12:00:00.000Z`.",
        serialize=instant_text,
        parse_value=parse_instant,
        parse_literal=literal_with(parse_instant, StringValueNode),
    ),
}
