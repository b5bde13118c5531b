import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.domain.accounting.asset_accounts import (
    AssetLine,
    AssetRole,
    AssetRoles,
    JudgedAccount,
    category_key,
    role_by_digit,
)
from monitr.domain.accounting.fixed_assets import (
    Acquisition,
    Acquisitions,
    CategoryFigures,
    FixedAssets,
    acquisitions,
)
from monitr.domain.accounting.ledger import BookingKey

ZERO = Decimal("0.00")
DAY = date(2026, 3, 1)


def assets(balances: dict[int, int], acquired: dict[int, tuple[int, int]]) -> FixedAssets:
    return FixedAssets(
        {account: Decimal(balance) for account, balance in balances.items()},
        {account: Acquisitions(count, Decimal(value)) for account, (count, value) in acquired.items()},
    )


@pytest.mark.parametrize(
    ("account", "role"),
    [
        (230000, AssetRole.ACQUISITION),
        (230008, AssetRole.REVALUATION),
        (230009, AssetRole.DEPRECIATION),
        (200000, AssetRole.ACQUISITION),
        (280109, AssetRole.DEPRECIATION),
        (289997, AssetRole.ACQUISITION),
        (280001, AssetRole.UNCALLED),
        (288001, AssetRole.ACQUISITION),  # guarantees are paid in full
        (2300001, AssetRole.ACQUISITION),
        (2300018, AssetRole.REVALUATION),
        (28000019, AssetRole.DEPRECIATION),
        (290000, None),  # long-term receivables
        (299997, None),
        (2900001, None),
        (199999, None),
        (20000, None),  # 020000, class 0
    ],
)
def test_the_number_tells_what_an_account_is_for(account: int, role: AssetRole | None) -> None:
    assert role_by_digit(account) is role


def a_line(account: int, amount: int = 1, bookyear: int = 1, *, opens: bool = False) -> AssetLine:
    return AssetLine(BookingKey(bookyear, 1, 1, 1), 1, account, DAY, Decimal(amount), "Lathe", 7, opens)


def test_an_acquisition_is_the_line_that_booked_it() -> None:
    (lathe,) = acquisitions([a_line(230000, 900)], None)

    assert lathe == Acquisition(BookingKey(1, 1, 1, 1), 1, 230000, DAY, DAY, Decimal(900), "Lathe", 7)


def test_what_the_books_began_with_was_acquired_at_some_time_before() -> None:
    (first,) = acquisitions([a_line(230000, bookyear=year, opens=True) for year in (1, 2)], oldest=1)

    assert (first.booking.bookyear, first.counted_from, first.acquired_on) == (1, DAY, None)


@given(
    st.lists(
        st.builds(
            a_line,
            st.integers(0, 10**8) | st.integers(190000, 310000) | st.integers(1900000, 3100000),
            st.integers(-2, 2),
            st.integers(1, 3),
            opens=st.booleans(),
        ),
        max_size=20,
    ),
    st.sampled_from((None, 1, 2)),
)
def test_acquisitions_are_the_debits_on_base_accounts_but_for_later_openings(
    lines: list[AssetLine], oldest: int | None
) -> None:
    """The model knows the accounts by a pattern, and takes away what is none instead of choosing what is one."""
    left = [line for line in lines if re.fullmatch(r"2[0-8]\d{3,}[0-7]", str(line.account).zfill(6))]
    left = [line for line in left if not line.amount <= 0]
    left = [line for line in left if not line.opens or line.booking.bookyear == oldest]

    found = acquisitions(lines, oldest)

    assert [(asset.account, asset.acquisition_value, asset.acquired_on is None) for asset in found] == [
        (line.account, line.amount, line.opens) for line in left
    ]


def test_financial_fixed_assets_are_one_category() -> None:
    assert [category_key(account) for account in (280000, 284009, 230009, 241000)] == ["28", "28", "230", "241"]


def test_a_category_is_gross_with_revaluations_less_depreciation() -> None:
    category = assets({230000: 1000, 230100: 500, 230008: 50, 230009: -300}, {}).category("230")

    assert category == CategoryFigures(Decimal(1550), Decimal(300))
    assert category.net_book_value == Decimal(1250)


def test_no_depreciation_is_an_amount_too() -> None:
    assert str(assets({230000: 1000}, {}).category("230").accumulated_depreciation) == "0.00"


def test_a_category_that_was_sold_is_listed_and_one_that_never_was_is_not() -> None:
    listed = assets({230000: 0, 240000: 0}, {230000: (1, 1000)}).categories()

    assert list(listed) == ["230"]


def test_nothing_depreciated_means_no_depreciation_for_each_acquisition() -> None:
    assert assets({220000: 5000}, {220000: (2, 5000)}).accumulated_depreciation(220000, Decimal(3000)) == 0


def test_the_value_of_what_may_have_been_sold_does_not_follow() -> None:
    sold = assets({230000: 400, 230009: 0}, {230000: (2, 1000)})

    assert sold.accumulated_depreciation(230000, Decimal(600)) is None


def test_the_value_of_what_stands_on_no_balance_does_not_follow() -> None:
    """The opening of the oldest bookyear debits it and takes it back: that adds nothing to the account."""
    assert assets({}, {230000: (1, 1000)}).accumulated_depreciation(230000, Decimal(1000)) is None


