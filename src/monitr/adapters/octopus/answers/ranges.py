"""The ranges of numbers, as the columns of the database have them (``adapters/sql/database/tables.py``).

Decimals are only compared here, never calculated with: a number with an exponent of 400,000 costs nothing then.
"""

from decimal import Decimal

LARGEST = 2**31 - 1
"""Of keys and account numbers, which Octopus has as int32 and counts from 0."""

LARGEST_TYPE = 2**15 - 1
"""Of journal types, which are kept as smallint."""

LARGEST_AMOUNT = Decimal("9999999999999999.99")
"""Amounts are kept with 18 digits, two of them cents."""

LARGEST_BOOKED = Decimal("9999999999999.99")
"""Amounts of lines are summed up per account and month, with as many digits: a thousand of the largest fit."""

LEAST_RATE, LARGEST_RATE = Decimal("1E-9"), Decimal("1E12")
"""Of exchange rates and percentages that are not zero."""


def is_amount(number: Decimal) -> bool:
    return number.is_finite() and -LARGEST_AMOUNT <= number <= LARGEST_AMOUNT


def is_rate(number: Decimal) -> bool:
    return number.is_finite() and (not number or LEAST_RATE <= number <= LARGEST_RATE)
