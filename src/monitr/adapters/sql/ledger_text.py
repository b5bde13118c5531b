"""Ledger lines in the text format of COPY: a third of the time that binary rows take, which are packed value by value.

https://www.postgresql.org/docs/current/sql-copy.html, "Text Format", with the empty text as NULL: a line holds no empty
texts. What would need a backslash is looked for in a whole batch at once, since hardly any text holds it.
"""

from collections.abc import Sequence
from datetime import date

from monitr.domain.ledger import LedgerLine

OPTIONS = "FORMAT TEXT, NULL ''"

_TABS = len(LedgerLine._fields) - 1
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_text(lines: Sequence[LedgerLine]) -> bytes:
    """The lines in their order, their fields in the order of ``LedgerLine``."""
    text = _joined(lines)
    if _needs_escapes(text, len(lines)):
        text = _joined([_escaped(line) for line in lines])
    return text.encode()


def _joined(lines: Sequence[LedgerLine]) -> str:
    """Flat, because every line of a ledger passes here: a call a field would double its time."""
    day = _Days()
    rows: list[str] = []
    for (
        bookyear, type, journal, document, sequence, period, dated, effective, due, account, amount, currency,
        currency_amount, rate, relation, cost_centre, description, reference, vat_section, vat_recuperation,
    ) in lines:  # fmt: skip
        money = str(amount)
        foreign = money if currency_amount is amount else "" if currency_amount is None else currency_amount
        rows.append(
            f"{bookyear}\t{type}\t{journal}\t{document}\t{sequence}\t{'' if period is None else period}"
            f"\t{day[dated]}\t{day[effective]}\t{day[due]}\t{account}\t{money}\t{currency}\t{foreign}"
            f"\t{'' if rate is None else rate}\t{'' if relation is None else relation}"
            f"\t{'' if cost_centre is None else cost_centre}\t{description or ''}\t{reference or ''}"
            f"\t{vat_section or ''}\t{'' if vat_recuperation is None else vat_recuperation}\n"
        )
    return "".join(rows)


def _needs_escapes(text: str, lines: int) -> bool:
    return "\\" in text or "\r" in text or text.count("\n") != lines or text.count("\t") != lines * _TABS


def _escaped(line: LedgerLine) -> LedgerLine:
    return LedgerLine._make(value.translate(_ESCAPES) if isinstance(value, str) else value for value in line)


class _Days(dict[date | None, str]):
    """A batch holds the same days over and over."""

    def __missing__(self, day: date | None) -> str:
        text = self[day] = "" if day is None else day.isoformat()
        return text
