"""Matchings as elements of balancings/modified, written as text like the ledger's lines (octopus.md 2.17)."""

from collections.abc import Callable, Iterable
from json.encoder import encode_basestring
from random import Random

from octopus_sandbox.answers.wire import UNKNOWN_PROPERTY, Spelling, encoded
from octopus_sandbox.books import Books
from octopus_sandbox.books.entries import LineKey
from octopus_sandbox.books.matchings import Balancing
from octopus_sandbox.switches import Duplicates, ElementOrder, Switches


def rendered(balancings: Iterable[Balancing], books: Books, switches: Switches) -> bytes:
    """The elements with commas between them."""
    amount = Spelling(switches).amount_text
    last = f",{encoded(UNKNOWN_PROPERTY).decode()[1:-1]}}}" if switches.unknown_properties else "}"
    elements: list[str] = []
    for balancing in balancings:
        cents = amount(balancing.cents)
        elements.append(
            f'{{"creditBalancedBookingAmount":{cents},"creditDocument":{_side(balancing.credit, books, amount)},'
            f'"debetBalancedBookingAmount":{cents},"debetDocument":{_side(balancing.debit, books, amount)},'
            f'"type":{_type(balancing)}{last}'
        )
    if switches.duplicates is Duplicates.LINES:
        elements += elements[::7]
    if switches.element_order is not ElementOrder.BY_NUMBER:
        Random(len(elements)).shuffle(elements)
    return ",".join(elements).encode()


def rendered_keys(balancings: Iterable[Balancing]) -> bytes:
    """Deleted matchings: the keys alone, for a document may be gone."""
    return ",".join(
        f'{{"creditDocument":{{"balancingKey":{_key(b.credit)}}},'
        f'"debetDocument":{{"balancingKey":{_key(b.debit)}}},"type":{_type(b)}}}'
        for b in balancings
    ).encode()


def _side(item: LineKey, books: Books, amount: Callable[[int], str]) -> str:
    document = books.documents[item.document[:2]][item.document]
    line = document.lines[item.position]
    return (
        f'{{"balancingKey":{_key(item)},'
        f'"comment":{encode_basestring(line.comment or document.comment)},'
        f'"creditBookingAmount":{amount(max(-line.cents, 0))},'
        f'"creditDocumentAmount":{amount(max(-line.currency_cents, 0))},"currencyCode":"{document.currency}",'
        f'"debetBookingAmount":{amount(max(line.cents, 0))},'
        f'"debetDocumentAmount":{amount(max(line.currency_cents, 0))},"documentDate":"{document.date}",'
        f'"exchangeRate":{float(document.rate)!r},"reference":{encode_basestring(document.reference)}}}'
    )


def _type(balancing: Balancing) -> str:
    return (
        f'{{"accountNr":{balancing.account},"externalRelationId":0,'
        f'"relationKey":{{"id":{balancing.relation}}},"type":"{balancing.side}"}}'
    )


def _key(item: LineKey) -> str:
    key = item.document
    return (
        f'{{"bookyearKey":{{"id":{key.bookyear}}},"documentSequenceNr":{key.number},'
        f'"journalKey":"{key.journal_key}","lineSequenceNr":{_number(item)}}}'
    )


def _number(item: LineKey) -> int:
    """As `line_number` has it: what is matched of an invoice's first line is its head."""
    if item.document.journal_type in (1, 2):
        return item.position or -1
    return item.position + 1
