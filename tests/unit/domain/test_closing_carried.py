from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.domain.accounting.closing_carried import carries_forward, carries_most, is_transfer, repeats, total

MODERATE = settings(max_examples=30, deadline=None)

AMOUNTS = st.integers(1, 10**6).map(lambda cents: Decimal(cents).scaleb(-2))


def sums(**amounts: str) -> dict[int, Decimal]:
    return {int(account.lstrip("_")): Decimal(amount) for account, amount in amounts.items()}


# --- repeats: the content of an opening -----------------------------------------------------------------------------


@dataclass(frozen=True)
class TwoBalances:
    """Made from counts: so many accounts kept as they were, changed, only closed, only opened."""

    kept: int
    changed: int
    dropped: int
    added: int
    opened: dict[int, Decimal]
    closed: dict[int, Decimal]


@st.composite
def two_balances(draw: st.DrawFn) -> TwoBalances:
    kept = draw(st.integers(0, 30))
    changed, dropped, added = (draw(st.integers(0, 3)) for _ in range(3))
    accounts = draw(
        st.lists(
            st.integers(1000, 599999).filter(lambda account: not 140000 <= account <= 149999),
            min_size=kept + changed + dropped + added,
            max_size=kept + changed + dropped + added,
            unique=True,
        )
    )
    amounts = {account: draw(AMOUNTS) for account in accounts}
    opened = {
        a: amounts[a] + (0 if i < kept else 1)
        for i, a in enumerate(accounts)
        if not kept + changed <= i < kept + changed + dropped
    }
    closed = {a: amounts[a] for i, a in enumerate(accounts) if i < kept + changed + dropped}
    return TwoBalances(kept, changed, dropped, added, opened, closed)


@MODERATE
@given(two_balances())
def test_a_closing_is_repeated_where_nine_tenths_agree_or_more_than_half_and_three(two: TwoBalances) -> None:
    larger_side = two.kept + two.changed + max(two.dropped, two.added)
    nine_tenths = two.kept > 0 and 10 * two.kept >= 9 * larger_side
    most_of_a_few = two.kept >= 3 and 2 * two.kept > larger_side

    assert repeats(two.opened, two.closed) is (nine_tenths or most_of_a_few)


@MODERATE
@given(two_balances())
def test_repeating_is_mutual(two: TwoBalances) -> None:
    assert repeats(two.opened, two.closed) is repeats(two.closed, two.opened)


@MODERATE
@given(two_balances().filter(lambda two: bool(two.opened and two.closed)), AMOUNTS, AMOUNTS)
def test_class_14_zero_balances_and_the_result_change_nothing(two: TwoBalances, one: Decimal, another: Decimal) -> None:
    opened = two.opened | {140000: one, 149999: one, 499998: Decimal("0.00")}
    closed = two.closed | {140000: another, 499999: Decimal("0.00"), 700000: another}

    assert repeats(opened, closed) is repeats(two.opened, two.closed)


def test_a_late_invoice_or_two_leave_an_opening_an_opening_and_half_of_it_does_not() -> None:
    ten = {400000 + number: Decimal("1.00") for number in range(10)}
    changed = {account: Decimal("2.00") for account in ten}

    assert repeats(ten | {400000: changed[400000], 400001: changed[400001]}, ten)
    assert not repeats(ten | {account: changed[account] for account in range(400000, 400005)}, ten)
    assert not repeats({400001: Decimal("1.00")}, ten)
    assert not repeats(ten, {400001: Decimal("1.00")})


@pytest.mark.parametrize(("agreeing", "accounts", "is_one"), [(2, 2, True), (2, 3, False), (3, 5, True), (3, 6, False)])
def test_less_than_three_accounts_tell_an_opening_only_where_they_are_all(
    agreeing: int, accounts: int, is_one: bool
) -> None:
    closing = {400000 + number: Decimal("1.00") for number in range(accounts)}
    opened = {account: Decimal("1.00" if account < 400000 + agreeing else "2.00") for account in closing}

    assert repeats(opened, closing) is is_one


@pytest.mark.parametrize("aside", [sums(_440000="0.00"), sums(_700000="-5.00")])
def test_what_has_no_balance_or_is_not_carried_forward_is_left_out_of_the_comparison(aside: dict[int, Decimal]) -> None:
    closing = sums(_230000="5.00")

    assert repeats(closing | aside, closing)
    assert repeats(closing, closing | aside)


def test_books_with_nothing_but_class_14_are_compared_by_it() -> None:
    assert repeats(sums(_140000="5.00"), sums(_140000="5.00"))
    assert not repeats(sums(_140000="5.00"), sums(_140000="4.00"))


def test_nothing_repeats_nothing() -> None:
    assert not repeats({}, {})


@pytest.mark.parametrize("length", [6, 7, 9])
def test_the_result_may_be_moved_to_class_14_in_charts_of_any_length(length: int) -> None:
    longer = 10 ** (length - 6)
    closing = {account * longer: Decimal(amount) for account, amount in ((230000, 5), (100000, -4), (400000, 3))}
    opened = closing | {140000 * longer: Decimal(-4)}

    assert repeats(opened, closing)
    assert not repeats(opened, {account: -amount for account, amount in closing.items()})
    assert repeats({**closing, 14000: Decimal(1)}, closing | {14000: Decimal(1)}), "014000 is class 0"


