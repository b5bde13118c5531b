"""What a booking does to fixed assets: the columns of the table of movements in the notes of the annual accounts
(KB/AR WVV/CSA of 29 April 2019, annexes), by rubric.

Acquisition values: a debit is an addition; a credit is a disposal, in a purchase journal a credit note, against a debit
on another acquisition value a transfer. Depreciation: a credit against class 6 is what was charged; a debit is
cancelled with what was disposed of, else written back. What is taken over from elsewhere is a transfer: it was not
charged.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, auto
from typing import NamedTuple

from monitr.domain.accounting.account import Names, account_group
from monitr.domain.accounting.asset_accounts import (
    CHARGES,
    FINANCIAL_NAMES,
    SUPPLIERS,
    AssetBooking,
    AssetRole,
    AssetRoles,
)
from monitr.domain.accounting.ledger import JournalType
from monitr.domain.accounting.money import ZERO, credit, debit

UNDER_CONSTRUCTION = "27"

RUBRICS: Mapping[str, Names] = {
    "20": Names("Oprichtingskosten", "Frais d'établissement", "Formation expenses"),
    "21": Names("Immateriële vaste activa", "Immobilisations incorporelles", "Intangible fixed assets"),
    "22": Names("Terreinen en gebouwen", "Terrains et constructions", "Land and buildings"),
    "23": Names(
        "Installaties, machines en uitrusting", "Installations, machines et outillage", "Plant, machinery and equipment"
    ),
    "24": Names("Meubilair en rollend materieel", "Mobilier et matériel roulant", "Furniture and vehicles"),
    "25": Names(
        "Leasing en soortgelijke rechten", "Location-financement et droits similaires", "Leasing and similar rights"
    ),
    "26": Names("Overige materiële vaste activa", "Autres immobilisations corporelles", "Other tangible fixed assets"),
    "27": Names(
        "Activa in aanbouw en vooruitbetalingen",
        "Immobilisations en cours et acomptes versés",
        "Assets under construction and advance payments",
    ),
    "28": FINANCIAL_NAMES,
}

_RESULTS_OF_DISPOSALS = ("641", "663", "741", "763")
_THIRD_PARTIES = ("4", "5")


class Kind(Enum):
    ADDITION = auto()
    DISPOSAL = auto()
    WRITTEN_BACK = auto()
    CHARGED_DIRECTLY = auto()  # an acquisition value that class 63 was booked against
    TRANSFER = auto()


class AssetMovement(NamedTuple):
    """``amount``: as its column shows it, in the account's own side (acquisition values and revaluations debit,
    depreciation credit). Additions and transfers add to the account, the others take from it."""

    account: int
    day: date
    kind: Kind
    amount: Decimal

    @property
    def effect(self) -> Decimal:
        return self.amount if self.kind in (Kind.ADDITION, Kind.TRANSFER) else -self.amount


class _Sides:
    """The debits and credits of a booking on the accounts of one role, as they are used up."""

    def __init__(self, booking: AssetBooking, roles: AssetRoles, role: AssetRole) -> None:
        self.debits: dict[int, Decimal] = defaultdict(lambda: ZERO)
        self.credits: dict[int, Decimal] = defaultdict(lambda: ZERO)
        for line in booking.assets:
            if roles.of(line.account) is role:
                self.debits[line.account] += debit(line.amount)
                self.credits[line.account] += credit(line.amount)


def take(sums: dict[int, Decimal], amount: Decimal) -> list[tuple[int, Decimal]]:
    """Takes the amount from the accounts, in their order, and tells how much from which."""
    taken = list[tuple[int, Decimal]]()
    for account in sorted(sums):
        if part := min(sums[account], amount):
            sums[account] -= part
            amount -= part
            taken.append((account, part))
    return taken


def total(sums: Mapping[int, Decimal]) -> Decimal:
    return sum(sums.values(), ZERO)


def is_disposal(booking: AssetBooking) -> bool:
    """Whether a gain or a loss on a disposal is booked in it."""
    return any(line.account and _begins(line.account, _RESULTS_OF_DISPOSALS) for line in booking.others)


def _begins(account: int, groups: Sequence[str]) -> bool:
    return any(account_group(account, len(group)) == group for group in groups)


def transferred_value(booking: AssetBooking, debits: Mapping[int, Decimal], credits: Mapping[int, Decimal]) -> Decimal:
    """How much of the acquisition values moves between accounts. All of it where both sides are equal or nobody else
    has a part in the booking; what was under construction is taken into use; any other credit beside a debt is a
    trade-in."""
    has_third_party = any(_begins(line.account, _THIRD_PARTIES) for line in booking.others)
    if total(debits) == total(credits) or not has_third_party:
        return min(total(debits), total(credits))
    under_construction = {
        account: amount for account, amount in credits.items() if account_group(account, 2) == UNDER_CONSTRUCTION
    }
    return min(total(debits), total(under_construction))


def is_credit_note(booking: AssetBooking) -> bool:
    """Whether its credits are a supplier's, and no sale."""
    is_suppliers = booking.key.journal_type == JournalType.PURCHASES or booking.elsewhere(SUPPLIERS) > 0
    return is_suppliers and not is_disposal(booking)


