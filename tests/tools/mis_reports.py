"""Our rubrics against a mapping that others made: ``python -m tests.tools.mis_reports WHEEL``.

The wheel is that of ``odoo-addon-l10n-be-mis-reports`` (ACSONE, AGPL), fetched with ``pip download --no-deps``. It is
read as data, and nothing of it is copied. For each of the nine models it prints which lines are not the same, or in
another order, and which accounts stand in another rubric there. What is known of it is in ``docs/accounting.md``.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby
from xml.etree import ElementTree
from zipfile import ZipFile

from monitr.domain.accounting.statements.layout import StatementKind
from monitr.domain.accounting.statements.rubrics import LegalForm, StatementModel, rubric_of, statutory_layout

MODELS = {
    (StatementModel.FULL, LegalForm.WITH_CAPITAL): "m02",
    (StatementModel.ABRIDGED, LegalForm.WITH_CAPITAL): "m01",
    (StatementModel.MICRO, LegalForm.WITH_CAPITAL): "m07",
    (StatementModel.FULL, LegalForm.WITHOUT_CAPITAL): "m82",
    (StatementModel.ABRIDGED, LegalForm.WITHOUT_CAPITAL): "m81",
    (StatementModel.MICRO, LegalForm.WITHOUT_CAPITAL): "m87",
    (StatementModel.FULL, LegalForm.ASSOCIATION): "m05",
    (StatementModel.ABRIDGED, LegalForm.ASSOCIATION): "m04",
    (StatementModel.MICRO, LegalForm.ASSOCIATION): "m08",
}
FILES = {StatementKind.BALANCE_SHEET: "bs", StatementKind.PROFIT_AND_LOSS: "pl"}
_ACCOUNTS = re.compile(r"\b(?:bal|deb|crd)[a-z]*\[([^\]]*)\]")
_KEY = re.compile(r"\[([0-9A-Z/P]+)\]$")


def theirs(wheel: ZipFile, kind: StatementKind, model: str) -> Mapping[str, list[str]]:
    """By rubric, in their order, the prefixes of its accounts; none of a sum."""
    (name,) = (name for name in wheel.namelist() if name.endswith(f"mis_report_{FILES[kind]}_{model}-f.xml"))
    found: dict[str, list[str]] = {}
    for record in ElementTree.fromstring(wheel.read(name)).iter("record"):
        fields = {field.get("name"): field.text or "" for field in record.iter("field")}
        if "expression" in fields:
            key = _KEY.search(fields["description"])
            listed = [each for inside in _ACCOUNTS.findall(fields["expression"]) for each in inside.split(",")]
            found[key[1] if key else fields["name"]] = [each.strip().removesuffix("%") for each in listed]
    return found


def takers(listed: Mapping[str, list[str]], number: str) -> str:
    """The rubrics that take the number; ``-`` where there is none."""
    return " + ".join(key for key, prefixes in listed.items() if number.startswith(tuple(prefixes))) or "-"


def differences(wheel: ZipFile, kind: StatementKind, model: StatementModel, form: LegalForm) -> Iterator[str]:
    listed = theirs(wheel, kind, MODELS[model, form])
    lines = [line.key for line in statutory_layout(kind, model, form).lines]
    common = [key for key in lines if key in listed] == [key for key in listed if key in lines]
    yield f"  lines in common: {'in the same order' if common else 'in another order'}"
    yield f"  lines here alone: {[key for key in lines if key not in listed]}"
    yield f"  lines there alone: {[key for key in listed if key not in lines]}"
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number in range(1000, 10000):
        account = number * 100
        if kind.holds(account):
            ours, other = rubric_of(account, model, form) or "-", takers(listed, str(account))
            if ours not in other.split(" + "):
                found[ours, other].append(number)
    for (ours, other), numbers in sorted(found.items()):
        yield f"  {spans(numbers)}: {ours} here, {other} there"


def spans(numbers: list[int]) -> str:
    """``1101-1108, 1130``: of consecutive ones the first and the last."""
    runs = ([number for _, number in run] for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]))
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def main(path: str) -> None:
    with ZipFile(path) as wheel:
        for model, form in MODELS:
            for kind in StatementKind:
                print(f"{kind.value} {model.value} {form.value}")
                print(*differences(wheel, kind, model, form), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1])
