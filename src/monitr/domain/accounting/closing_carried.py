"""What a booking carries of the closing before it: by that an opening is told, however it was made.

Sums and balances are debit minus credit per account. Class 14 is left out wherever there is anything else: the opening
moves the result of the year there.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from monitr.domain.accounting.account import account_class, account_group, holds_result, is_carried_forward
from monitr.domain.accounting.money import ZERO

REPEATED_AT_LEAST = 3
"""A late booking in the year before touches two or three accounts, more than a tenth of a small company's: more than
half, and at least so many, are enough (adr/0008)."""


def is_transfer(account: int) -> bool:
    """Group 58, internal transfers (KB/AR 21 October 2018): what goes from bank to bank is there on its way."""
    return account_group(account, 2) == "58"


def carries_forward(sums: Mapping[int, Decimal], closing: Mapping[int, Decimal]) -> bool:
    """Whether a booking is the closing carried forward, the banks in it or on their way to it."""
    return any(repeats(*pair) or _holds_all(*pair) or _has_been_outgrown(*pair) for pair in _ways(sums, closing))


def carries_most(sums: Mapping[int, Decimal], closing: Mapping[int, Decimal]) -> bool:
    """Whether a booking holds more than half of what was left, counted in money, and not as much of anything else."""
    return any(_is_most(_comparable(one), _comparable(other)) for one, other in _ways(sums, closing))


def repeats(sums: Mapping[int, Decimal], closing: Mapping[int, Decimal]) -> bool:
    """Whether at least nine tenths of the accounts agree, in both directions, or more than half where that is not too
    few to tell. Of one account or two, nine tenths are all."""
    opened, closed = _comparable(sums), _comparable(closing)
    agreeing = sum(1 for account, amount in closed.items() if opened.get(account) == amount)
    if agreeing < REPEATED_AT_LEAST:
        return 0 < agreeing == len(opened) == len(closed)
    return 2 * agreeing > max(len(opened), len(closed))


def _holds_all(sums: Mapping[int, Decimal], closing: Mapping[int, Decimal]) -> bool:
    """Whether all that was left is in the booking, to the cent: the year before may have lost bookings since, with its
    own beginning most of its balances."""
    opened, closed = _comparable(sums), _comparable(closing)
    return len(closed) >= REPEATED_AT_LEAST and closed.items() <= opened.items()


def _has_been_outgrown(sums: Mapping[int, Decimal], closing: Mapping[int, Decimal]) -> bool:
    """Whether balances were carried forward before the year was over: amounts have changed since then, and yet most
    accounts have a balance of the same sign, and most of the money is there. Few accounts tell it only of a booking
    that moves a result as well."""
    opened, closed = _comparable(sums), _comparable(closing)
    alike = len(_kept(opened, closed))
    tells = alike >= REPEATED_AT_LEAST or any(map(holds_result, sums))
    return tells and 2 * alike > max(len(opened), len(closed)) and _is_most(opened, closed)


def _is_most(opened: Mapping[int, Decimal], closed: Mapping[int, Decimal]) -> bool:
    return 2 * sum(_kept(opened, closed).values(), ZERO) > max(map(_money, (opened, closed)))


def _kept(opened: Mapping[int, Decimal], closed: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """What both hold, on each account where they have the same sign."""
    return {
        account: min(abs(opened[account]), abs(amount))
        for account, amount in closed.items()
        if account in opened and opened[account] * amount > ZERO
    }


def _money(balances: Mapping[int, Decimal]) -> Decimal:
    return sum(map(abs, balances.values()), ZERO)


def _comparable(balances: Mapping[int, Decimal]) -> dict[int, Decimal]:
    with_balance = {account: amount for account, amount in balances.items() if amount and is_carried_forward(account)}
    without_result = {account: amount for account, amount in with_balance.items() if not holds_result(account)}
    return without_result or with_balance


def _ways(
    sums: Mapping[int, Decimal], closing: Mapping[int, Decimal]
) -> Iterator[tuple[Mapping[int, Decimal], Mapping[int, Decimal]]]:
    """A booking and the closing as they are; and, where the booking has an account of group 58, with the banks that it
    lacks taken to be there: documents of their own fetch them."""
    yield sums, closing
    way = next(filter(is_transfer, sums), None)
    if way is not None:
        under_way = {account for account in closing if account_class(account) == 5} - sums.keys()
        yield _put_together(sums, under_way, way), _put_together(closing, under_way, way)


def _put_together(balances: Mapping[int, Decimal], under_way: set[int], way: int) -> dict[int, Decimal]:
    return total(
        {way if account in under_way or is_transfer(account) else account: amount}
        for account, amount in balances.items()
    )


def total(sums: Iterable[Mapping[int, Decimal]]) -> dict[int, Decimal]:
    """Of several bookings, per account."""
    together: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for booking in sums:
        for account, amount in booking.items():
            together[account] += amount
    return together
