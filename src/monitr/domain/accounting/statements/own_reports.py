"""Reports of one's own: named lines, and rules that say which accounts go where (``rules.md``, 12 and 13)."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from itertools import chain, pairwise
from typing import NamedTuple, NewType
from uuid import UUID

from monitr.domain.accounting.account import Names, account_text
from monitr.domain.accounting.balances import NO_COST_CENTRE
from monitr.domain.accounting.statements.layout import Layout, Line, NormalSide, Seat, StatementKind
from monitr.domain.organisation import OrganisationId
from monitr.domain.words.sentence import Sentence

ReportId = NewType("ReportId", UUID)

_CLASSES = {StatementKind.BALANCE_SHEET: frozenset({1, 2, 3, 4, 5}), StatementKind.PROFIT_AND_LOSS: frozenset({6, 7})}


@dataclass(frozen=True, slots=True)
class ReportLine:
    """``parent_key``: the line that it is a part of. ``side``: in which its amounts are positive."""

    key: str
    name: str
    parent_key: str | None
    side: NormalSide


@dataclass(frozen=True, slots=True)
class MappingRule:
    """The accounts from ``account_from`` to ``account_to``, both included, go into the line; with a ``dimension`` only
    what carries one of its values, with a ``dimension_code`` only what carries that one."""

    line_key: str
    account_from: int
    account_to: int
    dimension: str | None = None
    dimension_code: str | None = None

    @property
    def width(self) -> tuple[int, int]:
        """The narrowest first: by the number of accounts; then one value, any value, no dimension."""
        of_dimension = 0 if self.dimension_code is not None else 1 if self.dimension is not None else 2
        return self.account_to - self.account_from + 1, of_dimension

    def covers(self, account: int) -> bool:
        return self.account_from <= account <= self.account_to

    def means(self, cost_centre: int) -> bool:
        """Whether it takes what carries that cost centre (0: none), the one dimension that there is."""
        if self.dimension is None:
            return True
        if cost_centre == NO_COST_CENTRE:
            return False
        return self.dimension_code is None or self.dimension_code == str(cost_centre)

    @property
    def named(self) -> Sentence:
        """``600000 to 609999 COST_CENTRE 4``."""
        first, last = account_text(self.account_from), account_text(self.account_to)
        if first == last:
            return Sentence.of("rule.ACCOUNT", account=first, dimension=self._dimension)
        return Sentence.of("rule.ACCOUNTS", from_=first, to=last, dimension=self._dimension)

    @property
    def _dimension(self) -> Sentence | None:
        if self.dimension is None:
            return None
        if self.dimension_code is None:
            return Sentence.of("rule.DIMENSION", dimension=self.dimension)
        return Sentence.of("rule.DIMENSION_VALUE", dimension=self.dimension, code=self.dimension_code)


@dataclass(frozen=True, slots=True)
class Report:
    """Of an organisation, for all its administrations. Every change makes another ``version``; the first is 1.
    ``changed_at`` is in UTC, ``changed_by`` the subject of a token."""

    id: ReportId
    organisation_id: OrganisationId
    name: str
    version: int
    lines: tuple[ReportLine, ...]
    rules: tuple[MappingRule, ...]
    changed_at: datetime
    changed_by: str


# --- what is shown ----------------------------------------------------------------------------------------------------


def layout_of(kind: StatementKind, lines: Sequence[ReportLine], rules: Sequence[MappingRule]) -> Layout:
    """Of lines and rules without a flaw. A line with parts is the net of all below it, in its own side."""
    takes, by_key = line_of(rules), {line.key: line for line in lines}
    parts: dict[str, dict[str, int]] = defaultdict(dict)
    for line in lines:
        if line.parent_key is not None:
            parts[line.parent_key][line.key] = 1 if line.side is by_key[line.parent_key].side else -1

    @lru_cache(maxsize=65536)
    def seat(account: int, cost_centre: int) -> Seat:
        key = takes(account, cost_centre)
        return Seat.always() if key is None else Seat.always(key)

    levels = _levels(lines)
    shown = [Line(line.key, Names(nl=line.name), levels[line.key], line.side, parts[line.key]) for line in lines]
    return Layout(kind, shown, seat, any(rule.dimension for rule in rules), classes=_CLASSES[kind])


def line_of(rules: Sequence[MappingRule]) -> Callable[[int, int], str | None]:
    """Says of an account and a cost centre (0: none) which line takes it: that of the narrowest rule."""
    of_one: dict[int, list[MappingRule]] = defaultdict(list)
    ranges: list[MappingRule] = []
    for rule in sorted(rules, key=lambda rule: rule.width):
        (of_one[rule.account_from] if rule.account_from == rule.account_to else ranges).append(rule)

    def taken(account: int, cost_centre: int) -> str | None:
        candidates = chain(of_one.get(account, ()), (rule for rule in ranges if rule.covers(account)))
        return next((rule.line_key for rule in candidates if rule.means(cost_centre)), None)

    return taken


def _levels(lines: Sequence[ReportLine]) -> Mapping[str, int]:
    above = {line.key: line.parent_key for line in lines}
    levels: dict[str, int] = {}
    for key in _parents_first(lines):
        parent = above[key]
        levels[key] = 0 if parent is None else levels[parent] + 1
    return levels


def _parents_first(lines: Sequence[ReportLine]) -> Iterator[str]:
    """Raises CycleError."""
    above = {line.key: [line.parent_key] if line.parent_key is not None else [] for line in lines}
    return iter(TopologicalSorter(above).static_order())


# --- what is none -----------------------------------------------------------------------------------------------------


class Flaw(NamedTuple):
    """Why lines and rules are no report; the line that it is about, if it is about one; and the rules."""

    why: Sentence
    line_key: str | None = None
    rules: tuple[MappingRule, ...] = ()


def flaw(lines: Sequence[ReportLine], rules: Sequence[MappingRule]) -> Flaw | None:
    """The first that is found; None where there is none."""
    return next(chain(_of_lines(lines), _of_rules(lines, rules), _conflicts(lines, rules)), None)


def _of_lines(lines: Sequence[ReportLine]) -> Iterator[Flaw]:
    named: dict[str, ReportLine] = {}
    for line in lines:
        if line.key in named:
            first = named[line.key].name
            yield Flaw(Sentence.of("flaw.KEY_USED_TWICE", key=line.key, first=first, second=line.name), line.key)
        named[line.key] = line
    for line in lines:
        if line.parent_key is not None and line.parent_key not in named:
            yield Flaw(Sentence.of("flaw.UNKNOWN_PARENT", line=line.name, parent=line.parent_key), line.key)
    try:
        list(_parents_first(lines))
    except CycleError as found:
        circle = list(dict.fromkeys(found.args[1]))
        names = ", ".join(f"“{named[key].name}”" for key in circle)
        yield Flaw(Sentence.of("flaw.CIRCLE", lines=names), circle[0])


def _of_rules(lines: Sequence[ReportLine], rules: Sequence[MappingRule]) -> Iterator[Flaw]:
    keys = {line.key for line in lines}
    for rule in rules:
        if rule.line_key not in keys:
            yield Flaw(Sentence.of("flaw.UNKNOWN_LINE", rule=rule.named, line=rule.line_key), None, (rule,))
        if rule.account_from > rule.account_to:
            yield Flaw(Sentence.of("flaw.ENDS_BEFORE_IT_BEGINS", rule=rule.named), rule.line_key, (rule,))


def _conflicts(lines: Sequence[ReportLine], rules: Sequence[MappingRule]) -> Iterator[Flaw]:
    """Of rules of equal width, none of which is narrower by its dimension, those side by side overlap if any do."""
    names = {line.key: line.name for line in lines}
    alike: dict[object, list[MappingRule]] = defaultdict(list)
    for rule in rules:
        alike[rule.width, rule.dimension, rule.dimension_code].append(rule)
    for group in alike.values():
        for one, other in pairwise(sorted(group, key=lambda rule: rule.account_from)):
            if other.account_from <= one.account_to:
                why = Sentence.of(
                    "flaw.CONFLICT",
                    first=one.named,
                    first_line=names[one.line_key],
                    second=other.named,
                    second_line=names[other.line_key],
                )
                yield Flaw(why, one.line_key, (one, other))
