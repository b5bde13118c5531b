"""How openings, movements and later openings make balances.

The rules are those of decision 12, and of the comment on TrialBalance in ``tests/contract/frontend.graphql``. Amounts
are debit minus credit in the bookkeeping currency; days are effective dates.

Classes 0 to 5 are carried forward. A bookyear starts with the sums of its opening entries where any were recognised,
else with the closing of the bookyear before it. What an opening adds to that closing is an *opening effect*: a movement
on the bookyear's first day, not a line. The oldest bookyear has no closing before it: its effect is the whole opening.
Classes 6 to 9 start every bookyear at zero; should an opening entry hold such an account, it counts in its bookyear,
on the first day like the rest of the opening, so that every opening balances in itself.

A cost centre divides an account. An opening says nothing about the division, whatever its lines name: the parts go on
as they stood, and what has no cost centre takes the openings and their effects (``tests/contract/rules.md``, 9). So the
sum of the parts is the account's balance, and a part is the same whether openings were booked or not.

After the last bookyear the books go on as if the next one were open already (``as_if_open``).
"""

from bisect import bisect_right
from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from monitr.domain.accounting import money
from monitr.domain.accounting.account import holds_result, is_carried_forward
from monitr.domain.accounting.bookyear import years_later
from monitr.domain.accounting.money import ZERO

NO_COST_CENTRE = 0

_carried = lru_cache(maxsize=65536)(is_carried_forward)


class BookyearStart(NamedTuple):
    """``opened``: at least one booking is recognised as opening of this bookyear."""

    number: int
    first_day: date
    opened: bool


class Movement(NamedTuple):
    """Sums of lines of one bookyear (the one in their key), openings left out.

    Rows may sum several days; ``day`` is then any of them, provided that no boundary that is asked for (the days before
    and after a span, the ends of its months) parts them.
    """

    bookyear: int
    account: int
    cost_centre: int
    day: date
    debit: Decimal
    credit: Decimal


class OpeningEntry(NamedTuple):
    """What the opening bookings of a bookyear carry on an account, whatever their own dates and cost centres."""

    bookyear: int
    account: int
    debit: Decimal
    credit: Decimal


class OpeningEffect(NamedTuple):
    """What the opening of a bookyear changes on an account, on the first day and before all lines of that day."""

    bookyear: int
    account: int
    cost_centre: int
    day: date
    debit: Decimal
    credit: Decimal


class EffectKind(StrEnum):
    """Why an opening differs from the closing before it."""

    RESULT_TRANSFER = "RESULT_TRANSFER"
    """It moved the result of earlier bookyears to an account of class 14."""
    OPENING_ADJUSTMENT = "OPENING_ADJUSTMENT"
    """Anything else; over all accounts these net to zero."""


class ExplainedEffect(NamedTuple):
    """A part of an account's movement that no line shows; ``amount`` is debit minus credit."""

    bookyear: int
    day: date
    kind: EffectKind
    amount: Decimal


class Transfer(NamedTuple):
    """The result of earlier bookyears that an opening moved to an account; a profit is negative."""

    day: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Books:
    """All lines of the complete bookyears; ``years`` are in the order of their first days, then of their numbers.

    Every movement and opening belongs to one of ``years``; those that are not open yet have none.
    """

    years: Sequence[BookyearStart]
    openings: Sequence[OpeningEntry]
    movements: Sequence[Movement]

    def year_on(self, day: date) -> int | None:
        """The number of the last bookyear that began by then; None before the first."""
        index = bisect_right([year.first_day for year in self.years], day)
        return self.years[index - 1].number if index else None


def as_if_open(years: Sequence[BookyearStart], last_day: date, until: date) -> Sequence[BookyearStart]:
    """With the bookyears that the bookkeeper has not opened yet, of twelve months each, up to that of ``until``: there
    classes 6 to 9 start at zero. ``last_day`` is that of the last of ``years``; the numbers are negative, as none of
    Octopus's is."""
    opened = list(years)
    while opened and last_day < until:
        opened.append(BookyearStart(len(years) - len(opened) - 1, last_day + timedelta(days=1), opened=False))
        last_day = years_later(opened[-1].first_day, 1) - timedelta(days=1)
    return opened


@dataclass(slots=True)
class Figures:
    """One row of a trial balance."""

    opening: Decimal = ZERO
    debit: Decimal = ZERO
    credit: Decimal = ZERO

    @property
    def closing(self) -> Decimal:
        return self.opening + self.debit - self.credit

    @property
    def shows_anything(self) -> bool:
        return bool(self.opening or self.debit or self.credit)


