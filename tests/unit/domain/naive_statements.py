"""Statements as somebody would make them with the list of rubrics and a calculator, for the property tests.

It reads ``tests/contract/mar-rubrics.csv``, not the product's data, and what that says of companies with capital; what
is different without capital and for associations (``mar-rubrics.md``, ``rules.md`` 7) is written here once more.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from monitr.domain.accounting.statements.layout import StatementKind
from monitr.domain.accounting.statements.rubrics import LegalForm, StatementModel
from tests.unit.domain.random_books import BALANCE_SHEET, PROFIT_AND_LOSS, RESULT_ACCOUNT, Ledger, ledgers_and_spans

CONTRACT = Path(__file__).parents[2] / "contract"
ZERO = Decimal(0)
BALANCE, PROFIT = StatementKind.BALANCE_SHEET, StatementKind.PROFIT_AND_LOSS


@dataclass(frozen=True)
class Rubric:
    """``content``: prefixes of accounts, or a sum that begins with ``=``; ``repeats``: it is an "of which"."""

    content: str
    is_debit: bool
    repeats: bool = False

    @property
    def prefixes(self) -> list[str]:
        return [] if self.content.startswith("=") else prefixes(self.content)

    @property
    def terms(self) -> list[tuple[int, str]]:
        if not self.content.startswith("="):
            return []
        words = self.content[1:].replace("result of the year", "RESULT").split()
        return [(1 if word[0] == "+" else -1, word[1:]) for word in words]


@cache
def rubrics(kind: StatementKind, model: StatementModel, form: LegalForm) -> Mapping[str, Rubric]:
    text = (CONTRACT / "mar-rubrics.csv").read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["statement"] == kind and row[model.lower()]]
    found = {row["rubric"]: Rubric(row["accounts_or_sum"], row["sign"].startswith("Dr")) for row in rows}
    if kind is BALANCE:
        found["RESULT"] = replace(found.pop("–"), content="")
    elif model is StatementModel.FULL:
        found |= {"69": Rubric("69", True), "79": Rubric("79", False)}
    if model is not StatementModel.FULL:
        found |= _short(kind, found)
    if form is LegalForm.WITHOUT_CAPITAL and kind is BALANCE:
        gone = ("10", "100", "101", "11", "1100/10", "1109/19", "130")
        found = {key: rubric for key, rubric in found.items() if key not in gone}
        found |= {"110": Rubric("110", False), "111": Rubric("111", False)}
        found |= {"10/11": Rubric("= +110 +111", False), "130/1": Rubric("= +1311 +1312 +1313 +1319", False)}
    if form is LegalForm.ASSOCIATION:
        found = _of_an_association(kind, model, found)
    return found


def _short(kind: StatementKind, found: Mapping[str, Rubric]) -> dict[str, Rubric]:
    """What is one line in the abridged and the micro model."""
    if kind is BALANCE:
        return {
            "28": Rubric("28", True),
            "30/36": Rubric("30–36", True),
            "50/53": Rubric("50–53", True),
            "170/4": Rubric("= +172/3 +174/0", False),
            "175": Rubric("175", False),
        }
    margin = "70–74, 760, 7620, 7630, 764–768, 60–61"
    return {
        "9900": Rubric(margin, False),
        **{key: replace(found[key], repeats=True) for key in ("70", "76A", "60/61", "753")},
        "9901": Rubric("= +9900 -62 -630 -631/4 -635/8 -640/8 -649 -66A", False),
        "75": Rubric("75", False),
        "65": Rubric("65", True),
        "67/77": Rubric("67, 77", True),
        "69": Rubric("69", True),
        "79": Rubric("79", False),
    }


def _of_an_association(kind: StatementKind, model: StatementModel, found: Mapping[str, Rubric]) -> dict[str, Rubric]:
    if kind is BALANCE:
        gone = {"10/11", "100", "101", "11", "1100/10", "1109/19", "19", "47/48", "50", "51/53"}
        gone |= {"130/1", "130", "1311", "1312", "1313", "1319", "132", "133"}
        return {key: rubric for key, rubric in found.items() if key not in gone} | {
            "10": Rubric("10", False),
            "13": Rubric("13", False),
            "167": Rubric("167", False),
            "48": Rubric("48", False),
            "50/53": Rubric("50–53", True),
            "16": Rubric("= +160/5 +167 +168", False),
            "42/48": Rubric("= +42 +43 +44 +46 +45 +48", False),
            "10/15": Rubric("= +10 +12 +13 +14 +RESULT +15", False),
        }
    is_full = model is StatementModel.FULL
    changed = {
        key: replace(rubric, content=rubric.content.replace("635/8", "635/9")) if key in ("60/66A", "9901") else rubric
        for key, rubric in found.items()
        if key not in ("635/8", "753")
    } | {"635/9": Rubric("635–639", True), "73": Rubric("73", False, repeats=not is_full)}
    if is_full:
        changed["70/76A"] = Rubric("= +70 +71 +72 +73 +74 +76A", False)
    return changed


def prefixes(text: str) -> list[str]:
    """``760, 764–768``."""
    found = []
    for word in text.replace(" ", "").split(",") if text else ():
        first, _, last = word.partition("–")
        found += [str(number) for number in range(int(first), int(last or first) + 1)]
    return found


def takers(kind: StatementKind, model: StatementModel, form: LegalForm, account: int) -> list[str]:
    """Every rubric that takes the number, "of which" left out."""
    number = f"{account:06d}"
    if (kind is BALANCE) != (number[0] in "12345") or number[0] == "0":
        return []
    if account == 131000 and form is not LegalForm.ASSOCIATION:
        return ["1319"]
    return [key for key, taken in _taken(kind, model, form) if number.startswith(taken)]


@cache
def _taken(kind: StatementKind, model: StatementModel, form: LegalForm) -> list[tuple[str, tuple[str, ...]]]:
    listed = rubrics(kind, model, form).items()
    return [(key, tuple(rubric.prefixes)) for key, rubric in listed if rubric.prefixes and not rubric.repeats]


def place(account: int, balance: Decimal, form: LegalForm, usual: str | None) -> str | None:
    """Where it stands with that balance (``rules.md``, 5)."""
    number = f"{account:06d}"
    if usual is None:
        return None
    if balance > 0 and number[:2] in ("44", "45"):
        return "41"
    if balance < 0 and number[:2] in ("40", "41"):
        return "48" if form is LegalForm.ASSOCIATION else "47/48"
    if balance < 0 and number[:2] in ("54", "55", "56", "57", "58"):
        return "430/8"
    if balance < 0 and number[:3] == "499":
        return "492/3"
    return usual


@dataclass(frozen=True)
class Naive:
    """One column: amounts by rubric, and what no rubric takes, debit minus credit."""

    amounts: Mapping[str, Decimal]
    unmapped: Mapping[int, Decimal]


def naive(
    kind: StatementKind, model: StatementModel, form: LegalForm, nets: Mapping[int, Decimal], result: Decimal
) -> Naive:
    """``nets``: debit minus credit by account; ``result``: what RESULT shows."""
    listed = rubrics(kind, model, form)
    standing: dict[str, list[tuple[int, Decimal]]] = {key: [] for key in listed}
    unmapped: dict[int, Decimal] = {}
    for account, net in nets.items():
        usual = next(iter(takers(kind, model, form, account)), None)
        key = place(account, net, form, usual)
        if key is not None:
            standing[key].append((account, net))
        elif net and account >= 100000:
            unmapped[account] = net
    for key, rubric in listed.items():
        if rubric.repeats:
            standing[key] = [(a, n) for a, n in nets.items() if str(a).startswith(tuple(rubric.prefixes))]

    def amount(key: str) -> Decimal:
        if key == "RESULT":
            return result
        own = sum((net for _, net in standing[key]), ZERO)
        return (own if listed[key].is_debit else -own) + sum((n * amount(part) for n, part in listed[key].terms), ZERO)

    return Naive({key: amount(key) for key in listed}, unmapped)


# --- random books on any account -------------------------------------------------------------------------------------


def accounts_of(*classes: int) -> st.SearchStrategy[int]:
    """Round ones, like those of a chart, and any."""
    return st.sampled_from(classes).flatmap(
        lambda klass: (
            st.integers(klass * 1000, klass * 1000 + 999).map(lambda number: number * 100)
            | st.integers(klass * 100000, klass * 100000 + 99999)
        )
    )


SIGNED = st.sampled_from((400000, 416000, 440000, 445000, 451000, 499000, 550000, 570000, 131000, 101000, 190000))


@st.composite
def any_books(draw: st.DrawFn, *, cost_centres: bool = False) -> tuple[Ledger, tuple[date, date]]:
    """Random books whose accounts are any of a class, but for that to which openings move the result."""
    ledger, span = draw(ledgers_and_spans(cost_centres=cost_centres))
    sheet = draw(
        st.lists(accounts_of(1, 2, 3, 4, 5) | SIGNED, min_size=len(BALANCE_SHEET), max_size=len(BALANCE_SHEET))
    )
    result = draw(
        st.lists(accounts_of(6, 7) | accounts_of(6, 7, 8), min_size=len(PROFIT_AND_LOSS), max_size=len(PROFIT_AND_LOSS))
    )
    renamed = dict(zip(BALANCE_SHEET, sheet, strict=True)) | dict(zip(PROFIT_AND_LOSS, result, strict=True))
    renamed[RESULT_ACCOUNT] = RESULT_ACCOUNT
    lines = [replace(line, account=renamed[line.account]) for line in ledger.lines]
    return Ledger(ledger.years, ledger.end, lines), span


def models() -> st.SearchStrategy[tuple[StatementModel, LegalForm]]:
    return st.tuples(st.sampled_from(StatementModel), st.sampled_from(LegalForm))


def sums_of_the_nbb() -> Sequence[tuple[str, list[tuple[int, str]]]]:
    """``20/58 = 20 + 21/28 + 29/58 · …`` of mar-rubrics.md, each as its key and its terms; those of the appropriation
    account, which is no statement here, left out."""
    text = (CONTRACT / "mar-rubrics.md").read_text(encoding="utf-8")
    (_, after) = text.split("## Sums that any implementation must satisfy")
    listed = after.split("\n", 1)[1].split("And over the whole ledger")[0]
    found = []
    for one in listed.replace("\n", " ").split("·"):
        if "=" in one and "9906" not in one:
            key, _, terms = one.partition("=")
            words = f"+ {terms.strip()}".split()
            pairs = zip(words[::2], words[1::2], strict=True)
            found.append((key.strip(), [(1 if sign == "+" else -1, part.rstrip(".")) for sign, part in pairs]))
    return found
