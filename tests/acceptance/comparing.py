"""A ledger line as the contract shows it and as the books have it, in one comparable form."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tests.acceptance.books import Books, Document, Line


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
