"""Fixed assets as they follow from the ledger: Octopus exposes no register (octopus.md 5).

What each account holds, ``asset_accounts`` tells. The first three digits make the category; financial fixed assets (28)
are one category of their own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from monitr.domain.accounting.account import account_group, account_text
from monitr.domain.accounting.asset_accounts import AssetLine, AssetRole, AssetRoles, category_key, role_by_digit
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.money import ZERO


@dataclass(frozen=True, slots=True)
class Acquisition:
    """Something that was bought, as far as the ledger tells. ``acquired_on`` is unknown for what the books began
    with; ``counted_from`` is the effective date of the line."""

    booking: BookingKey
    ordinal: int
    account: int
    counted_from: date
    acquired_on: date | None
    acquisition_value: Decimal
    description: str | None
    relation: int | None

    @property
    def line(self) -> tuple[BookingKey, int]:
        """The key of the ledger line."""
        return self.booking, self.ordinal


def acquisitions(lines: Iterable[AssetLine], oldest: int | None) -> list[Acquisition]:
    """What may be one: the debit lines on accounts whose number does not say that they hold something else. Openings
    repeat what was acquired before, and are left out but for those of the complete bookyear that is ``oldest``: what
    they hold was acquired before the books begin. What becomes of them, ``asset_register`` tells."""
    return [
        Acquisition(
            line.booking,
            line.ordinal,
            line.account,
            line.effective_date,
            None if line.opens else line.effective_date,
            line.amount,
            line.description,
            line.relation,
        )
        for line in lines
        if line.amount > 0
        and role_by_digit(line.account) in (AssetRole.ACQUISITION, AssetRole.UNCALLED)
        and (not line.opens or line.booking.bookyear == oldest)
    ]


@dataclass(frozen=True, slots=True)
class CategoryFigures:
    """``acquisition_value`` is gross, revaluations included; ``accumulated_depreciation`` is positive."""

    acquisition_value: Decimal = ZERO
    accumulated_depreciation: Decimal = ZERO

    @property
    def net_book_value(self) -> Decimal:
        return self.acquisition_value - self.accumulated_depreciation


@dataclass(frozen=True, slots=True)
class Acquisitions:
    """All that was acquired on one account and is still there."""

    count: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class FixedAssets:
    """The fixed assets of a day: the balance of each account 20 to 28 that has lines, and what was acquired on it.

    ``unclear``: accounts which something has left whose depreciation may still be booked.
    """

    balances: Mapping[int, Decimal]
    acquisitions: Mapping[int, Acquisitions]
    roles: AssetRoles = field(default_factory=AssetRoles)
    unclear: frozenset[int] = frozenset()

    def categories(self) -> dict[str, CategoryFigures]:
        """By key; without those that are zero and never had an acquisition."""
        keys = sorted({category_key(account) for account in self.balances if self._holds_something(account)})
        bought = {category_key(account) for account in self.acquisitions}
        return {key: figures for key in keys if (figures := self.category(key)) != CategoryFigures() or key in bought}

    def category(self, key: str) -> CategoryFigures:
        return CategoryFigures(
            self._sum(key, AssetRole.ACQUISITION)
            + self._sum(key, AssetRole.REVALUATION)
            + self._sum(key, AssetRole.UNCALLED),
            -self._sum(key, AssetRole.DEPRECIATION),
        )

    def unattributed(self, key: str) -> Decimal:
        """What of the category's gross value the acquisitions that are still there do not explain: revaluations,
        uncalled amounts, and what was booked without telling which acquisition it changes."""
        return self.category(key).acquisition_value - self._acquired_in(key)

    def accumulated_depreciation(self, account: int, value: Decimal) -> Decimal | None:
        """That of one acquisition of ``value`` on ``account``, where it follows from the ledger, else None.

        It follows in three cases. Nothing of the category is depreciated, and no part of what was acquired on the
        account has left it again (a sale takes its depreciation along). Or all of the category is depreciated, and its
        acquisitions add up to its gross value. Or the acquisition is all that is on its account, and a depreciation
        account belongs to that account alone. It never does where the role of an account of the category is open.
        """
        key = category_key(account)
        of_it = [other for other in self.balances if category_key(other) == key]
        if any(self.roles.is_open(other) or other in self.unclear for other in of_it):
            return None
        category = self.category(key)
        acquired = self.acquisitions[account]
        if not category.accumulated_depreciation:
            return ZERO if acquired.value <= self._balance(account) else None
        if not category.net_book_value and category.acquisition_value == self._acquired_in(key):
            return value
        is_all_there_is = acquired.count == 1 and value == self._balance(account)
        is_revalued = any(self._balance(other) for other in self._accounts(key, AssetRole.REVALUATION))
        own = self._own_depreciation_account(account)
        if not is_all_there_is or is_revalued or own is None:
            return None
        accumulated = -self._balance(own)
        return accumulated if ZERO <= accumulated <= value else None

    def _own_depreciation_account(self, account: int) -> int | None:
        """The depreciation account that serves this base account and, as far as the ledger shows, no other.

        230109 serves 230100 to 230107, which must be one account then; 230009, the one that the default chart brings,
        may serve the whole of 230, and is nobody's own while another base account has none of its own. One whose number
        does not say that it holds depreciation says nothing of whom it serves either: the only base account.
        """
        depreciation = set(self._accounts(category_key(account), AssetRole.DEPRECIATION))
        siblings = [
            other
            for other in self._accounts(category_key(account), AssetRole.ACQUISITION)
            if other != account and account_group(other, 3) == account_group(account, 3)
        ]
        unnumbered = {other for other in depreciation if role_by_digit(other) is not AssetRole.DEPRECIATION}
        if unnumbered:
            return next(iter(unnumbered)) if len(depreciation) == 1 and not siblings else None
        own, collective = _nearest_depreciation_account(account), _collective_depreciation_account(account)
        if own in depreciation:
            shared = any(
                _nearest_depreciation_account(other) == own
                or (own == collective and _nearest_depreciation_account(other) not in depreciation)
                for other in siblings
            )
            return None if shared else own
        return collective if collective in depreciation and not siblings else None

    def _holds_something(self, account: int) -> bool:
        return self.roles.of(account) is not AssetRole.NONE

    def _accounts(self, key: str, role: AssetRole) -> Iterable[int]:
        return (account for account in self.balances if category_key(account) == key and self.roles.of(account) is role)

    def _sum(self, key: str, role: AssetRole) -> Decimal:
        return sum((self.balances[account] for account in self._accounts(key, role)), ZERO)

    def _balance(self, account: int) -> Decimal:
        return self.balances.get(account, ZERO)

    def _acquired_in(self, key: str) -> Decimal:
        return sum((own.value for account, own in self.acquisitions.items() if category_key(account) == key), ZERO)


def _nearest_depreciation_account(account: int) -> int:
    """230109 for 230100: the same digits but the last, which is 9."""
    return int(account_text(account)[:-1] + "9")


def _collective_depreciation_account(account: int) -> int:
    """230009 for 230100: the first three digits, then 009, in the length of the chart's numbers."""
    text = account_text(account)
    return int(text[:3].ljust(len(text) - 1, "0") + "9")
