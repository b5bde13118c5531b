"""The three models of the annual accounts (NBB, 2021), for companies with and without capital and for associations.

``rubrics.csv`` has a row for each rubric and variant of it, in the order of the models: in which models and legal forms
(all where it is empty), its side, and either the accounts that it takes (prefixes of their numbers; ``=131000``: that
number alone) or the sum that it is. A rubric ``of_which`` another one repeats some of its accounts, and is in no sum.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files

from monitr.domain.accounting.account import Names, account_group, account_text
from monitr.domain.accounting.statements.layout import Layout, Line, NormalSide, Seat, StatementKind

RESULT = "RESULT"
"""The result of the year, not yet appropriated: in equity, with no accounts."""
_ASSETS, _LIABILITIES, _OF_THE_PERIOD = "20/58", "10/49", "9905"
_TOTALS = frozenset({_ASSETS, _LIABILITIES, "9901", "9903", "9904", _OF_THE_PERIOD})
"""They stand after what they total, which is not below them."""
_CREDIT_GROUPS = ("1", "42", "43", "44", "45", "46", "47", "48", "492", "493", "7")
"""Of numbers that no rubric takes."""


class StatementModel(StrEnum):
    """The three models of the annual accounts (NBB)."""

    FULL = "FULL"
    """The full model, for large companies."""
    ABRIDGED = "ABRIDGED"
    """The abridged model, for small companies."""
    MICRO = "MICRO"
    """The micro model, for microcompanies."""


class LegalForm(StrEnum):
    """Which variant of a model, by what the equity is made of."""

    WITH_CAPITAL = "WITH_CAPITAL"
    """Companies with capital: NV/SA and the like."""
    WITHOUT_CAPITAL = "WITHOUT_CAPITAL"
    """Companies without capital: BV/SRL and the like, with contributions."""
    ASSOCIATION = "ASSOCIATION"
    """Associations and foundations: VZW/ASBL."""


@dataclass(frozen=True, slots=True)
class _Rubric:
    """``parts``: of a sum, each with 1 or -1."""

    key: str
    names: Names
    side: str
    prefixes: Sequence[str]
    parts: Mapping[str, int]
    of_which: str


@cache
def statutory_layout(kind: StatementKind, model: StatementModel, legal_form: LegalForm) -> Layout:
    rubrics = _rubrics(kind, model, legal_form)
    taking = {prefix: it.key for it in rubrics for prefix in it.prefixes if not it.of_which}
    repeating = {prefix: it.key for it in rubrics for prefix in it.prefixes if it.of_which}
    after_sign = _after_sign("48" if legal_form is LegalForm.ASSOCIATION else "47/48")

    @lru_cache(maxsize=65536)
    def seat(account: int, cost_centre: int) -> Seat:
        number = account_text(abs(account))
        usual = (*_taken(taking, number), *_taken(repeating, number))
        for groups, with_debit, with_credit in after_sign if usual else ():
            if number.startswith(groups):
                return Seat(usual, with_debit or usual, with_credit or usual)
        return Seat.always(*usual)

    lines = list(_lines(rubrics))
    if kind is StatementKind.BALANCE_SHEET:
        return Layout(kind, lines, seat, result=RESULT, proof=lambda totals, _: totals[_ASSETS] == totals[_LIABILITIES])
    return Layout(kind, lines, seat, proof=lambda totals, result: totals[_OF_THE_PERIOD] == result)


def rubric_of(account: int, model: StatementModel, legal_form: LegalForm) -> str | None:
    """The key of the rubric where the account usually stands, whatever its balance; None where none takes it."""
    found = (
        statutory_layout(kind, model, legal_form).seat(account, 0).usual
        for kind in StatementKind
        if kind.holds(account)
    )
    return next((keys[0] for keys in found if keys), None)


def normal_side(account: int) -> NormalSide:
    """That of its rubric; of a number that no rubric takes, that of its neighbours, assets and charges debit."""
    for form in LegalForm:
        key = rubric_of(account, StatementModel.FULL, form)
        for kind in StatementKind if key else ():
            if kind.holds(account):
                lines = statutory_layout(kind, StatementModel.FULL, form).lines
                return next(line.side for line in lines if line.key == key)
    return NormalSide.CREDIT if account_text(abs(account)).startswith(_CREDIT_GROUPS) else NormalSide.DEBIT


def is_appropriation(account: int) -> bool:
    """69 and 79: what becomes of the result, and no part of it."""
    return account_group(account, 2) in ("69", "79")


def _after_sign(other_debts: str) -> Sequence[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]:
    """Groups of accounts, and where they stand with a debit and with a credit balance, where that is not the usual
    line: amounts owed and owing may not be set off against each other (rules.md, 5)."""
    return (
        (("44", "45"), ("41",), ()),
        (("40", "41"), (), (other_debts,)),
        (("54", "55", "56", "57", "58"), (), ("430/8",)),
        (("499",), (), ("492/3",)),
    )


def _taken(by_prefix: Mapping[str, str], number: str) -> tuple[str, ...]:
    """The one line whose prefix the number has."""
    candidates = (f"={number}", number[:2], number[:3], number[:4])
    return next(((by_prefix[prefix],) for prefix in candidates if prefix in by_prefix), ())


def _lines(rubrics: Sequence[_Rubric]) -> Iterator[Line]:
    by_key = {rubric.key: rubric for rubric in rubrics}
    above = {part: it.key for it in rubrics if it.key not in _TOTALS for part in it.parts}
    above |= {it.key: it.of_which for it in rubrics if it.of_which}

    def level(key: str) -> int:
        return 1 + level(above[key]) if key in above else 0

    def side(rubric: _Rubric) -> NormalSide:
        return NormalSide(rubric.side) if rubric.side else side(by_key[next(iter(rubric.parts))])

    for rubric in rubrics:
        yield Line(rubric.key, rubric.names, level(rubric.key), side(rubric), rubric.parts)


def _rubrics(kind: StatementKind, model: StatementModel, legal_form: LegalForm) -> Sequence[_Rubric]:
    return [
        _Rubric(
            row["rubric"],
            Names(row["nl"], row["fr"], row["en"]),
            row["side"],
            [prefix for words in row["accounts"].split() for prefix in _prefixes(words)],
            {part[1:]: 1 if part[0] == "+" else -1 for part in row["sum"].split()},
            row["of_which"],
        )
        for row in _rows()
        if row["statement"] == kind
        and (not row["models"] or model in row["models"].split())
        and (not row["legal_forms"] or legal_form in row["legal_forms"].split())
    ]


def _prefixes(text: str) -> Iterator[str]:
    """``285-288`` is 285 to 288."""
    first, _, last = text.partition("-")
    if not last:
        return iter((first,))
    return map(str, range(int(first), int(last) + 1))


@cache
def _rows() -> Sequence[Mapping[str, str]]:
    text = files("monitr.domain.accounting.statements").joinpath("rubrics.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
