"""From the elements of bookings/modified to ledger lines: the hot path of an import (octopus.md 2.10).

A hundred thousand lines a second and core have to pass here, so the loop is flat: no call per field, and what does not
depend on the line is looked up once.
"""

import hashlib
import inspect
from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from pathlib import Path

import msgspec

from monitr.adapters.octopus.answers.elements import Elements
from monitr.adapters.octopus.answers.json_structure import Delimiter
from monitr.adapters.octopus.answers.keys import booking_key
from monitr.adapters.octopus.answers.odd_records import Reading, Unknown, UnreadableElement, storable
from monitr.adapters.octopus.answers.ranges import LARGEST_AMOUNT, LARGEST_BOOKED, is_rate
from monitr.adapters.octopus.answers.salvage import shown, without_unreadable_parts
from monitr.adapters.octopus.answers.wire import DeletedBooking, LedgerElement
from monitr.adapters.octopus.operations import Operation
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.ledger import BookingKey, LedgerBatch, LedgerLine, OddRecord
from monitr.domain.accounting.money import CENT, loses_more_than_noise

MODIFIED = "modifiedBookings"
DELETED = "deletedBookings"
ARRAYS = frozenset({MODIFIED, DELETED})

_ONE, _HUNDRED, _NOTHING = Decimal("1.0"), Decimal("100.0"), Decimal("0.0")


def rules(bookyears: Sequence[Bookyear], bookyear: int) -> bytes:
    """What beside an answer decides which lines it holds: the periods of its bookyear, and this code."""
    periods = [year.periods for year in bookyears if year.number == bookyear]
    return _THIS_CODE + repr(periods).encode()


def _code_of(*parts: type | Callable[..., object]) -> bytes:
    """The text of the modules, so that nobody has to remember a version: after any change everything is decoded once
    more."""
    texts = [Path(inspect.getfile(part)).read_bytes() for part in parts]
    return hashlib.sha256(b"".join([*texts, msgspec.__version__.encode()])).digest()


