"""The inputs that narrow what is read, translated and checked."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, TypeVar

import strawberry

from monitr.application.reading import ledger
from monitr.application.reading.ledger import EntryType
from monitr.application.reading.master_data import COST_CENTRE
from monitr.domain.accounting.statements.rubrics import LegalForm, StatementModel
from monitr.domain.words.sentence import Sentence, quoted
from monitr.entrypoints.graphql.execution.errors import BadUserInput
from monitr.entrypoints.graphql.execution.paging import (
    LARGEST_INT,
    books_span,
    given,
    ordered,
    plain_text,
    within_books,
    within_limit,
)
from monitr.entrypoints.graphql.execution.shown import shown

R = TypeVar("R")
T = TypeVar("T")

MOST_MONTHS = 600

FromDay = Annotated[date, strawberry.argument(name="from", description="The first day, included: effective dates.")]
ToDay = Annotated[date, strawberry.argument(description="The last day, included; not before `from`.")]
OfModel = Annotated[
    StatementModel | None, strawberry.argument(description="The model of the annual accounts; null: FULL.")
]
OfLegalForm = Annotated[
    LegalForm | None, strawberry.argument(description="Which variant of the model; null: WITH_CAPITAL.")
]


@strawberry.input
class DimensionFilter:
    """What carries a value of one dimension: without a code any value, with one that value; or what carries none."""

    dimension: str
    """The key of a `Dimension`: `COST_CENTRE`."""
    code: str | None
    """The code of a `DimensionValue`; null: any value."""
    without: bool | None = False
    """What carries no value of the dimension, openings and their effects in it; not together with a code. Null:
    false."""


@strawberry.input
class TransactionFilter:
    """All given conditions hold together; what is left out or null does not narrow. Lists hold 500 entries at most."""

    from_: date | None = strawberry.field(name="from")
    """The first effective date, included."""
    to: date | None
    """The last effective date, included."""
    bookyear: int | None
    """The `number` of a `Bookyear`."""
    periods: list[int] | None
    """Numbers within their bookyears, any of them."""
    accounts: list[str] | None
    """Account numbers, any of them: `["400000"]`."""
    account_from: str | None
    """The lowest account number, included."""
    account_to: str | None
    """The highest account number, included."""
    account_classes: list[int] | None
    """First digits of account numbers, 0 to 9, any of them."""
    journal_keys: list[str] | None
    """Keys of journals, any of them: `["V1"]`."""
    relation_number: int | None
    """The `number` of a `Relation`."""
    booking_relation_number: int | None
    """Lines of bookings that name this relation and no other, on whichever of their lines; with account class 7 the
    revenue from it."""
    dimension: DimensionFilter | None
    """What carries a value of a dimension, or none."""
    entry_types: list[EntryType] | None
    """Movements, or openings."""
    amount_from: Decimal | None
    """The least amount, debit minus credit, included: `"-100.00"`."""
    amount_to: Decimal | None
    """The largest amount, debit minus credit, included."""
    text: str | None
    """Found in description or reference, whatever the case."""


def transaction_filter(filter: TransactionFilter | None) -> ledger.TransactionFilter:
    it = given(filter)
    if it is None:
        return ledger.TransactionFilter()
    ordered(it.from_, it.to, "filter.to")
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
    if not (code.isascii() and code.isdecimal() and len(code) <= 10 and int(code) <= LARGEST_INT):
        raise BadUserInput(argument, Sentence.of("input.NO_COST_CENTRE", value=quoted(code)))
    return code


def dimension_key(key: str, argument: str) -> str:
    if key != COST_CENTRE:
        raise BadUserInput(argument, Sentence.of("input.NO_DIMENSION", value=quoted(key), known=COST_CENTRE))
    return key


def account_number(text: str, argument: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise BadUserInput(argument, Sentence.of("input.NO_ACCOUNT_NUMBER", value=quoted(text)))
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
