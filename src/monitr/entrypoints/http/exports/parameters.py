"""The query of an address as what is to be exported: named and read as the arguments of the GraphQL fields."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TypeVar

from graphql import GraphQLError
from starlette.datastructures import QueryParams

from monitr.application.exports.reports import (
    AssetRegister,
    Exportable,
    OpenItems,
    Report,
    TransactionLines,
    TrialBalanceRows,
)
from monitr.application.reading.ledger import DimensionFilter, EntryType, TransactionOrder
from monitr.application.reading.outstanding_items import OutstandingFilter
from monitr.domain.accounting.outstanding_items import OutstandingItemType, ageing_buckets
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.csv_rows import BELGIAN, STANDARD, Dialect
from monitr.entrypoints.graphql.execution.errors import BadUserInput
from monitr.entrypoints.graphql.execution.paging import LARGEST_INT, books_span, within_books, within_limit
from monitr.entrypoints.graphql.types import filters
from monitr.entrypoints.graphql.types.outstanding_items import buckets_not_rising
from monitr.entrypoints.graphql.types.scalars import parse_day, parse_decimal

E = TypeVar("E", bound=Enum)
T = TypeVar("T")

DIALECTS = {"standard": STANDARD, "belgian": BELGIAN}

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,10}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    what: Exportable
    dialect: Dialect


def asked_for(report: Report, query: QueryParams, today: date) -> Asked:
    """Raises BadUserInput, with the name of the parameter, for one that is missing, wrong, unknown or there twice. The
    dialect is taken for every format, and only CSV has them."""
    parameters = _Parameters(query)
    dialect = parameters.one("dialect", _one_of(DIALECTS))
    what = _READ[report](parameters, today)
    parameters.no_others()
    return Asked(what, dialect or STANDARD)


class _Parameters:
    def __init__(self, query: QueryParams) -> None:
        self._query = query
        self._known: set[str] = set()

    def many(self, name: str, read: Callable[[str], T]) -> list[T] | None:
        self._known.add(name)
        texts = within_limit(self._query.getlist(name), name)
        return [_read(name, text, read) for text in texts] or None

    def one(self, name: str, read: Callable[[str], T]) -> T | None:
        found = self.many(name, read) or []
        if len(found) > 1:
            raise BadUserInput(name, Sentence.of("input.GIVEN_TWICE"))
        return found[0] if found else None

    def needed(self, name: str, read: Callable[[str], T]) -> T:
        found = self.one(name, read)
        if found is None:
            raise BadUserInput(name, Sentence.of("input.MISSING"))
        return found

    def no_others(self) -> None:
        if others := sorted(set(self._query) - self._known):
            raise BadUserInput(others[0][:100], Sentence.of("input.NO_SUCH_PARAMETER"))


def _read(name: str, text: str, read: Callable[[str], T]) -> T:
    try:
        return read(text)
    except _WrongValue as wrong:
        raise BadUserInput(name, wrong.why) from None


class _WrongValue(Exception):
    def __init__(self, key: str, **parts: str) -> None:
        super().__init__(key)
        self.why = Sentence.of(key, **parts)


# --- values ---------------------------------------------------------------------------------------------------------


def _whole_number(text: str) -> int:
    if not _WHOLE_NUMBER.fullmatch(text) or not -LARGEST_INT <= int(text) <= LARGEST_INT:
        raise _WrongValue("input.NO_WHOLE_NUMBER", value=text)
    return int(text)


def _truth(text: str) -> bool:
    return _one_of({"true": True, "false": False})(text)


def _amount(text: str) -> Decimal:
    try:
        return parse_decimal(text)
    except GraphQLError:
        raise _WrongValue("input.NO_AMOUNT", value=text) from None


def _day(text: str) -> date:
    try:
        return parse_day(text)
    except GraphQLError:
        raise _WrongValue("input.NO_DAY", value=text) from None


def _one_of(values: dict[str, T]) -> Callable[[str], T]:
    def read(text: str) -> T:
        if text not in values:
            raise _WrongValue("input.NONE_OF", value=text, known=", ".join(values))
        return values[text]

    return read


def _member(of: type[E]) -> Callable[[str], E]:
    return _one_of({each.name: each for each in of})


# --- reports --------------------------------------------------------------------------------------------------------


def _transactions(given: _Parameters, _: date) -> TransactionLines:
    dimension = _dimension_input(given)
    filter = filters.TransactionFilter(
        from_=given.one("from", _day),
        to=given.one("to", _day),
        bookyear=given.one("bookyear", _whole_number),
        periods=given.many("periods", _whole_number),
        accounts=given.many("accounts", str),
        account_from=given.one("accountFrom", str),
        account_to=given.one("accountTo", str),
        account_classes=given.many("accountClasses", _whole_number),
        journal_keys=given.many("journalKeys", str),
        relation_number=given.one("relationNumber", _whole_number),
        booking_relation_number=given.one("bookingRelationNumber", _whole_number),
        dimension=dimension,
        entry_types=given.many("entryTypes", _member(EntryType)),
        amount_from=given.one("amountFrom", _amount),
        amount_to=given.one("amountTo", _amount),
        text=given.one("text", str),
    )
    order = given.one("orderBy", _member(TransactionOrder)) or TransactionOrder.NEWEST_FIRST
    return TransactionLines(filters.transaction_filter(filter), order)


def _trial_balance(given: _Parameters, _: date) -> TrialBalanceRows:
    first_day, last_day = books_span(given.needed("from", _day), given.needed("to", _day))
    return TrialBalanceRows(first_day, last_day, _dimension(given))


def _outstanding_items(given: _Parameters, today: date) -> OpenItems:
    _look_at_buckets(given.many("bucketDays", _whole_number) or [])
    type = given.needed("type", _member(OutstandingItemType))
    filter = OutstandingFilter(given.one("relationNumber", _whole_number), given.one("overdueOnly", _truth) or False)
    return OpenItems(type, within_books(given.one("asOf", _day) or today), filter)


def _look_at_buckets(bounds: list[int]) -> None:
    """They are of the report; no row tells of them."""
    try:
        ageing_buckets(bounds)
    except ValueError:
        raise buckets_not_rising(bounds) from None


def _fixed_assets(given: _Parameters, today: date) -> AssetRegister:
    return AssetRegister(within_books(given.one("asOf", _day) or today))


_READ: dict[Report, Callable[[_Parameters, date], Exportable]] = {
    Report.TRANSACTIONS: _transactions,
    Report.TRIAL_BALANCE: _trial_balance,
    Report.OUTSTANDING_ITEMS: _outstanding_items,
    Report.FIXED_ASSETS: _fixed_assets,
}


def _dimension(given: _Parameters) -> DimensionFilter | None:
    return filters.dimension_filter(_dimension_input(given), "dimension")


def _dimension_input(given: _Parameters) -> filters.DimensionFilter | None:
    """``dimension=COST_CENTRE&code=4``, or ``&without=true``."""
    dimension, code = given.one("dimension", str), given.one("code", str)
    without = given.one("without", _truth)
    if dimension is not None:
        return filters.DimensionFilter(dimension=dimension, code=code, without=without)
    if code is not None or without is not None:
        raise BadUserInput("dimension", Sentence.of("input.NO_DIMENSION_GIVEN"))
    return None
