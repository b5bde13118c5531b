"""Random closings, opened in every way that a bookkeeper may: balances are never counted twice.

The model beside them does not recognise anything: it knows what it has booked. A bookyear that was opened holds its
balances in its own lines, as Octopus has them; one that was not stands on the closing before it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.domain.accounting.balances import Books, BookyearStart, Movement, OpeningEntry, balances, opening_effects
from monitr.domain.accounting.bookyear import Bookyear, Period
from monitr.domain.accounting.checks import openings_check
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.verification import VerificationStatus
from monitr.domain.accounting.year_opening import Candidate, recognise

MODERATE = settings(max_examples=20, deadline=None)

ZERO = Decimal("0.00")
FIRST_DAY, LAST_DAY, YEAR_BEFORE = date(2025, 1, 1), date(2025, 12, 31), date(2024, 1, 1)
BOOKYEAR = Bookyear(2, "2025", FIRST_DAY, LAST_DAY, False, (Period(202501, FIRST_DAY, date(2025, 1, 31)),))
DIVERS, NAMED, DECOYS = 1, 2, 3
NAMES = {DIVERS: "Diversen", NAMED: "Heropening", DECOYS: "Opening balance"}
RESULT = 140000
BANKS = (550000, 551000, 570000)
OTHERS = (100000, 130000, 173000, 230000, 230009, 280000, 340000, 400000, 416000, 440000, 451000, 490000, 10000)

Amounts = Mapping[int, Decimal]


def euro(lowest: int, highest: int) -> st.SearchStrategy[Decimal]:
    """Of either sign."""
    sizes = st.integers(lowest * 100, highest * 100).map(lambda cents: Decimal(cents).scaleb(-2))
    return st.builds(lambda size, sign: size * sign, sizes, st.sampled_from((1, -1)))


LARGE, SMALL = euro(10_000, 900_000), euro(1, 999)


def together(*sums: Amounts) -> dict[int, Decimal]:
    held: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for one in sums:
        for account, amount in one.items():
            held[account] += amount
    return {account: amount for account, amount in held.items() if amount}


def less(one: Amounts, other: Amounts) -> dict[int, Decimal]:
    return together(one, {account: -amount for account, amount in other.items()})


def with_result(balance_sheet: Amounts) -> dict[int, Decimal]:
    """What a transfer of balances books: the result that was not moved yet goes to class 14."""
    return together(balance_sheet, {RESULT: -sum(balance_sheet.values(), ZERO)})


@dataclass
class Year:
    """The second of two bookyears; ``opening``: the keys of what was booked to open it."""

    closing: dict[int, Decimal]
    """Of the first, which has a result that is not moved, so that this does not net to zero."""
    bookings: list[Candidate] = field(default_factory=list)
    opening: set[BookingKey] = field(default_factory=set)

    def book(
        self, type: int, journal: int, day: date, sums: Amounts, *, opens: bool = False, period: int = 202501
    ) -> None:
        key = BookingKey(2, type, journal, 1 + len(self.bookings))
        self.bookings.append(Candidate(key, day, frozenset({period}), dict(sums)))
        if opens:
            self.opening.add(key)

    # --- ours and the model's -------------------------------------------------------------------------------------

    def found(self) -> set[BookingKey]:
        return {opening.key for opening in recognise(BOOKYEAR, self.bookings, NAMES, self.closing)}

    def books(self) -> Books:
        found = self.found()
        before = [Movement(1, account, 0, YEAR_BEFORE, *sides(amount)) for account, amount in self.closing.items()]
        movements = [
            Movement(2, account, 0, max(booking.date, FIRST_DAY), *sides(amount))
            for booking in self.bookings
            if booking.key not in found
            for account, amount in booking.sums.items()
        ]
        entries = [
            OpeningEntry(2, account, *sides(amount))
            for booking in self.bookings
            if booking.key in found
            for account, amount in booking.sums.items()
        ]
        return Books(
            [BookyearStart(1, YEAR_BEFORE, False), BookyearStart(2, FIRST_DAY, bool(found))],
            entries,
            [*before, *movements],
        )

    def balances(self) -> dict[int, Decimal]:
        return {account: amount for account, amount in balances(self.books(), LAST_DAY).items() if amount}

    def expected(self) -> dict[int, Decimal]:
        lines = together(*(booking.sums for booking in self.bookings))
        return lines if self.opening else together(self.closing, lines)

    def check(self) -> VerificationStatus:
        """Of the openings: what differs between what was recognised and the closing."""
        found = self.found()
        opened = together(*(booking.sums for booking in self.bookings if booking.key in found))
        difference = less(opened, self.closing) if found else {}
        return openings_check({2: difference} if difference else {}).status


def sides(amount: Decimal) -> tuple[Decimal, Decimal]:
    return max(amount, ZERO), max(-amount, ZERO)


# --- the ways -------------------------------------------------------------------------------------------------------


def not_opened(draw: st.DrawFn, year: Year, standing: Amounts) -> None:
    """Not yet."""


def transferred(draw: st.DrawFn, year: Year, standing: Amounts) -> None:
    year.book(4, draw(st.sampled_from((DIVERS, NAMED))), FIRST_DAY, with_result(standing), opens=True)


def by_way_of_58(draw: st.DrawFn, year: Year, standing: Amounts) -> None:
    """Each bank is fetched by a document of its own journal, some days later perhaps."""
    way = draw(st.sampled_from((580000, 588888)))
    banks = {bank: amount for bank, amount in standing.items() if bank in BANKS}
    left = {account: amount for account, amount in with_result(standing).items() if account not in banks}
    year.book(4, DIVERS, FIRST_DAY, left | {way: sum(banks.values(), ZERO)}, opens=True)
    for bank, amount in banks.items():
        day = date(2025, 1, draw(st.integers(1, 31)))
        year.book(3, BANKS.index(bank) + 1, day, {bank: amount, way: -amount}, opens=True)


def transferred_and_completed(draw: st.DrawFn, year: Year, standing: Amounts) -> None:
    """Once before the late booking, and the difference after it."""
    first, now = with_result(standing), with_result(year.closing)
    year.book(4, DIVERS, FIRST_DAY, first, opens=True)
    if more := less(now, first):
        year.book(4, DIVERS, FIRST_DAY, more, opens=True)


def transferred_twice(draw: st.DrawFn, year: Year, standing: Amounts) -> None:
    """By mistake both stand: Octopus's balances are doubled then."""
    year.book(4, DIVERS, FIRST_DAY, with_result(standing), opens=True)
    year.book(4, DIVERS, FIRST_DAY, with_result(year.closing), opens=True)


