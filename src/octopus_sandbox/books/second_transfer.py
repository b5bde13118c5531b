"""Balances that are transferred into a bookyear a second time, as after a late booking in the year before it."""

from enum import StrEnum

from octopus_sandbox.books.books import Books
from octopus_sandbox.books.entries import Document, Line, net_by_account
from octopus_sandbox.books.openings import opening_lines


class SecondTransfer(StrEnum):
    """What the second transfer leaves in the books; which of them Octopus does is not known (octopus.md 4)."""

    REPLACES = "replaces"  # one opening, rewritten under its number
    ANEW = "anew"  # the opening is deleted, and another one has its number
    DIFFERENCE = "difference"  # the first opening stays, a second document holds what is missing
    DOUBLES = "doubles"  # both stand in full: a mistake, and every balance is twice what it was


def transfer_again(
    books: Books, bookyear: int, how: SecondTransfer, *, result_account: int = 140000
) -> Document | None:
    """Transfer balances into a bookyear that was opened; None where there is nothing to book."""
    with books.lock:
        first = books.openings[bookyear]
        match how:
            case SecondTransfer.REPLACES:
                return books.carry_forward(bookyear, result_account=result_account, journal=first.key.journal_key)
            case SecondTransfer.ANEW:
                books.delete(first.key)
                return books.carry_forward(bookyear, result_account=result_account, journal=first.key.journal_key)
            case SecondTransfer.DIFFERENCE:
                missing = net_by_account(
                    (
                        *opening_lines(books, bookyear, result_account),
                        *(line._replace(cents=-line.cents) for line in first.lines),
                    )
                )
                return _beside(books, first, tuple(Line(account, cents, cents) for account, cents in missing.items()))
            case SecondTransfer.DOUBLES:
                return _beside(books, first, opening_lines(books, bookyear, result_account))


def _beside(books: Books, first: Document, lines: tuple[Line, ...]) -> Document | None:
    if not lines:
        return None
    return books.book(
        journal=first.key.journal_key,
        date=first.date,
        lines=lines,
        bookyear=first.key.bookyear,
        period=first.period,
        comment=first.comment,
    )