@pytest.mark.parametrize(("account", "compared"), [(140000, False), (1400001, False), (14000, True), (1399999, True)])
def test_class_14_alone_is_left_out_of_the_comparison(account: int, compared: bool) -> None:
    """Of two accounts one agrees, and is a half of what is compared, or all of it."""
    closing = {230000: Decimal(5)}

    assert repeats(closing | {account: Decimal(-5)}, closing) is not compared


# --- a closing that was carried forward early, or with its banks under way ------------------------------------------

FIVE = sums(_230000="5000.00", _400000="121.00", _550000="-21.00", _100000="-5000.00", _440000="-60.00")
GROWN = sums(_230000="5600.00", _400000="300.00", _550000="-70.00", _100000="-5000.01", _440000="-10.00")


def test_balances_that_were_carried_forward_before_the_year_was_over_are_carried_forward() -> None:
    assert not repeats(FIVE, GROWN)
    assert carries_forward(FIVE, GROWN)
    assert carries_forward(GROWN, FIVE)


LEFT = sums(_400000="121.00", _440000="-60.00", _411000="9.00")
BEGINNING = sums(_230000="5000.00", _221000="900.00", _100000="-4000.00", _173000="-1970.00", _550000="5.00")
"""Of the year before, which lost it after its closing was carried forward (seed 314 of the simulated year)."""


def test_a_booking_that_holds_all_that_was_left_carries_it_forward_whatever_else_it_holds() -> None:
    assert carries_forward(LEFT | BEGINNING, LEFT)
    assert not carries_forward(LEFT | BEGINNING | sums(_411000="9.01"), LEFT)
    assert not carries_forward(LEFT, LEFT | BEGINNING), "three accounts of eight are no opening"


def test_two_balances_are_too_few_to_tell_a_booking_by_that_holds_others() -> None:
    two = sums(_400000="121.00", _440000="-60.00")

    assert not carries_forward(two | BEGINNING, two)


def test_more_than_half_of_the_accounts_have_to_be_there_on_both_sides_and_with_their_signs() -> None:
    apart = sums(_410000="0.01", _411000="0.01", _412000="0.01", _413000="0.01")
    too_many = apart | sums(_414000="0.01")

    assert carries_forward(FIVE | apart, GROWN)
    assert carries_forward(FIVE, GROWN | apart)
    assert not carries_forward(FIVE | too_many, GROWN)
    assert not carries_forward(FIVE, GROWN | too_many)
    assert not carries_forward(FIVE | apart | sums(_440000="60.00"), GROWN)


def test_half_of_the_money_does_not_tell_a_closing() -> None:
    three = sums(_230000="10.00", _400000="20.00", _440000="-30.00")
    half = {account: amount / 2 for account, amount in three.items()}

    assert not carries_forward(half, three)
    assert not carries_forward(three, half)
    assert carries_forward(half | sums(_440000="-15.01"), three)


def test_two_accounts_tell_it_only_where_the_result_is_moved_as_well() -> None:
    closing = sums(_400000="200.00", _700000="-200.00")

    assert not carries_forward(sums(_400000="121.00"), closing)
    assert carries_forward(sums(_400000="121.00", _140000="-121.00"), closing)
    assert not carries_forward(sums(_400000="121.00", _130000="-121.00"), closing)
    assert carries_forward(
        sums(_400000="10.00", _440000="-9.00", _450000="-2.00"), sums(_400000="9.00", _440000="-8.00", _450000="-1.00")
    ), "three are enough"


def test_most_is_counted_in_money_and_on_both_sides() -> None:
    closing = sums(_400000="100.00", _440000="-100.00")

    assert carries_most(sums(_400000="100.00", _440000="-1.00", _450000="-99.00"), closing)
    assert not carries_most(sums(_400000="100.00", _450000="-100.00"), closing)
    assert not carries_most(sums(_400000="-100.00", _440000="100.00"), closing)
    assert not carries_most(sums(_400000="200.00", _440000="-200.00"), closing)
    assert not carries_most({}, closing)
    assert not carries_most({}, {})


def test_banks_that_are_under_way_are_carried_forward() -> None:
    closing = sums(_550000="250.00", _551000="-40.00")

    for way in ("_580000", "_588888", "_5800001"):
        left = sums(**{way: "210.00"})
        assert carries_forward(left | sums(_140000="-210.00"), closing)
        assert carries_most(left | sums(_416000="100.00"), closing)
        assert not carries_forward(left | sums(_550000="250.00"), closing)
    assert not carries_forward(sums(_579999="210.00"), closing)
    assert not carries_forward(sums(_590000="210.00"), closing)
    assert not carries_forward(sums(_580000="210.00"), sums(_450000="250.00", _440000="-40.00"))


def test_several_accounts_of_group_58_are_one_way() -> None:
    closing = sums(_550000="250.00", _551000="-40.00", _580000="5.00")

    assert carries_forward(sums(_580000="255.00", _588888="-40.00"), closing)
    assert carries_forward(sums(_588888="-40.00", _580000="5.00", _550000="250.00"), closing)


@pytest.mark.parametrize(
    ("account", "is_one"),
    [(580000, True), (588888, True), (5888881, True), (579999, False), (590000, False), (58000, False)],
)
def test_transfers_are_group_58_of_any_length(account: int, is_one: bool) -> None:
    assert is_transfer(account) is is_one


def test_a_total_is_per_account() -> None:
    one, other = sums(_400000="1.00", _440000="-1.00"), sums(_400000="2.00", _550000="-2.00")

    assert total([one, other]) == sums(_400000="3.00", _440000="-1.00", _550000="-2.00")