WAYS: Sequence[Callable[[st.DrawFn, Year, Amounts], None]] = (
    not_opened,
    transferred,
    by_way_of_58,
    transferred_and_completed,
    transferred_twice,
)


@st.composite
def years(draw: st.DrawFn, way: Callable[[st.DrawFn, Year, Amounts], None], *, late: bool) -> Year:
    """``late``: something was booked in the first bookyear after the second was opened."""
    others = draw(st.lists(st.sampled_from(OTHERS), min_size=6, unique=True))
    banks = draw(st.lists(st.sampled_from(BANKS), min_size=1, unique=True))
    standing = {account: draw(LARGE) for account in (*others, *banks)}
    if draw(st.booleans()):
        standing[RESULT] = draw(LARGE)
    changed = draw(late_bookings(standing)) if late else {}
    year = Year(together(standing, changed))
    steps = draw(st.permutations([way, ordinary_work, decoys]))
    for step in steps:
        step(draw, year, standing)
    return year


@st.composite
def late_bookings(draw: st.DrawFn, standing: Amounts) -> dict[int, Decimal]:
    """An invoice (its other side is a result), or a payment."""
    some, other = draw(st.permutations(sorted(standing.keys() - {RESULT})))[:2]
    amount = draw(SMALL)
    return draw(st.sampled_from(({some: amount}, {some: amount, other: -amount})))


def ordinary_work(draw: st.DrawFn, year: Year, standing: Amounts) -> None:
    """Of January: sales, and transfers between banks by way of the accounts that openings take too."""
    for _ in range(draw(st.integers(0, 3))):
        day, amount = date(2025, 1, draw(st.integers(1, 31))), draw(SMALL)
        year.book(2, 1, day, {400000: amount, 700000: -amount})
    for _ in range(draw(st.integers(0, 3))):
        way, amount = draw(st.sampled_from((580000, 588888))), draw(SMALL)
        for bank, signed in zip(BANKS, (amount, -amount), strict=False):
            day = date(2025, 1, draw(st.integers(1, 31)))
            year.book(3, BANKS.index(bank) + 1, day, {bank: signed, way: -signed})


def decoys(draw: st.DrawFn, year: Year, standing: Amounts) -> None:
    """Corrections between accounts of the balance sheet, in a journal that is named after openings."""
    for _ in range(draw(st.integers(0, 3))):
        day, amount = draw(st.sampled_from((FIRST_DAY, date(2025, 1, 10)))), draw(SMALL)
        some, other = draw(st.permutations(OTHERS))[:2]
        year.book(4, DECOYS, day, {some: amount, other: -amount})


# --- what holds in all of them --------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@MODERATE
@given(data=st.data(), late=st.booleans())
def test_balances_are_octopuss_own_and_never_counted_twice(
    way: Callable[[st.DrawFn, Year, Amounts], None], data: st.DataObject, late: bool
) -> None:
    year = data.draw(years(way, late=late))

    assert year.balances() == year.expected()
    assert year.found() == year.opening, "all that opens the bookyear, and nothing else"


@pytest.mark.parametrize("way", [not_opened, transferred, by_way_of_58, transferred_and_completed])
@MODERATE
@given(data=st.data())
def test_an_opening_as_the_year_closed_is_no_adjustment(
    way: Callable[[st.DrawFn, Year, Amounts], None], data: st.DataObject
) -> None:
    """The result is moved, and nothing else: a first opening that was completed after a late booking included."""
    year = data.draw(years(way, late=way is transferred_and_completed))
    effects, transfers = opening_effects(year.books())

    assert year.check() is VerificationStatus.PASSED
    assert {effect.account for effect in effects if effect.bookyear == 2} <= {RESULT}
    assert sum((transfer.amount for transfer in transfers), ZERO) == (
        -sum(year.closing.values(), ZERO) if year.opening else ZERO
    )


@pytest.mark.parametrize("way", [transferred, by_way_of_58, transferred_twice])
@MODERATE
@given(data=st.data())
def test_an_opening_that_was_not_run_again_or_stands_twice_is_told(
    way: Callable[[st.DrawFn, Year, Amounts], None], data: st.DataObject
) -> None:
    year = data.draw(years(way, late=True))

    assert year.check() is VerificationStatus.WARNING
