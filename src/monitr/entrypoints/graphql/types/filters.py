"""The inputs that narrow what is read, translated and checked."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, TypeVar

import strawberry

from monitr.application.reading import ledger
from monitr.application.reading.ledger import EntryType
from monitr.application.reading.master_data import COST_CENTRE
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.graphql.execution.errors import BadUserInput
from monitr.entrypoints.graphql.execution.paging import (
    LARGEST_INT,
    books_span,
    given,
    plain_text,
    within_books,
    within_limit,
)
from monitr.entrypoints.graphql.execution.shown import shown

R = TypeVar("R")
T = TypeVar("T")

MOST_MONTHS = 600

FromDay = Annotated[date, strawberry.argument(name="from")]


@strawberry.input(
    description="The values of one dimension; without a code, any value of it. `without`: what carries none of its "
    "values, openings and their effects in it; not together with a code."
)
class DimensionFilter:
    dimension: str
    code: str | None
    without: bool | None = False


@strawberry.input(
    description="All given conditions hold together. Dates are effective dates, inclusive; amounts are signed, "
    "inclusive; text is searched in description and reference, whatever the case."
)
class TransactionFilter:
    from_: date | None = strawberry.field(name="from")
    to: date | None
    bookyear: int | None
    periods: list[int] | None
    accounts: list[str] | None
    account_from: str | None
    account_to: str | None
    account_classes: list[int] | None
    journal_keys: list[str] | None
    relation_number: int | None
    dimension: DimensionFilter | None
    entry_types: list[EntryType] | None
    amount_from: Decimal | None
    amount_to: Decimal | None
    text: str | None


def transaction_filter(filter: TransactionFilter | None) -> ledger.TransactionFilter:
    it = given(filter)
    if it is None:
        return ledger.TransactionFilter()
    return shown(
        ledger.TransactionFilter,
        it,
        from_=it.from_ and within_books(it.from_),
        to=it.to and within_books(it.to),
        periods=_list(it.periods, "filter.periods"),
        accounts=_each(it.accounts, "filter.accounts", account_number),
        account_from=None if it.account_from is None else account_number(it.account_from, "filter.accountFrom"),
        account_to=None if it.account_to is None else account_number(it.account_to, "filter.accountTo"),
        account_classes=account_classes(it.account_classes, "filter.accountClasses"),
        journal_keys=_each(it.journal_keys, "filter.journalKeys", lambda key, at: plain_text(key, at) or ""),
        dimension=dimension_filter(it.dimension, "filter.dimension"),
        entry_types=_list(it.entry_types, "filter.entryTypes"),
        text=plain_text(it.text, "filter.text") or None,
    )


def months_span(from_: date, to: date) -> tuple[date, date]:
    """Of a report with a row for each month."""
    if (to.year - from_.year) * 12 + to.month - from_.month >= MOST_MONTHS:
        raise BadUserInput("from", Sentence.of("input.TOO_MANY_MONTHS", most=MOST_MONTHS))
    return books_span(from_, to)


def dimension_filter(filter: DimensionFilter | None, argument: str) -> ledger.DimensionFilter | None:
    it = given(filter)
    if it is None:
        return None
    if it.code is not None:
        dimension_code(it.code, f"{argument}.code")
    if it.without and it.code is not None:
        raise BadUserInput(f"{argument}.without", Sentence.of("input.NO_VALUE_HAS_NO_CODE"))
    return ledger.DimensionFilter(dimension_key(it.dimension, f"{argument}.dimension"), it.code, bool(it.without))


def dimension_code(code: str, argument: str) -> str:
    if not (code.isascii() and code.isdecimal() and int(code) <= LARGEST_INT):
        raise BadUserInput(argument, Sentence.of("input.NO_COST_CENTRE", value=repr(code)))
    return code


def dimension_key(key: str, argument: str) -> str:
    if key != COST_CENTRE:
        raise BadUserInput(argument, Sentence.of("input.NO_DIMENSION", value=repr(key), known=COST_CENTRE))
    return key


def account_number(text: str, argument: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise BadUserInput(argument, Sentence.of("input.NO_ACCOUNT_NUMBER", value=repr(text)))
    return int(text)


def account_classes(classes: list[int] | None, argument: str) -> tuple[int, ...] | None:
    return _each(given(classes), argument, _account_class)


def _account_class(klass: int, argument: str) -> int:
    if not 0 <= klass <= 9:
        raise BadUserInput(argument, Sentence.of("input.NO_ACCOUNT_CLASS", value=klass))
    return klass


def _each(entries: list[T] | None, argument: str, read: Callable[[T, str], R]) -> tuple[R, ...] | None:
    """The entries of a list, each read with the name of its argument at hand."""
    return None if entries is None else tuple(read(entry, argument) for entry in within_limit(entries, argument))


def _list(entries: list[T] | None, argument: str) -> tuple[T, ...] | None:
    return _each(entries, argument, lambda entry, _: entry)