class LedgerReading:
    """The reading of one answer."""

    def __init__(self, bookyears: Sequence[Bookyear], unknown: Unknown) -> None:
        self._lines = Reading(Operation.LEDGER, LedgerElement, unknown)
        self._deletions = Reading(Operation.LEDGER, DeletedBooking, unknown)
        self._periods: dict[int, dict[int, tuple[date, date]]] = {
            year.number: {period.number: (period.start, period.end) for period in year.periods} for year in bookyears
        }

    def batch(self, block: Elements) -> LedgerBatch:
        odd: list[OddRecord] = []
        if block.array == DELETED:
            return LedgerBatch([], self._deletions.rows(block, _deleted, odd, []), odd, 0)
        elements = self._lines.all_or_none(block)
        if elements is not None:
            try:
                return LedgerBatch(self._translate(elements, block.first, odd), [], odd, block.count)
            except InvalidOperation:
                odd.clear()
        return self._one_by_one(block, odd)

    def _one_by_one(self, block: Elements, odd: list[OddRecord]) -> LedgerBatch:
        lines: list[LedgerLine] = []
        broken: list[BookingKey] = []
        for position, raw in enumerate(storable(block).raw(), block.first):
            try:
                lines += self._line(position, raw, odd)
            except UnreadableElement as error:
                key = booking_key(raw)
                if key is not None:
                    broken.append(key)
                left = "" if key is None else f"booking {key.code} stays as it was: "
                odd.append(self._lines.note(position, f"{left}{error}"))
        return LedgerBatch(lines, [], odd, block.count, broken=broken)

    def _line(self, position: int, raw: msgspec.Raw, odd: list[OddRecord]) -> list[LedgerLine]:
        """Without the parts that cannot be read, where there are some. Raises UnreadableElement."""
        element, lost = self._lines.what_is_left_of(raw)
        try:
            [line] = self._translate([element], position, odd)
        except InvalidOperation:
            amount = shown(element.booking_amount)
            raise UnreadableElement(f"{_code(element)}: bookingAmount {amount} cannot be kept") from None
        if lost:
            odd.append(self._lines.note(position, f"{_code(element)}: {'; '.join(lost)}"))
        return [line]

    def _translate(self, elements: list[LedgerElement], first: int, odd: list[OddRecord]) -> list[LedgerLine]:
        """Raises InvalidOperation where a number is none, or out of range."""
        periods_of, no_periods = self._periods, dict[int, tuple[date, date]]()
        one, hundred, nothing = _ONE, _HUNDRED, _NOTHING
        # past LedgerLine's own, slower __new__; of a tuple of nothing in particular, as typeshed has it
        new = tuple.__new__  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        to_cents = Decimal.quantize  # as domain.money has it
        lines: list[LedgerLine] = []
        for element in elements:
            bookyear = element.bookyear_key.id
            day = effective = element.document_date
            period = element.bookyear_periode_nr or None
            span = periods_of.get(bookyear, no_periods).get(period or 0)
            if span is not None and not span[0] <= day <= span[1]:  # as Bookyear.effective_date
                effective = span[0] if day < span[0] else span[1]

            raw_amount = element.booking_amount
            amount = to_cents(raw_amount, CENT, ROUND_HALF_EVEN)
            currency_amount = element.document_amount
            if not -LARGEST_BOOKED <= amount <= LARGEST_BOOKED:
                raise InvalidOperation
            if amount != raw_amount and loses_more_than_noise(raw_amount):
                position = first + len(lines)
                odd.append(
                    self._lines.note(position, f"{_code(element)}: bookingAmount {shown(raw_amount)} kept as {amount}")
                )
            if currency_amount == raw_amount:  # most documents are in the bookkeeping currency
                currency_amount = amount
            elif currency_amount is not None:
                currency_amount = to_cents(currency_amount, CENT, ROUND_HALF_EVEN)
                if not -LARGEST_AMOUNT <= currency_amount <= LARGEST_AMOUNT:
                    raise InvalidOperation

            rate, recuperation = element.exchange_rate, element.vat_recuperation_percentage
            if rate == one:  # nearly always
                rate = one
            elif rate is not None:
                rate = _rate(rate)
            if recuperation == hundred:
                recuperation = hundred
            elif recuperation == nothing:
                recuperation = nothing
            elif recuperation is not None:
                recuperation = _rate(recuperation)

            relation, cost_centre = element.relation_key, element.cost_centre_key
            lines.append(
                new(
                    LedgerLine,
                    (
                        bookyear,
                        element.journal_type,
                        element.journal_nr,
                        element.document_sequence_nr,
                        element.line_sequence_nr or 0,
                        period,
                        day,
                        effective,
                        element.expiry_date,
                        element.account_key,
                        amount,
                        element.currency_code or "EUR",
                        currency_amount,
                        rate,
                        relation.id or None if relation is not None else None,
                        cost_centre.id or None if cost_centre is not None else None,
                        element.comment or None,
                        element.reference or None,
                        element.vat_section_code or None,
                        recuperation,
                    ),
                )
            )
        return lines


def _deleted(element: DeletedBooking) -> BookingKey:
    return BookingKey(
        element.bookyear_key.id, element.journal_type, element.journal_sequence_nr, element.document_sequence_nr
    )


def _rate(rate: Decimal) -> Decimal:
    """With the digits that a column can hold."""
    if not is_rate(rate):
        raise InvalidOperation
    return +rate if rate else _NOTHING


def _code(element: LedgerElement) -> str:
    key = BookingKey(element.bookyear_key.id, element.journal_type, element.journal_nr, element.document_sequence_nr)
    return f"{key.code} line {element.line_sequence_nr or 0}"


_THIS_CODE = _code_of(
    Elements,
    Delimiter,
    Reading,
    LedgerElement,
    without_unreadable_parts,
    is_rate,
    Bookyear,
    LedgerLine,
    loses_more_than_noise,
    LedgerReading,
)
"""As it was loaded: the text on the disk may be a newer one by now."""
