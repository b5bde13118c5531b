"""Reports of one's own, against a plain reading of rules.md, 12 and 13."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.statements.column_figures import ColumnFigures
from monitr.domain.accounting.statements.layout import NormalSide, StatementKind
from monitr.domain.accounting.statements.own_reports import MappingRule, ReportLine, flaw, layout_of, line_of
from monitr.domain.accounting.statements.statement import statement

DEBIT, CREDIT = NormalSide.DEBIT, NormalSide.CREDIT
BALANCE, PROFIT = StatementKind.BALANCE_SHEET, StatementKind.PROFIT_AND_LOSS
COST_CENTRE = "COST_CENTRE"


def a_line(key: str, parent: str | None = None, side: NormalSide = DEBIT) -> ReportLine:
    return ReportLine(key, f"Line {key}", parent, side)


def a_rule(line: str, first: int, last: int | None = None, *value: str | None) -> MappingRule:
    return MappingRule(line, first, first if last is None else last, *value)


OF_3 = (COST_CENTRE, "3")
ANY = (COST_CENTRE, None)
A, B = a_line("a"), a_line("b")


# --- which rule wins --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        (a_rule("a", 600000, None, *OF_3), a_rule("b", 600000)),
        (a_rule("a", 600000), a_rule("b", 600000, 600001, *OF_3)),
        (a_rule("a", 600000, 600008), a_rule("b", 600000, 600009, *OF_3)),
        (a_rule("a", 600000, 600008), a_rule("b", 599999, 600009)),
        (a_rule("a", 600000, 600009, *OF_3), a_rule("b", 599999, 600008)),
        (a_rule("a", 600000, 600009, *ANY), a_rule("b", 600000, 600009)),
        (a_rule("a", 600000, 600009, *OF_3), a_rule("b", 600000, 600009, *ANY)),
    ],
    ids=lambda rule: str(rule.named),
)
def test_the_narrower_rule_wins(narrow: MappingRule, wide: MappingRule) -> None:
    assert flaw([A, B], [wide, narrow]) is None
    assert [line_of(rules)(600000, 3) for rules in ([wide, narrow], [narrow, wide])] == ["a", "a"]


@pytest.mark.parametrize(("cost_centre", "line"), [(3, "a"), (33, None), (0, None)])
def test_a_rule_with_a_value_takes_that_value_alone(cost_centre: int, line: str | None) -> None:
    assert line_of([a_rule("a", 600000, None, *OF_3)])(600000, cost_centre) == line


@pytest.mark.parametrize(("cost_centre", "line"), [(3, "a"), (33, "a"), (0, None)])
def test_a_rule_with_a_dimension_takes_every_value_of_it(cost_centre: int, line: str | None) -> None:
    assert line_of([a_rule("a", 600000, None, *ANY)])(600000, cost_centre) == line


def test_bounds_are_whole_numbers_and_belong_to_the_range() -> None:
    takes = line_of([a_rule("a", 600, 609)])
    assert [takes(number, 0) for number in (599, 600, 609, 610, 600000)] == [None, "a", "a", None, None]


# --- what is refused --------------------------------------------------------------------------------------------------

REFUSED = {
    "a key twice": ([A, ReportLine("a", "Other", None, DEBIT)], [], "a", ["Line a", "Other"]),
    "no parent": ([A, a_line("b", "gone")], [], "b", ["Line b", "gone"]),
    "its own parent": ([a_line("a", "a")], [], "a", ["Line a"]),
    "a circle": ([a_line("a", "c"), a_line("b", "a"), a_line("c", "b")], [], None, ["Line a", "Line b", "Line c"]),
    "no line": ([A], [a_rule("gone", 600000)], None, ["600000", "gone"]),
    "from above to": ([A], [a_rule("a", 600001, 600000)], "a", ["600001 to 600000"]),
    "one account twice": ([A, B], [a_rule("a", 600000), a_rule("b", 600000)], "a", ["600000", "Line a", "Line b"]),
    "even for one line": ([A], [a_rule("a", 600000), a_rule("a", 600000)], "a", ["600000", "Line a"]),
    "one value twice": ([A, B], [a_rule("a", 1, 5, *OF_3), a_rule("b", 5, 9, *OF_3)], "a", ["000001 to 000005", "3"]),
    "an overlap": ([A, B], [a_rule("b", 605, 614), a_rule("a", 600, 609), a_rule("a", 1)], "a", ["000600 to 000609"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_report_is_refused_with_names(case: str) -> None:
    lines, rules, key, named = REFUSED[case]
    found = flaw(lines, rules)
    assert found is not None
    assert all(name in str(found.why) for name in named), found.why
    assert found.line_key == key or (case == "a circle" and found.line_key in {"a", "b", "c"})
    assert set(found.rules) == {rule for rule in rules if rule.account_from != 1 or rule.account_to != 1}


def test_equal_width_side_by_side_and_other_values_are_no_conflict() -> None:
    rules = [a_rule("a", 600, 609), a_rule("b", 610, 619), a_rule("a", 605, 614, *OF_3), a_rule("b", 605, 614, *ANY)]
    assert flaw([A, B], [*rules, a_rule("a", 605, 614, COST_CENTRE, "4")]) is None


# --- as random reports and books have it ------------------------------------------------------------------------------

ACCOUNTS: tuple[int, ...] = (
    100000,
    400000,
    400001,
    500000,
    600000,
    600001,
    600002,
    690000,
    700000,
    790000,
    800000,
    10000,
)
CENTRES: tuple[int, ...] = (0, 3, 4)


@st.composite
def rules_of(draw: st.DrawFn, keys: Sequence[str]) -> list[MappingRule]:
    numbers = st.sampled_from([*ACCOUNTS, 400002, 609999, 999999])
    values = st.sampled_from([(None, None), (COST_CENTRE, None), (COST_CENTRE, "3"), (COST_CENTRE, "4")])
    bounds = [sorted((draw(numbers), draw(numbers))) for _ in range(draw(st.integers(0, 6)))]
    return [MappingRule(draw(st.sampled_from(keys)), first, last, *draw(values)) for first, last in bounds]


@st.composite
def lines_of(draw: st.DrawFn) -> list[ReportLine]:
    """A forest, in any order."""
    keys = ["a", "b", "c", "d", "e"][: draw(st.integers(1, 5))]
    lines = [
        ReportLine(key, key, draw(st.sampled_from([None, *keys[:index]])), draw(st.sampled_from(NormalSide)))
        for index, key in enumerate(keys)
    ]
    return draw(st.permutations(lines))


def plain_width(rule: dict[str, object]) -> int:
    return int(str(rule["to"])) - int(str(rule["from"])) + 1


def as_dictionary(rule: MappingRule) -> dict[str, object]:
    return {
        "line": rule.line_key,
        "from": rule.account_from,
        "to": rule.account_to,
        "dimension": rule.dimension,
        "code": rule.dimension_code,
    }


def plainly_taken_by(rules: Sequence[dict[str, object]], account: int, centre: int) -> set[object]:
    """By account: every rule is tried, and all of the best remain."""
    fitting: dict[tuple[int, int], set[object]] = defaultdict(set)
    for rule in rules:
        if account not in range(int(str(rule["from"])), int(str(rule["to"])) + 1):
            continue
        if rule["code"] is not None and rule["code"] == f"{centre}":
            fitting[plain_width(rule), 1].add(rule["line"])
        if rule["code"] is None and rule["dimension"] is not None and centre:
            fitting[plain_width(rule), 2].add(rule["line"])
        if rule["dimension"] is None:
            fitting[plain_width(rule), 3].add(rule["line"])
    return fitting[min(fitting)] if fitting else set()


def is_ambiguous(rules: Sequence[MappingRule]) -> bool:
    return any(
        one.account_to - one.account_from == other.account_to - other.account_from
        and (one.dimension, one.dimension_code) == (other.dimension, other.dimension_code)
        and max(one.account_from, other.account_from) <= min(one.account_to, other.account_to)
        for one, other in combinations(rules, 2)
    )


@given(st.data())
def test_the_narrowest_rule_wins_or_the_report_is_refused(data: st.DataObject) -> None:
    rules = data.draw(rules_of("ab"))
    assert (flaw([A, B], rules) is not None) == is_ambiguous(rules)
    if not is_ambiguous(rules):
        takes, plain = line_of(rules), [as_dictionary(rule) for rule in rules]
        for account in ACCOUNTS:
            for centre in CENTRES:
                taken = takes(account, centre)
                assert plainly_taken_by(plain, account, centre) == (set() if taken is None else {taken})


@given(st.data(), st.sampled_from(StatementKind))
def test_a_report_shows_what_its_rules_say(data: st.DataObject, kind: StatementKind) -> None:
    lines = data.draw(lines_of())
    rules = data.draw(rules_of([line.key for line in lines]).filter(lambda rules: not is_ambiguous(rules)))
    cents = st.integers(-1000, 1000).map(lambda cents: Decimal(cents) / 100)
    booked = data.draw(st.dictionaries(st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(CENTRES)), cents))

    shown = statement(layout_of(kind, lines, rules), [ColumnFigures(booked, {})])

    own: dict[str, Decimal] = defaultdict(lambda: ZERO)
    missed: dict[int, Decimal] = defaultdict(lambda: ZERO)
    plain = [as_dictionary(rule) for rule in rules]
    for (account, centre), amount in booked.items():
        if f"{account:06}"[0] in ("12345" if kind is BALANCE else "67"):
            (*taken,) = plainly_taken_by(plain, account, centre)
            if taken:
                own[str(taken[0])] += amount
            else:
                missed[account] += amount

    def below(key: str) -> Decimal:
        return own[key] + sum((below(line.key) for line in lines if line.parent_key == key), ZERO)

    signs = {DEBIT: 1, CREDIT: -1}
    assert [(each.line.key, each.amounts[0]) for each in shown.lines] == [
        (line.key, signs[line.side] * below(line.key)) for line in lines
    ]
    assert {each.account: each.amounts[0] for each in shown.unmapped} == {
        account: amount for account, amount in missed.items() if amount
    }
    assert shown.is_balanced is not any(missed.values())
    assert [each.line.is_sum for each in shown.lines] == [
        any(part.parent_key == line.key for part in lines) for line in lines
    ]


def test_levels_follow_the_parents_whatever_the_order() -> None:
    lines = [a_line("c", "b"), a_line("a"), a_line("b", "a")]
    assert [(line.key, line.level) for line in layout_of(PROFIT, lines, []).lines] == [("c", 2), ("a", 0), ("b", 1)]


def test_hundreds_of_lines_may_lie_in_each_other() -> None:
    lines = [a_line(str(depth), str(depth - 1) if depth else None) for depth in range(500)]
    rules = [a_rule("499", 600000)]
    assert flaw(lines, rules) is None
    shown = statement(layout_of(PROFIT, lines, rules), [ColumnFigures({(600000, 0): Decimal(7)}, {})])
    assert {each.amounts for each in shown.lines} == {(Decimal(7),)}


def test_classes_8_and_9_are_in_no_report_of_ones_own() -> None:
    shown = statement(layout_of(PROFIT, [A], [a_rule("a", 1, 999999)]), [ColumnFigures({(800000, 0): Decimal(7)}, {})])
    assert (shown.lines[0].amounts, shown.unmapped) == ((ZERO,), [])
