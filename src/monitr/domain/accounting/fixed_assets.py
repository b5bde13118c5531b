"""Fixed assets as they follow from the ledger: Octopus exposes no register (octopus.md 5).

Accounts 20 to 28 of the Belgian chart. The last digit tells the role: 9 holds booked depreciation or write-down
(credit), 8 revaluation, any other the acquisition value. The first three make the category; financial fixed assets (28)
are one category of their own. Class 29 is long-term receivables, not a fixed asset.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, auto
from typing import NamedTuple

from monitr.domain.accounting.account import account_group, account_text
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.money import ZERO

FIXED_ASSET_GROUPS = tuple(str(group) for group in range(20, 29))
"""What the numbers of the accounts begin with."""

FINANCIAL = "28"
FINANCIAL_NAME = "Financiële vaste activa"


class AccountRole(Enum):
    BASE = auto()
    REVALUATION = auto()
    DEPRECIATION = auto()


def account_role(account: int) -> AccountRole | None:
    """None for an account that is no fixed asset."""
    if account_group(account, 2) not in FIXED_ASSET_GROUPS:
        return None
    last = account_text(account)[-1]
    return {"8": AccountRole.REVALUATION, "9": AccountRole.DEPRECIATION}.get(last, AccountRole.BASE)


class AssetLine(NamedTuple):
    """A ledger line that may be an acquisition, debit positive. ``opens``: its booking is a year opening."""

    booking: BookingKey
    ordinal: int
    account: int
    effective_date: date
    amount: Decimal
    description: str | None
    relation: int | None
    opens: bool


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
    """The debit lines on base accounts. Openings repeat what was acquired before, and are left out but for those of
    the complete bookyear that is ``oldest``: what they hold was acquired before the books begin."""
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
        and account_role(line.account) is AccountRole.BASE
        and (not line.opens or line.booking.bookyear == oldest)
    ]


def category_key(account: int) -> str:
    """``230`` for 230000 and 230009; ``28`` for every financial fixed asset."""
    return FINANCIAL if account_group(account, 2) == FINANCIAL else account_group(account, 3)


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
    """All acquisitions booked on one account."""

    count: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class FixedAssets:
    """The fixed assets of a day: the balance of each account 20 to 28 that has lines, and what was acquired on it."""

    balances: Mapping[int, Decimal]
    acquisitions: Mapping[int, Acquisitions]

    def categories(self) -> dict[str, CategoryFigures]:
        """By key; without those that are zero and never had an acquisition."""
        keys = sorted({category_key(account) for account in self.balances})
        bought = {category_key(account) for account in self.acquisitions}
        return {key: figures for key in keys if (figures := self.category(key)) != CategoryFigures() or key in bought}

    def category(self, key: str) -> CategoryFigures:
        return CategoryFigures(
            self._sum(key, AccountRole.BASE) + self._sum(key, AccountRole.REVALUATION),
            -self._sum(key, AccountRole.DEPRECIATION),
        )

    def accumulated_depreciation(self, account: int, value: Decimal) -> Decimal | None:
        """That of one acquisition of ``value`` on ``account``, where it follows from the ledger, else None.

        It follows in three cases. Nothing of the category is depreciated, and no part of what was acquired on the
        account has left it again (a sale takes its depreciation along). Or all of the category is depreciated, and its
        acquisitions add up to its gross value. Or the acquisition is all that is on its account, and a depreciation
        account belongs to that account alone.
        """
        key = category_key(account)
        category = self.category(key)
        acquired = self.acquisitions[account]
        if not category.accumulated_depreciation:
            return ZERO if acquired.value <= self._balance(account) else None
        if not category.net_book_value and category.acquisition_value == self._acquired_in(key):
            return value
        is_all_there_is = acquired.count == 1 and value == self._balance(account)
        is_revalued = any(self._balance(other) for other in self._accounts(key, AccountRole.REVALUATION))
        own = self._own_depreciation_account(account)
        if not is_all_there_is or is_revalued or own is None:
            return None
        return -self._balance(own)

    def _own_depreciation_account(self, account: int) -> int | None:
        """The depreciation account that serves this base account and, as far as the ledger shows, no other.

        230109 serves 230100 to 230107, which must be one account then; 230009, the one that the default chart brings,
        may serve the whole of 230, and is nobody's own while another base account has none of its own.
        """
        depreciation = set(self._accounts(category_key(account), AccountRole.DEPRECIATION))
        siblings = [
            other
            for other in self._accounts(category_key(account), AccountRole.BASE)
            if other != account and account_group(other, 3) == account_group(account, 3)
        ]
        own, collective = _nearest_depreciation_account(account), _collective_depreciation_account(account)
        if own in depreciation:
            shared = any(
                _nearest_depreciation_account(other) == own
                or (own == collective and _nearest_depreciation_account(other) not in depreciation)
                for other in siblings
            )
            return None if shared else own
        return collective if collective in depreciation and not siblings else None

    def _accounts(self, key: str, role: AccountRole) -> Iterable[int]:
        return (account for account in self.balances if category_key(account) == key and account_role(account) is role)

    def _sum(self, key: str, role: AccountRole) -> Decimal:
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
