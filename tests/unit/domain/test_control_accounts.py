from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr.domain.accounting.control_accounts import ControlTotal, ItemLine, control_accounts, stands_behind
from monitr.domain.accounting.outstanding_items import OutstandingItemType

RECEIVABLE, PAYABLE = OutstandingItemType.RECEIVABLE, OutstandingItemType.PAYABLE
TEN = Decimal("10.00")


def a_line(account: int = 400000, *, relation: bool = True, opens: bool = False, sign: int = 1) -> ItemLine:
    """Sign 0: of another amount."""
    return ItemLine(account, relation, sign > 0, sign < 0, opens)


@pytest.mark.parametrize(
    ("type", "line", "behind"),
    [
        (RECEIVABLE, a_line(400000), True),
        (PAYABLE, a_line(440000, sign=-1), True),
        (RECEIVABLE, a_line(4000001), True),
        (RECEIVABLE, a_line(40000), False),  # 040000, class 0
        (RECEIVABLE, a_line(700000), False),
        (RECEIVABLE, a_line(sign=-1), False),
        (PAYABLE, a_line(440000), False),
        (RECEIVABLE, a_line(sign=0), False),
        (RECEIVABLE, a_line(relation=False), False),
        (RECEIVABLE, a_line(opens=True), False),  # carried forward
    ],
)
def test_behind_an_item_is_the_line_of_its_relation_and_amount_on_class_4(
    type: OutstandingItemType, line: ItemLine, behind: bool
) -> None:
    assert stands_behind(type, line) is behind


lines = st.builds(
    a_line,
    st.sampled_from((400000, 440000, 4000001, 40000, 550000, 999999)),
    relation=st.booleans(),
    opens=st.booleans(),
    sign=st.sampled_from((-1, 0, 1)),
)


@given(st.sampled_from(OutstandingItemType), st.lists(lines))
def test_control_accounts_are_those_of_the_lines_behind_the_items(
    type: OutstandingItemType, lines: list[ItemLine]
) -> None:
    """The model looks up what a line would have to be."""
    side = {RECEIVABLE: (True, False), PAYABLE: (False, True)}[type]
    looked_for = {(account, True, *side, False) for account in (400000, 440000, 4000001)}

    assert control_accounts(type, lines) == {line.account for line in lines if line in looked_for}


def test_what_we_owe_stands_on_its_accounts_as_credit() -> None:
    both = [ControlTotal(type, TEN, frozenset()).balance for type in (RECEIVABLE, PAYABLE)]

    assert both == [TEN, -TEN]
