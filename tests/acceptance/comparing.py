"""A ledger line as the contract shows it and as the books have it, in one comparable form."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from tests.acceptance.books import CLIENTS, SUPPLIERS, Books, Document, Line
from tests.acceptance.front_end import FrontEnd
from tests.acceptance.truth import fixed_assets, open_items, trial_balance


def cents(amount: str) -> int:
    return int(Decimal(amount) * 100)


def line_shown(node: dict[str, Any]) -> tuple[object, ...]:
    special = node["journalKey"][0] not in "AVFD"
    return (
        node["bookyear"],
        node["period"] or 0,
        "special" if special else node["journalKey"],
        node["documentNumber"],
        node["lineNumber"],
        node["date"],
        node["effectiveDate"],
        node["dueDate"],
        int(node["account"]["number"]),
        cents(node["amount"]),
        node["currency"],
        cents(node["currencyAmount"]) if node["currencyAmount"] and node["currency"] != "EUR" else None,
        node["description"] or "",
        node["reference"] or "",
        (node["relation"]["number"], node["relation"]["name"]) if node["relation"] else None,
        tuple((value["dimension"], value["code"], value["name"]) for value in node["dimensionValues"]),
    )


def expected_line(books: Books, document: Document, line: Line) -> tuple[object, ...]:
    centre = books.cost_centres.get(line.cost_centre or 0)
    names = centre.names if centre else {}
    foreign = line.cents if line.foreign_cents is None else line.foreign_cents
    return (
        document.year,
        document.period or 0,
        "special" if document.type > 4 else document.journal_key,
        document.number,
        line.number,
        f"{document.date}",
        f"{books.effective(document)}",
        f"{document.due}" if document.due else None,
        line.account,
        line.cents,
        line.currency,
        foreign if line.currency != "EUR" else None,
        line.comment,
        line.reference,
        (line.relation, books.relations[line.relation].name) if line.relation else None,
        (("COST_CENTRE", str(line.cost_centre), names["NL"] or names["FR"]),) if centre else (),
    )


def assert_same(found: Iterable[object], expected: Iterable[object]) -> None:
    """As multisets; says what is missing and what is too much."""
    here, wanted = Counter(found), Counter(expected)
    missing, extra = list((wanted - here).items()), list((here - wanted).items())
    words = [f"missing {each}" for each in missing[:3]] + [f"not in the books {each}" for each in extra[:3]]
    assert here == wanted, f"{len(missing)} missing, {len(extra)} too many:\n" + "\n".join(words)


def assert_mirrors(someone: FrontEnd, administration: str, books: Books) -> None:
    """Lines, balances, open items and assets are those of the books at this moment."""
    shown = someone.transactions(administration)
    assert_same(map(line_shown, shown), (expected_line(books, *each) for each in books.lines()))
    years = books.in_order()
    spans = [(year.start, year.end) for year in years] + [(years[0].start, years[-1].end)]
    for start, end in spans:
        assert_trial_balance(someone, administration, books, start, end)
    for type, control in (("RECEIVABLE", CLIENTS), ("PAYABLE", SUPPLIERS)):
        items = someone.administration("OutstandingItems", administration, type=type)["outstandingItems"]
        assert cents(items["total"]) == sum(item.open_cents for item in open_items(books, control)), type
        assert items["items"]["totalCount"] == len(open_items(books, control)), type
    assets = someone.administration("FixedAssets", administration)["fixedAssets"]
    groups = fixed_assets(books, date.fromisoformat(assets["asOf"])).values()
    assert cents(assets["acquisitionValue"]) == sum(value for value, _ in groups)
    assert cents(assets["accumulatedDepreciation"]) == sum(depreciation for _, depreciation in groups)


def assert_trial_balance(someone: FrontEnd, administration: str, books: Books, start: date, end: date) -> None:
    span = {"from": f"{start}", "to": f"{end}"}
    shown = someone.administration("TrialBalance", administration, **span)["trialBalance"]
    expected = trial_balance(books, start, end)
    columns = ("opening", "debit", "credit", "closing")
    assert_same(
        ((int(row["account"]["number"]), *(cents(row[each]) for each in columns)) for row in shown["rows"]),
        ((number, *(getattr(row, each) for each in columns)) for number, row in expected.rows.items()),
    )
    assert cents(shown["resultBroughtForward"]) == expected.brought_forward
    assert cents(shown["resultTransferred"]) == expected.transferred
    for column in columns:
        assert cents(shown["totals"][column]) == sum(getattr(row, column) for row in expected.rows.values())
    if year := books.year_of(end):
        for row in shown["rows"]:
            assert row["account"]["name"] == books.account(year.id, int(row["account"]["number"])).name
    assert shown["completeFrom"] == f"{books.in_order()[0].start}"


def ledger(run: dict) -> dict:
    found: dict = next(each for each in run["datasets"] if each["dataset"] == "GENERAL_LEDGER")
    return found


def counts(run: dict) -> tuple[int, int, int]:
    of = ledger(run)
    return of["inserted"], of["updated"], of["deleted"]
