"""What the accounts of classes 20 to 28 hold: acquisition value, revaluation, depreciation or uncalled amounts.

The last digit tells as a rule (octopus.md 5): 9 depreciation or write-down (credit), 8 revaluation, 1 in the
participating interests (280, 282, 284) what is not called yet (credit), any other the acquisition value. Charts are
not all like that, so what books on an account is heard too, and where it says something else for certain, it is
followed. Where the two disagree, that is said in words; and a user may decide by hand. Class 29 is long-term
receivables, not a fixed asset.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from monitr.domain.accounting.account import account_group, account_text, numbers_of_group
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.money import ZERO

FIXED_ASSET_GROUPS = tuple(str(group) for group in range(20, 29))
FIXED_ASSET_NUMBERS = tuple(numbers for group in FIXED_ASSET_GROUPS for numbers in numbers_of_group(group))
"""Their account numbers, as ranges from the lowest to the highest."""
"""What the numbers of the accounts begin with."""

FINANCIAL = "28"
FINANCIAL_NAME = "Financiële vaste activa"

CHARGES = ("63", "660", "661")
"""Recurring and exceptional depreciation and write-downs (octopus.md 5)."""

REVALUATION_SURPLUS = "12"
SUPPLIERS = "44"
_WRITE_BACKS = ("63", "760", "761")
_UNCALLED_IN = ("280", "282", "284")


class AssetRole(StrEnum):
    """What an account of classes 20 to 28 holds, as its last digit says, or what books on it."""

    ACQUISITION = "ACQUISITION"
    """What assets cost: any last digit that means nothing else."""
    REVALUATION = "REVALUATION"
    """Revaluation surpluses: 8."""
    DEPRECIATION = "DEPRECIATION"
    """Depreciation and amounts written down: 9."""
    UNCALLED = "UNCALLED"
    """Amounts uncalled on financial fixed assets: 1, in class 28."""
    NONE = "NONE"
    """Nothing of fixed assets. Only by hand."""


def is_fixed_asset(account: int) -> bool:
    return account_group(account, 2) in FIXED_ASSET_GROUPS


def role_by_digit(account: int) -> AssetRole | None:
    """None for an account that is no fixed asset."""
    if not is_fixed_asset(account):
        return None
    match account_text(account)[-1]:
        case "9":
            return AssetRole.DEPRECIATION
        case "8":
            return AssetRole.REVALUATION
        case "1" if account_group(account, 3) in _UNCALLED_IN:
            return AssetRole.UNCALLED
        case _:
            return AssetRole.ACQUISITION


def category_key(account: int) -> str:
    """``230`` for 230000 and 230009; ``28`` for every financial fixed asset."""
    return FINANCIAL if account_group(account, 2) == FINANCIAL else account_group(account, 3)


class AssetLine(NamedTuple):
    """A line of a booking that touches a fixed asset, debit positive; what stands on its other accounts may be one line
    for each account and relation. ``opens``: its booking is a year opening."""

    booking: BookingKey
    ordinal: int
    account: int
    effective_date: date
    amount: Decimal
    description: str | None
    relation: int | None
    opens: bool


@dataclass(frozen=True, slots=True)
class AssetBooking:
    """A booking that touches fixed assets: its lines on them (``assets``), and what it holds besides (``others``)."""

    key: BookingKey
    day: date
    opens: bool
    assets: Sequence[AssetLine]
    others: Sequence[AssetLine]

    def elsewhere(self, *groups: str) -> Decimal:
        """The net debit on accounts that begin so."""
        return sum((line.amount for line in self.others if account_text(abs(line.account)).startswith(groups)), ZERO)

    def nets(self) -> dict[int, Decimal]:
        """The net debit on each fixed asset account."""
        sums: dict[int, Decimal] = defaultdict(lambda: ZERO)
        for line in self.assets:
            sums[line.account] += line.amount
        return dict(sums)

    @property
    def relation(self) -> int | None:
        """That of the supplier where a line names one, else the only one that it names."""
        named = [line for line in (*self.others, *self.assets) if line.relation is not None]
        suppliers = {line.relation for line in named if account_group(line.account, 2) == SUPPLIERS}
        found = suppliers or {line.relation for line in named}
        return found.pop() if len(found) == 1 else None


def asset_bookings(lines: Iterable[AssetLine], oldest: int | None) -> list[AssetBooking]:
    """In the order in which they count. Openings repeat what was booked before, and are left out but for those of the
    complete bookyear that is ``oldest``."""
    ordered = sorted(lines, key=lambda line: (line.booking, line.ordinal))
    found = list[AssetBooking]()
    for key, group in groupby(ordered, key=attrgetter("booking")):
        members = list(group)
        assets = [line for line in members if is_fixed_asset(line.account)]
        opens = members[0].opens
        if assets and not (opens and key.bookyear != oldest):
            others = [line for line in members if not is_fixed_asset(line.account)]
            found.append(AssetBooking(key, min(line.effective_date for line in assets), opens, assets, others))
    return sorted(found, key=lambda booking: (booking.day, not booking.opens, booking.key))


@dataclass(slots=True)
class Evidence:
    """What books on one account. ``charged``: credits against class 63; ``revalued``: debits against class 12;
    ``bought``: debits that neither revalue nor take back nor move what was there; ``highest`` and ``lowest``: its
    balances at the ends of days."""

    charged: Decimal = ZERO
    revalued: Decimal = ZERO
    bought: Decimal = ZERO
    debited: Decimal = ZERO
    balance: Decimal = ZERO
    highest: Decimal = ZERO
    lowest: Decimal = ZERO


class Doubt(StrEnum):
    """Why the role of an account is not what its number alone says, or not certain."""

    CHARGED_AGAINST = (
        "Its number says {role}, but class 63 books against it and its balance was never a debit: "
        "taken as depreciation."
    )
    CHARGED_DIRECTLY = (
        "Class 63 books on it, but its balance has been a debit too: "
        "what was acquired and what was depreciated cannot be told apart."
    )
    DEBIT_BALANCE = "Its number says {role}, but its balance was only ever a debit: taken as acquisition value."
    TAKEN_OVER = (
        "Its number says {role}, but all that it holds comes from accounts of depreciation: taken as depreciation."
    )
    CREDIT_BALANCE = "Its number says acquisition value, but its balance was only ever a credit, and nothing tells why."
    BOUGHT_ON = (
        "Its number says revaluation, but it is bought on and class 12 does not book on it: taken as acquisition value."
    )
    REVALUED_ON = "Its number says acquisition value, but only class 12 books on it: taken as revaluation."

    @property
    def is_open(self) -> bool:
        """Whether figures that depend on the role do not follow."""
        return self in (Doubt.CHARGED_DIRECTLY, Doubt.CREDIT_BALANCE)


_WORDS = {
    AssetRole.ACQUISITION: "acquisition value",
    AssetRole.REVALUATION: "revaluation",
    AssetRole.DEPRECIATION: "depreciation",
    AssetRole.UNCALLED: "uncalled amounts",
}


@dataclass(frozen=True, slots=True)
class JudgedAccount:
    """The role of an account, and what speaks against it."""

    account: int
    role: AssetRole
    by_hand: bool = False
    doubt: Doubt | None = None

    @property
    def doubt_in_words(self) -> str | None:
        by_digit = role_by_digit(self.account)
        return None if self.doubt is None or by_digit is None else self.doubt.format(role=_WORDS[by_digit])


@dataclass(frozen=True, slots=True)
class AssetRoles:
    """The roles of the accounts of some books; by their digits where nothing else is known of one."""

    judged: Mapping[int, JudgedAccount] = field(default_factory=dict[int, JudgedAccount])

    def of(self, account: int) -> AssetRole | None:
        """None for an account that is no fixed asset."""
        known = self.judged.get(account)
        return known.role if known else role_by_digit(account)

    def is_open(self, account: int) -> bool:
        known = self.judged.get(account)
        return bool(known and known.doubt and known.doubt.is_open)


def roles_of(
    accounts: Iterable[int], bookings: Iterable[AssetBooking], by_hand: Mapping[int, AssetRole] | None = None
) -> AssetRoles:
    """Of these accounts, and of all that the bookings touch. What a user has set is not doubted."""
    ordered = list(bookings)
    evidence = evidence_of(ordered)
    chosen = by_hand or {}
    known = {account for account in (*accounts, *evidence, *chosen) if is_fixed_asset(account)}
    found = {
        account: JudgedAccount(account, chosen[account], by_hand=True)
        if account in chosen
        else judged(account, evidence.get(account, Evidence()))
        for account in sorted(known)
    }
    return AssetRoles(found | _taken_over(found, ordered))


def _taken_over(known: Mapping[int, JudgedAccount], bookings: Iterable[AssetBooking]) -> dict[int, JudgedAccount]:
    """The accounts of which nothing tells why their balance is a credit, where all that it is comes from accounts that
    are known to hold depreciation: it moved there with what was depreciated."""
    untold = {account for account, it in known.items() if it.doubt is Doubt.CREDIT_BALANCE}
    depreciation = {account for account, it in known.items() if it.role is AssetRole.DEPRECIATION}
    nets = [booking.nets() for booking in bookings] if untold else []
    while from_elsewhere := untold & {
        account
        for net in nets
        if not any(amount > 0 and other in depreciation | untold for other, amount in net.items())
        for account, amount in net.items()
        if amount < 0
    }:
        untold -= from_elsewhere
    return {
        account: JudgedAccount(account, AssetRole.DEPRECIATION, doubt=Doubt.TAKEN_OVER) for account in sorted(untold)
    }


def judged(account: int, evidence: Evidence) -> JudgedAccount:
    """By the last digit, unless what books on the account says something else. Raises ValueError for an account that is
    no fixed asset."""
    by_digit = role_by_digit(account)
    if by_digit is None:
        raise ValueError(f"{account} is no fixed asset")
    was_debit, was_credit = evidence.highest > 0, evidence.lowest < 0
    role, doubt = by_digit, None
    if evidence.charged and was_debit:
        doubt = Doubt.CHARGED_DIRECTLY
    elif evidence.charged and by_digit is not AssetRole.DEPRECIATION:
        role, doubt = AssetRole.DEPRECIATION, Doubt.CHARGED_AGAINST
    elif by_digit in (AssetRole.DEPRECIATION, AssetRole.UNCALLED) and evidence.bought and not was_credit:
        role, doubt = AssetRole.ACQUISITION, Doubt.DEBIT_BALANCE
    elif by_digit is AssetRole.REVALUATION and evidence.bought and not evidence.revalued:
        role, doubt = AssetRole.ACQUISITION, Doubt.BOUGHT_ON
    elif by_digit is AssetRole.ACQUISITION and evidence.revalued and evidence.revalued == evidence.debited:
        role, doubt = AssetRole.REVALUATION, Doubt.REVALUED_ON
    elif by_digit is AssetRole.ACQUISITION and was_credit and not was_debit:
        doubt = Doubt.CREDIT_BALANCE
    return JudgedAccount(account, role, doubt=doubt)


def evidence_of(bookings: Iterable[AssetBooking]) -> dict[int, Evidence]:
    """By account. The bookings as ``asset_bookings`` orders them."""
    found: dict[int, Evidence] = defaultdict(Evidence)
    for _, on_day in groupby(bookings, key=attrgetter("day")):
        touched = set[int]()
        for booking in on_day:
            for account, net in booking.nets().items():
                found[account].balance += net
                touched.add(account)
            _hear(booking, found)
        for account in touched:
            one = found[account]
            one.highest, one.lowest = max(one.highest, one.balance), min(one.lowest, one.balance)
    return dict(found)


def _hear(booking: AssetBooking, found: dict[int, Evidence]) -> None:
    """Adds what one booking tells of the accounts that it touches."""
    nets = booking.nets()
    for account, amount in _charged(booking, nets):
        found[account].charged += amount
    is_revaluation = booking.elsewhere(REVALUATION_SURPLUS) < 0
    is_cancelled = any(net < 0 for net in nets.values()) or booking.elsewhere(*_WRITE_BACKS) < 0
    is_bought = not (is_revaluation or is_cancelled)
    for account, net in nets.items():
        if net > 0:
            found[account].debited += net
            found[account].revalued += net if is_revaluation else ZERO
            found[account].bought += net if is_bought else ZERO


def _charged(booking: AssetBooking, nets: Mapping[int, Decimal]) -> Iterator[tuple[int, Decimal]]:
    """The accounts whose credit is what class 63 was charged with. Those that end in 9 come first: what a sale takes
    from an acquisition value beside them is no charge. Of several others it has to be all, or nothing is certain."""
    charges = max(booking.elsewhere(*CHARGES), ZERO)
    credits = {account: -net for account, net in nets.items() if net < 0}
    own = {account: it for account, it in credits.items() if role_by_digit(account) is AssetRole.DEPRECIATION}
    others = {account: it for account, it in credits.items() if account not in own}
    left = charges - sum(own.values(), ZERO)
    if charges:
        yield from own.items()
    if left > 0 and sum(others.values(), ZERO) == left:
        yield from others.items()
    elif left > 0 and len(others) == 1:
        yield from ((account, min(left, amount)) for account, amount in others.items())