def test_all_depreciated_means_each_acquisition_is() -> None:
    written_off = assets({230000: 700, 230100: 300, 230009: -1000}, {230000: (2, 700), 230100: (1, 300)})

    assert written_off.accumulated_depreciation(230000, Decimal(200)) == Decimal(200)


def test_the_only_acquisition_of_the_only_account_carries_its_depreciation() -> None:
    one = assets({230000: 1000, 230009: -250}, {230000: (1, 1000)})

    assert one.accumulated_depreciation(230000, Decimal(1000)) == Decimal(250)


def test_the_collective_depreciation_account_serves_the_only_base_account_of_its_category() -> None:
    one = assets({241200: 1000, 241009: -250}, {241200: (1, 1000)})

    assert one.accumulated_depreciation(241200, Decimal(1000)) == Decimal(250)


def test_an_own_depreciation_account_serves_its_account_beside_others() -> None:
    two = assets({230000: 900, 230100: 1000, 230009: -90, 230109: -250}, {230100: (1, 1000), 230000: (1, 900)})

    assert two.accumulated_depreciation(230100, Decimal(1000)) == Decimal(250)
    assert two.accumulated_depreciation(230000, Decimal(900)) == Decimal(90)


@pytest.mark.parametrize(
    ("balances", "acquired"),
    [
        ({230000: 1000, 230009: -250}, {230000: (2, 1000)}),  # two acquisitions share it
        ({230000: 1500, 230009: -250}, {230000: (1, 1000)}),  # more on the account than was acquired
        ({230000: 1000, 230100: 500, 230009: -250}, {230000: (1, 1000)}),  # one account for the whole category
        ({230000: 1000, 230001: 500, 230009: -250}, {230000: (1, 1000)}),  # the same first five digits
        ({230000: 1000, 230008: 100, 230009: -250}, {230000: (1, 1000)}),  # the revaluation is depreciated too
        ({230000: 1000, 231009: -5, 230109: -250}, {230000: (1, 1000)}),  # another account's depreciation
    ],
)
def test_depreciation_of_one_acquisition_is_unknown_where_it_does_not_follow(
    balances: dict[int, int], acquired: dict[int, tuple[int, int]]
) -> None:
    assert assets(balances, acquired).accumulated_depreciation(230000, Decimal(1000)) is None


def test_one_account_by_hand_is_depreciation_of_the_only_other_one() -> None:
    roles = AssetRoles({230900: JudgedAccount(230900, AssetRole.DEPRECIATION, by_hand=True)})
    one = FixedAssets({230000: Decimal(1000), 230900: Decimal(-200)}, {230000: Acquisitions(1, Decimal(1000))}, roles)

    assert one.category("230") == CategoryFigures(Decimal(1000), Decimal(200))
    assert one.accumulated_depreciation(230000, Decimal(1000)) == Decimal(200)


def test_what_no_acquisition_explains_is_unattributed() -> None:
    known = assets({230000: 900, 230008: 50, 230009: -100}, {230000: (1, 1000)})

    assert known.unattributed("230") == Decimal(-50)


@dataclass(frozen=True)
class Asset:
    """One thing in a register as a bookkeeper would keep it, with the accounts it is booked on."""

    account: int
    depreciation_account: int
    value: Decimal
    depreciated: Decimal


@st.composite
def registers(draw: st.DrawFn) -> list[Asset]:
    """Nothing was sold: what stands on the accounts is what is in the register."""
    own_account_each = draw(st.booleans())
    register = []
    for account in draw(st.lists(st.sampled_from((230000, 230100, 231000, 240000, 280000)), max_size=5)):
        value = Decimal(draw(st.integers(1, 100000))).scaleb(-2)
        depreciated = draw(
            st.sampled_from((ZERO, value)) | st.integers(0, int(value * 100)).map(lambda c: Decimal(c).scaleb(-2))
        )
        collective = int(str(account)[:3] + "009")
        register.append(Asset(account, account + 9 if own_account_each else collective, value, depreciated))
    return register


@settings(max_examples=60, deadline=None)
@given(registers())
def test_what_is_said_of_an_acquisition_is_what_the_register_says_or_nothing(register: list[Asset]) -> None:
    balances: dict[int, Decimal] = defaultdict(lambda: ZERO)
    bought: dict[int, list[Decimal]] = defaultdict(list)
    for asset in register:
        balances[asset.account] += asset.value
        balances[asset.depreciation_account] -= asset.depreciated
        bought[asset.account].append(asset.value)
    known = FixedAssets(
        balances, {account: Acquisitions(len(values), sum(values, ZERO)) for account, values in bought.items()}
    )

    for asset in register:
        assert known.accumulated_depreciation(asset.account, asset.value) in (asset.depreciated, None)
    for key, figures in known.categories().items():
        of_it = [asset for asset in register if category_key(asset.account) == key]
        assert figures.acquisition_value == sum((asset.value for asset in of_it), ZERO)
        assert figures.accumulated_depreciation == sum((asset.depreciated for asset in of_it), ZERO)