def movements_of(booking: AssetBooking, roles: AssetRoles) -> Iterator[AssetMovement]:
    """Of one booking that is no opening. For each account, the effects add up to what the booking does to it."""

    def moved(kind: Kind, parts: Iterable[tuple[int, Decimal]], sign: int = 1) -> Iterator[AssetMovement]:
        return (AssetMovement(account, booking.day, kind, sign * amount) for account, amount in parts if amount)

    value = _Sides(booking, roles, AssetRole.ACQUISITION)
    depreciation = _Sides(booking, roles, AssetRole.DEPRECIATION)
    revaluation = _Sides(booking, roles, AssetRole.REVALUATION)

    charges = max(booking.elsewhere("6") - max(booking.elsewhere("64", "663"), ZERO), ZERO)
    charged = take(depreciation.credits, min(charges, total(depreciation.credits)))
    left_to_charge = max(booking.elsewhere(*CHARGES) - sum((amount for _, amount in charged), ZERO), ZERO)

    amount = transferred_value(booking, value.debits, value.credits)
    in_construction = {a: it for a, it in value.credits.items() if account_group(a, 2) == UNDER_CONSTRUCTION}
    left = take(in_construction, min(amount, total(in_construction)))
    for account, part in left:
        value.credits[account] -= part
    left += take(value.credits, amount - sum((part for _, part in left), ZERO))
    yield from moved(Kind.TRANSFER, take(value.debits, amount))
    yield from moved(Kind.TRANSFER, left, -1)
    yield from moved(Kind.ADDITION, value.debits.items())
    yield from moved(Kind.CHARGED_DIRECTLY, take(value.credits, min(left_to_charge, total(value.credits))))
    disposed = total(value.credits)
    if is_credit_note(booking) and not total(depreciation.debits):
        yield from moved(Kind.ADDITION, value.credits.items(), -1)
    else:
        yield from moved(Kind.DISPOSAL, value.credits.items())

    leaves = bool(disposed) or is_disposal(booking)
    yield from moved(Kind.ADDITION, charged)
    both = min(total(depreciation.debits), total(depreciation.credits))
    yield from moved(Kind.TRANSFER, take(depreciation.debits, both), -1)
    yield from moved(Kind.TRANSFER, depreciation.credits.items())
    yield from moved(Kind.DISPOSAL if leaves else Kind.WRITTEN_BACK, depreciation.debits.items())

    both = min(total(revaluation.debits), total(revaluation.credits))
    yield from moved(Kind.TRANSFER, take(revaluation.debits, both))
    yield from moved(Kind.TRANSFER, take(revaluation.credits, both), -1)
    yield from moved(Kind.ADDITION, revaluation.debits.items())
    yield from moved(Kind.DISPOSAL if leaves else Kind.WRITTEN_BACK, revaluation.credits.items())


@dataclass(frozen=True, slots=True)
class MovementLine:
    """``closing`` is opening + additions - disposals - written back + transfers."""

    opening: Decimal = ZERO
    additions: Decimal = ZERO
    disposals: Decimal = ZERO
    written_back: Decimal = ZERO
    transfers: Decimal = ZERO

    @property
    def closing(self) -> Decimal:
        return self.opening + self.additions - self.disposals - self.written_back + self.transfers


