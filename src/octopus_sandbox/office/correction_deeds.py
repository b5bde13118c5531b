"""What is changed and deleted, told or not."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from octopus_sandbox.office.corrections import (
    corrected_cost_centre,
    corrected_relation,
    corrected_text,
    moved_amount,
    shift_amounts,
)
from octopus_sandbox.office.desk import Desk, named


def correct(desk: Desk, *, keeps_stamp: bool = False) -> str | None:
    """Cost centre, relation or text alone."""
    document = desk.picked_document()
    if document is None:
        return None
    kinds = [corrected_cost_centre, corrected_relation, corrected_text]
    corrected = desk.random.choice(kinds)(document, desk.books, desk.random)
    desk.books.change(document.key, keeps_stamp=keeps_stamp, lines=corrected.lines, comment=corrected.comment)
    return named(document)


def correct_unstamped(desk: Desk) -> str | None:
    return correct(desk, keeps_stamp=True)


def correct_amount(desk: Desk) -> str | None:
    document = desk.picked_document()
    lines = moved_amount(document, desk.random) if document else None
    if document is None or lines is None:
        return None
    desk.books.change(document.key, lines=lines)
    return named(document)


def shift_unstamped(desk: Desk) -> str | None:
    """Amounts of two documents that leave every total as it was, and no stamp."""
    keys = shift_amounts(desk.books, desk.random)
    return f"{keys[0]} and {keys[1]}" if keys else None


def delete(desk: Desk) -> str | None:
    document = desk.picked_document()
    if document is None:
        return None
    desk.books.delete(document.key)
    return named(document)


def delete_last_and_reuse(desk: Desk) -> str | None:
    """The last document of a journal is deleted, and the next one gets its number."""
    chosen = desk.picked_document()
    if chosen is None:
        return None
    journal = chosen.key[:3]
    last = max((d for d in desk.books.movements() if d.key[:3] == journal), key=lambda d: d.key.number)
    desk.books.delete(last.key, frees_number=True)
    desk.books.book(
        journal=last.key.journal_key,
        date=last.date,
        lines=moved_amount(last, desk.random) or last.lines,
        bookyear=last.key.bookyear,
        period=last.period,
        comment="Nummer opnieuw gebruikt",
    )
    return named(last)


def reuse_number(desk: Desk) -> str | None:
    document = desk.picked_document()
    if document is None:
        return None
    lines = moved_amount(document, desk.random) or document.lines
    desk.books.replace_number(document.key, date=document.date, lines=lines, comment="Opnieuw")
    return named(document)


DEEDS: Mapping[str, Callable[[Desk], str | None]] = MappingProxyType(
    {
        "correct": correct,
        "correct-unstamped": correct_unstamped,
        "correct-amount": correct_amount,
        "shift-unstamped": shift_unstamped,
        "delete": delete,
        "delete-last-and-reuse": delete_last_and_reuse,
        "reuse-number": reuse_number,
    }
)
