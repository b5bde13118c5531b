"""The register of fixed assets as the ledger tells it: what was acquired, and what became of it.

Each debit on an acquisition value is an asset. A credit belongs to one of them only where that is certain: it is the
only asset of its account with that value, or all that is there, or the only one there. Otherwise nothing is changed,
the amount stays unattributed, and nothing of that account is certain until all of it has left.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID, uuid5

from monitr.domain.accounting.account import account_group
from monitr.domain.accounting.asset_accounts import AssetBooking, AssetLine, AssetRole, AssetRoles, category_key
from monitr.domain.accounting.asset_movements import UNDER_CONSTRUCTION, Kind, is_credit_note, movements_of
from monitr.domain.accounting.fixed_assets import Acquisitions
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.money import ZERO
from monitr.domain.organisation import AdministrationId

_PROCEEDS_STAND_ON = ("4", "5")


class AssetStatus(StrEnum):
    """What has become of an asset."""

    IN_USE = "IN_USE"
    """It is on an account of acquisition value."""
    DISPOSED = "DISPOSED"
    """It was sold or taken out of use. What was credited in full is not in the register at all."""
    UNDER_CONSTRUCTION = "UNDER_CONSTRUCTION"
    """It is on an account of class 27, assets under construction and advance payments."""


@dataclass(slots=True)
class Asset:
    """Something that was acquired. ``booking`` and ``ordinal`` name the line that acquired it, ``account`` is where it
    stands now, or stood last; ``value`` what is left of its acquisition value, or what left with it.

    ``acquired_on`` is unknown for what the books began with; ``counted_from`` is the effective date of the line.
    ``proceeds``: what it was sold for without VAT, where the booking that took it out says so.
    """

    booking: BookingKey
    ordinal: int
    account: int
    counted_from: date
    acquired_on: date | None
    value: Decimal
    description: str | None
    relation: int | None
    disposed_on: date | None = None
    proceeds: Decimal | None = None

    @property
    def status(self) -> AssetStatus:
        if self.disposed_on is not None:
            return AssetStatus.DISPOSED
        in_construction = account_group(self.account, 2) == UNDER_CONSTRUCTION
        return AssetStatus.UNDER_CONSTRUCTION if in_construction else AssetStatus.IN_USE

    @property
    def category(self) -> str:
        return category_key(self.account)


def asset_id(administration: AdministrationId, asset: Asset) -> UUID:
    """Always the same for the same asset, wherever it was moved: that of the line that acquired it."""
    return uuid5(administration, f"asset/{asset.booking.code}/{asset.ordinal}")


@dataclass(slots=True)
class Register:
    """Assets in the order in which they were acquired. What was credited in full is none. ``unclear``: accounts which
    something has left while depreciation of their category stayed where it was. ``clouded``: accounts of which
    something has left, and nobody knows what."""

    assets: list[Asset] = field(default_factory=list[Asset])
    unclear: set[int] = field(default_factory=set[int])
    clouded: set[int] = field(default_factory=set[int])

    def held(self, account: int | None = None) -> list[Asset]:
        """What is still there; with an account, on that one."""
        return [
            asset
            for asset in self.assets
            if asset.disposed_on is None and (account is None or asset.account == account)
        ]

    def acquisitions(self) -> dict[int, Acquisitions]:
        """What is still there, by account; zero where all has left."""
        found: dict[int, list[Asset]] = defaultdict(list)
        for asset in self.assets:
            found[asset.account].append(asset)
        held = {account: [it for it in assets if it.disposed_on is None] for account, assets in found.items()}
        return {
            account: Acquisitions(len(assets), sum((asset.value for asset in assets), ZERO))
            for account, assets in held.items()
        }


def register(bookings: Iterable[AssetBooking], roles: AssetRoles, until: date) -> Register:
    """What the bookings up to ``until`` tell, in the order of ``asset_bookings``."""
    found = Register()
    balances: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for booking in bookings:
        if booking.day > until:
            break
        entry = _Entry(booking, roles, found, balances)
        entry.enter()
        for account, net in booking.nets().items():
            balances[account] += net
        entry.settle()
    return found


class _Entry:
    """One booking, as it changes the register."""

    def __init__(
        self, booking: AssetBooking, roles: AssetRoles, register: Register, balances: Mapping[int, Decimal]
    ) -> None:
        self._booking = booking
        self._roles = roles
        self._register = register
        self._balances = balances
        of_value = [line for line in booking.assets if roles.of(line.account) is AssetRole.ACQUISITION]
        self._debits = [line for line in of_value if line.amount > 0]
        movements = [] if booking.opens else list(movements_of(booking, roles))
        charged = {it.account for it in movements if it.kind is Kind.CHARGED_DIRECTLY}
        self._credits = [line for line in of_value if line.amount < 0 and line.account not in charged]
        accounts = {line.account for line in of_value}
        transfers = [it.amount for it in movements if it.kind is Kind.TRANSFER and it.account in accounts]
        self._transferred = sum((amount for amount in transfers if amount > 0), ZERO)

    def enter(self) -> None:
        if self._transferred:
            if not self._transfer():
                self._acquire()
            return
        self._acquire()
        for account in sorted({line.account for line in self._credits}):
            if self._booking.opens:
                self._register.clouded.add(account)
            else:
                self._leave(account, [line for line in self._credits if line.account == account])

    def settle(self) -> None:
        """Of an account that has nothing left, everything has left."""
        for account in {line.account for line in self._credits}:
            if account in self._register.clouded and not self._balances[account]:
                for asset in self._register.held(account):
                    asset.disposed_on = self._booking.day
                self._register.clouded.discard(account)

    def _acquire(self) -> None:
        for line in self._debits:
            self._register.assets.append(
                Asset(
                    line.booking,
                    line.ordinal,
                    line.account,
                    line.effective_date,
                    None if line.opens else line.effective_date,
                    line.amount,
                    line.description,
                    line.relation if line.relation is not None else self._booking.relation,
                )
            )

    def _transfer(self) -> bool:
        """Moves assets to another account where it is certain which they are. Where more than they were worth is booked
        there, something new has come of them. Whether the debits are dealt with."""
        credited = {line.account: ZERO for line in self._credits}
        for line in self._credits:
            credited[line.account] -= line.amount
        into = {line.account for line in self._debits}
        chosen = {account: self._those(account, amount) for account, amount in credited.items()}
        self._doubt_depreciation(credited.keys() | into)
        if len(into) != 1 or None in chosen.values() or into & credited.keys():
            self._register.clouded |= credited.keys()
            return False
        moved = [asset for assets in chosen.values() for asset in assets or ()]
        is_all = sum((line.amount for line in self._debits), ZERO) == sum(credited.values(), ZERO)
        for asset in moved:
            if is_all:
                asset.account = next(iter(into))
            else:
                self._register.assets.remove(asset)
        return is_all

    def _leave(self, account: int, credits: Sequence[AssetLine]) -> None:
        """Credits on an account: a supplier's take from what was paid too much, any other is a disposal."""
        self._doubt_depreciation({account})
        everything = self._those(account, -sum((line.amount for line in credits), ZERO))
        if everything is not None:
            self._end(everything)
            return
        for line in credits:
            self._take(account, -line.amount)

    def _take(self, account: int, amount: Decimal) -> None:
        chosen = self._those(account, amount) or self._the_only_one(account, amount)
        if chosen is None:
            self._register.clouded.add(account)
        elif len(chosen) == 1 and amount < chosen[0].value:
            chosen[0].value -= amount
        else:
            self._end(chosen)

    def _end(self, assets: Sequence[Asset]) -> None:
        for asset in assets:
            if is_credit_note(self._booking):
                self._register.assets.remove(asset)
            else:
                asset.disposed_on = self._booking.day
                asset.proceeds = self._proceeds() if len(assets) == 1 and len(self._credits) == 1 else None

    def _those(self, account: int, amount: Decimal) -> list[Asset] | None:
        """The assets that are worth the amount, where it is certain which they are."""
        held = self._candidates(account)
        alike = [asset for asset in held if asset.value == amount]
        if len(alike) == 1:
            return alike
        return held if held and sum((asset.value for asset in held), ZERO) == amount else None

    def _the_only_one(self, account: int, amount: Decimal) -> list[Asset] | None:
        held = self._candidates(account)
        return held if len(held) == 1 and held[0].value > amount else None

    def _candidates(self, account: int) -> list[Asset]:
        """What a credit on the account may take from: a supplier's from what is in the same document, else from what
        that supplier, or nobody knows who, has delivered. None that is certain, where something has left before that
        nobody knows."""
        if account in self._register.clouded:
            return []
        held = self._register.held(account)
        if not is_credit_note(self._booking):
            return held
        own = [asset for asset in held if asset.booking == self._booking.key]
        relation = self._booking.relation
        return own or [asset for asset in held if relation is None or asset.relation in (relation, None)]

    def _doubt_depreciation(self, accounts: Set[int]) -> None:
        """Something leaves a category that has depreciation, and takes none along."""
        of_depreciation = AssetRole.DEPRECIATION
        takes_some = any(
            line.amount > 0 and self._roles.of(line.account) is of_depreciation for line in self._booking.assets
        )
        categories = {category_key(account) for account in accounts}
        left_behind = any(
            balance and category_key(account) in categories and self._roles.of(account) is of_depreciation
            for account, balance in self._balances.items()
        )
        if left_behind and not takes_some:
            self._register.unclear |= accounts

    def _proceeds(self) -> Decimal | None:
        """What third parties owe or paid for it, VAT left out; None where the booking names none."""
        received = self._booking.elsewhere(*_PROCEEDS_STAND_ON)
        return received if received > 0 else None