@dataclass(frozen=True, slots=True)
class RubricMovements:
    """Of the acquisition values, the revaluations and the depreciation of a rubric, and what is not called at the end.
    ``value`` leaves revaluations and uncalled amounts out."""

    rubric: str
    names: Names
    value: MovementLine
    revaluation: MovementLine
    depreciation: MovementLine
    uncalled: Decimal

    @property
    def net_book_value(self) -> Decimal:
        return self.value.closing + self.revaluation.closing - self.depreciation.closing - self.uncalled


def movements_by_rubric(
    opening: Mapping[int, Decimal],
    closing: Mapping[int, Decimal],
    movements: Iterable[AssetMovement],
    roles: AssetRoles,
) -> list[RubricMovements]:
    """The table of the notes: balances at both ends of a span, debit positive, and what was booked in it. Of the
    rubrics that have an account. What no booking explains (an opening that differs, in the middle of the span) is a
    transfer."""
    sums: dict[tuple[str, AssetRole, Kind], Decimal] = defaultdict(lambda: ZERO)
    for movement in movements:
        if role := roles.of(movement.account):
            sums[account_group(movement.account, 2), role, movement.kind] += movement.amount
    accounts = [account for account in opening.keys() | closing.keys() if roles.of(account) is not AssetRole.NONE]

    def balance(balances: Mapping[int, Decimal], rubric: str, role: AssetRole) -> Decimal:
        found = (
            balances.get(account, ZERO)
            for account in accounts
            if account_group(account, 2) == rubric and roles.of(account) is role
        )
        sign = -1 if role in (AssetRole.DEPRECIATION, AssetRole.UNCALLED) else 1
        return sum((sign * amount for amount in found), ZERO)

    def line(rubric: str, role: AssetRole) -> MovementLine:
        of: Callable[[Kind], Decimal] = lambda kind: sums[rubric, role, kind]  # noqa: E731
        known = MovementLine(
            balance(opening, rubric, role),
            of(Kind.ADDITION),
            of(Kind.DISPOSAL),
            of(Kind.WRITTEN_BACK) + of(Kind.CHARGED_DIRECTLY),
        )
        return MovementLine(
            known.opening,
            known.additions,
            known.disposals,
            known.written_back,
            balance(closing, rubric, role) - known.closing,
        )

    return [
        RubricMovements(
            rubric,
            names,
            line(rubric, AssetRole.ACQUISITION),
            line(rubric, AssetRole.REVALUATION),
            line(rubric, AssetRole.DEPRECIATION),
            balance(closing, rubric, AssetRole.UNCALLED),
        )
        for rubric, names in RUBRICS.items()
        if any(account_group(account, 2) == rubric for account in accounts)
    ]


@dataclass(slots=True)
class MonthlyDepreciation:
    """``charged``: on whatever account; ``cancelled`` and ``written_back``: of depreciation accounts."""

    charged: Decimal = ZERO
    cancelled: Decimal = ZERO
    written_back: Decimal = ZERO

    @property
    def shows_anything(self) -> bool:
        return bool(self.charged or self.cancelled or self.written_back)


def depreciation_by_month(
    bookings: Iterable[AssetBooking], roles: AssetRoles, until: date
) -> dict[date, MonthlyDepreciation]:
    """What was booked in each month, by its first day, up to ``until``; without months in which nothing was."""
    months: dict[date, MonthlyDepreciation] = defaultdict(MonthlyDepreciation)
    for movement in booked_movements(bookings, roles, date.min, until):
        month = months[movement.day.replace(day=1)]
        is_depreciation = roles.of(movement.account) is AssetRole.DEPRECIATION
        match movement.kind:
            case Kind.CHARGED_DIRECTLY:
                month.charged += movement.amount
            case Kind.ADDITION if is_depreciation:
                month.charged += movement.amount
            case Kind.DISPOSAL if is_depreciation:
                month.cancelled += movement.amount
            case Kind.WRITTEN_BACK if is_depreciation:
                month.written_back += movement.amount
            case _:
                pass
    return {month: sums for month, sums in sorted(months.items()) if sums.shows_anything}


def booked_movements(
    bookings: Iterable[AssetBooking], roles: AssetRoles, from_: date, to: date
) -> Iterator[AssetMovement]:
    """Those that count on a day of the span; openings are none."""
    for booking in bookings:
        if not booking.opens and from_ <= booking.day <= to:
            yield from movements_of(booking, roles)
