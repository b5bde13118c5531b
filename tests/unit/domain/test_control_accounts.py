from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr.domain.accounting.control_accounts import ControlTotal, ItemLine, control_accounts, stands_behind
from monitr.domain.accounting.outstanding_items import OutstandingItemType

RECEIVABLE, PAYABLE = OutstandingItemType.RECEIVABLE, OutstandingItemType.PAYABLE
TEN = Decimal("10.00")


@pytest.mark.parametrize(
    ("type", "pair", "behind"),
    [
        (RECEIVABLE, ItemLine(16, TEN, 400000, 16, TEN, False), True),
        (PAYABLE, ItemLine(16, TEN, 440000, 16, -TEN, False), True),
        (RECEIVABLE, ItemLine(16, -TEN, 400000, 16, -TEN, False), True),  # a credit note
        (RECEIVABLE, ItemLine(16, TEN, 4000001, 16, TEN, False), True),
        (RECEIVABLE, ItemLine(16, TEN, 40000, 16, TEN, False), False),  # 040000, class 0
        (RECEIVABLE, ItemLine(16, TEN, 700000, 16, TEN, False), False),
        (RECEIVABLE, ItemLine(16, TEN, 400000, 16, -TEN, False), False),
        (PAYABLE, ItemLine(16, TEN, 440000, 16, TEN, False), False),
        (RECEIVABLE, ItemLine(16, TEN, 400000, 17, TEN, False), False),
        (RECEIVABLE, ItemLine(None, TEN, 400000, None, TEN, False), False),
        (RECEIVABLE, ItemLine(16, TEN, 400000, 16, TEN, True), False),  # carried forward
    ],
)
def test_behind_an_item_is_the_line_of_its_relation_and_amount_on_class_4(
    type: OutstandingItemType, pair: ItemLine, behind: bool
) -> None:
    assert stands_behind(type, pair) is behind


pairs = st.builds(
    ItemLine,
    st.sampled_from((None, 1, 2)),
    st.sampled_from((TEN, -TEN)),
    st.sampled_from((400000, 440000, 4000001, 40000, 550000, 999999)),
    st.sampled_from((None, 1, 2)),
    st.sampled_from((TEN, -TEN)),
    st.booleans(),
)


@given(st.sampled_from(OutstandingItemType), st.lists(pairs))
def test_control_accounts_are_those_of_the_lines_behind_the_items(
    type: OutstandingItemType, of: list[ItemLine]
) -> None:
    """The model looks up what a line would have to be."""
    sign = {RECEIVABLE: 1, PAYABLE: -1}[type]
    looked_for = {
        (account, relation, sign * amount, relation, amount, False)
        for account in (400000, 440000, 4000001)
        for relation in (1, 2)
        for amount in (TEN, -TEN)
    }

    assert control_accounts(type, of) == {
        pair.account
        for pair in of
        if (pair.account, pair.relation, pair.amount, pair.line_relation, pair.line_amount, pair.opens) in looked_for
    }


def test_what_we_owe_stands_on_its_accounts_as_credit() -> None:
    both = [ControlTotal(type, TEN, frozenset()).balance for type in (RECEIVABLE, PAYABLE)]

    assert both == [TEN, -TEN]