@dataclass(frozen=True, slots=True)
class TrialBalanceFigures:
    """``accounts`` holds every account that has a line or an opening up to ``to``, zeros included, in no order;
    ``effects``, by account, what of debit and credit no line shows, oldest first.

    Both results are None where only the lines of some cost centres were asked for.
    """

    accounts: Mapping[int, Figures]
    result_brought_forward: Decimal | None
    result_transferred: Decimal | None
    effects: Mapping[int, Sequence[ExplainedEffect]] = field(default_factory=dict[int, Sequence[ExplainedEffect]])


class MonthFigures(NamedTuple):
    """``month`` is its first day. Rows whose movement and balance are zero are left out."""

    month: date
    account: int
    cost_centre: int
    movement: Decimal
    balance: Decimal


def opening_effects(books: Books) -> tuple[list[OpeningEffect], list[Transfer]]:
    """What the openings change, and how much result each moved: bookyear after bookyear, oldest first.

    The result that was moved is what the opening adds to the sum over classes 0 to 5 (a complete opening sums to zero,
    the closing before it to minus the result); the rest of its effects nets to zero.
    """
    entries: dict[int, list[OpeningEntry]] = defaultdict(list)
    for entry in books.openings:
        entries[entry.bookyear].append(entry)
    moved: dict[int, dict[tuple[int, int], Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for movement in books.movements:
        if _carried(movement.account):
            moved[movement.bookyear][movement.account, movement.cost_centre] += movement.debit - movement.credit

    effects: list[OpeningEffect] = []
    transfers: list[Transfer] = []
    balance: dict[tuple[int, int], Decimal] = defaultdict(lambda: ZERO)
    for position, year in enumerate(books.years):
        own = [
            OpeningEffect(year.number, entry.account, NO_COST_CENTRE, year.first_day, entry.debit, entry.credit)
            for entry in entries[year.number]
            if not _carried(entry.account)
        ]
        if year.opened:
            start = _start([entry for entry in entries[year.number] if _carried(entry.account)], balance)
            changes = {part: start.get(part, ZERO) - balance.get(part, ZERO) for part in start.keys() | balance.keys()}
            own += [
                OpeningEffect(year.number, *part, year.first_day, money.debit(change), money.credit(change))
                for part, change in changes.items()
                if change
            ]
            balance = defaultdict(lambda: ZERO, start)
        if own and position:
            transfers.append(Transfer(year.first_day, sum((effect.debit - effect.credit for effect in own), ZERO)))
        effects += own
        for part, amount in moved[year.number].items():
            balance[part] += amount
    return effects, transfers


def _start(
    entries: Sequence[OpeningEntry], closing: Mapping[tuple[int, int], Decimal]
) -> dict[tuple[int, int], Decimal]:
    """The balances by account and cost centre with which a bookyear with these opening entries starts."""
    start: dict[tuple[int, int], Decimal] = defaultdict(lambda: ZERO)
    for entry in entries:
        start[entry.account, NO_COST_CENTRE] += entry.debit - entry.credit
    for (account, cost_centre), amount in closing.items():
        if cost_centre != NO_COST_CENTRE:
            start[account, cost_centre] += amount
            start[account, NO_COST_CENTRE] -= amount
    return start


def trial_balance(
    books: Books, from_: date, to: date, chosen: Callable[[int], bool] | None = None
) -> TrialBalanceFigures:
    """The figures of each account from ``from_`` to ``to``, both inclusive; with ``chosen``, of those cost centres."""
    effects, transfers = opening_effects(books)
    current = books.year_on(from_)
    accounts: dict[int, Figures] = defaultdict(Figures)
    left_by_other_years = ZERO
    for row, before, inside in _against(books.movements, effects, from_, to):
        if chosen is not None and not chosen(row.cost_centre):
            continue
        if inside:
            figures = accounts[row.account]
            figures.debit += row.debit
            figures.credit += row.credit
        elif before and (row.bookyear == current or _carried(row.account)):
            accounts[row.account].opening += row.debit - row.credit
        elif before:
            left_by_other_years += row.debit - row.credit
    shown = chosen is None or chosen(NO_COST_CENTRE)
    explained = explained_effects([effect for effect in effects if shown and from_ < effect.day <= to], transfers)
    if chosen is not None:
        return TrialBalanceFigures(accounts, None, None, explained)
    return TrialBalanceFigures(
        accounts,
        left_by_other_years - sum((transfer.amount for transfer in transfers if transfer.day <= from_), ZERO),
        sum((transfer.amount for transfer in transfers if from_ < transfer.day <= to), ZERO),
        explained,
    )


def explained_effects(
    effects: Sequence[OpeningEffect], transfers: Sequence[Transfer]
) -> dict[int, Sequence[ExplainedEffect]]:
    """By account, all effects of some openings told apart: the result that each moved stands on the accounts of class
    14 that took it, and the rest nets to zero; all of it is an adjustment where class 14 took nothing."""
    moved = {transfer.day: transfer.amount for transfer in transfers}
    explained: dict[int, list[ExplainedEffect]] = defaultdict(list)
    of_day: dict[date, dict[tuple[int, int], Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for effect in effects:
        of_day[effect.day][effect.bookyear, effect.account] += effect.debit - effect.credit
    for day, amounts in sorted(of_day.items()):
        taken = _taken({account: amount for (_, account), amount in amounts.items()}, moved.get(day, ZERO))
        for (bookyear, account), amount in sorted(amounts.items()):
            transfer = taken.get(account, ZERO)
            kinds = ((EffectKind.RESULT_TRANSFER, transfer), (EffectKind.OPENING_ADJUSTMENT, amount - transfer))
            explained[account] += [ExplainedEffect(bookyear, day, kind, part) for kind, part in kinds if part]
    return dict(explained)


def _taken(effects: Mapping[int, Decimal], moved: Decimal) -> dict[int, Decimal]:
    """What each account of class 14 took of a result: as much as its own effect, the last one the rest."""
    holders = sorted(account for account, amount in effects.items() if holds_result(account) and amount)
    taken: dict[int, Decimal] = {}
    for account in holders:
        amount = effects[account]
        own = min(amount, moved, key=abs) if amount * moved > ZERO else ZERO
        taken[account], moved = own, moved - own
    if holders:
        taken[holders[-1]] += moved
    return taken


def _against(
    movements: Sequence[Movement], effects: Sequence[OpeningEffect], from_: date, to: date
) -> Iterator[tuple[Movement | OpeningEffect, bool, bool]]:
    """Each row with whether it lies before the span, or in it. Effects come before all lines of their day."""
    for line in movements:
        yield line, line.day < from_, from_ <= line.day <= to
    for effect in effects:
        yield effect, effect.day <= from_, from_ < effect.day <= to


def balances(books: Books, day: date) -> dict[int, Decimal]:
    """The balance of each account at the end of the day."""
    figures = trial_balance(books, day, day).accounts
    return {account: row.closing for account, row in figures.items()}


@dataclass(slots=True)
class _Running:
    """Sums up to the end of a month: of carried-forward parts, and of the others by bookyear."""

    carried: dict[tuple[int, int], Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    of_year: dict[int, dict[tuple[int, int], Decimal]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(lambda: ZERO))
    )

    def add(self, row: Movement | OpeningEffect) -> tuple[tuple[int, int], Decimal]:
        """Which part it moved, and by how much."""
        sums = self.carried if _carried(row.account) else self.of_year[row.bookyear]
        part, amount = (row.account, row.cost_centre), row.debit - row.credit
        sums[part] += amount
        return part, amount

    def parts(self) -> Iterator[tuple[int, int]]:
        """Accounts and cost centres, some more than once."""
        for sums in (self.carried, *self.of_year.values()):
            yield from sums

    def at(self, year: int | None) -> Mapping[tuple[int, int], Decimal]:
        """The balances in that bookyear."""
        return self.carried | self.of_year[year] if year is not None else self.carried


def monthly_balances(books: Books, from_: date, to: date) -> Iterator[MonthFigures]:
    """For each month of the span, by account and cost centre: the movement in it, and the balance at its end.

    The first and last month are clipped to the span. Movements are those of ``trial_balance`` over the same span: the
    opening effects of a bookyear that begins on ``from_`` itself are in the balance alone. The balance of classes 6 to
    9 is that of the bookyear at the end of the month.
    """
    effects, _ = opening_effects(books)
    running = _Running()
    in_month: dict[date, list[Movement | OpeningEffect]] = defaultdict(list)
    for row, before, inside in _against(books.movements, effects, from_, to):
        if before:
            running.add(row)
        elif inside:
            in_month[row.day.replace(day=1)].append(row)

    moving = ((row.account, row.cost_centre) for rows in in_month.values() for row in rows)
    parts = sorted({*running.parts(), *moving})
    for month, last_day in months(from_, to):
        movement: dict[tuple[int, int], Decimal] = {}
        for row in in_month.get(month, ()):
            part, amount = running.add(row)
            movement[part] = movement.get(part, ZERO) + amount
        balance = running.at(books.year_on(last_day))
        for part in parts:
            moved, stands = movement.get(part, ZERO), balance.get(part, ZERO)
            if moved or stands:
                yield MonthFigures(month, *part, moved, stands)


def months(from_: date, to: date) -> Iterator[tuple[date, date]]:
    """The first day of each month that the span touches, and the last day of it that lies in the span."""
    month = from_.replace(day=1)
    while month <= to:
        last_day = month.replace(day=monthrange(month.year, month.month)[1])
        yield month, min(last_day, to)
        if last_day >= to:
            return
        month = last_day + timedelta(days=1)
