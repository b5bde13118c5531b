"""Documents as lines of bookings/modified (BookingReportData, octopus.md 2.10).

Written as text, not by a JSON encoder: two million lines have to be rendered in seconds.
"""

from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring
from random import Random

from octopus_sandbox.answers.spool import Spool
from octopus_sandbox.answers.wire import UNKNOWN_PROPERTY, Spelling, encoded
from octopus_sandbox.books.entries import CONTROL_ACCOUNTS, Document
from octopus_sandbox.switches import Duplicates, ElementOrder, LineNumbers, RelationKeys, Switches

_BATCH = 2_000


def render(documents: Iterable[Document], switches: Switches) -> Spool:
    """The lines of documents, with commas between them and none around."""
    renderer = LineRenderer(switches)
    spool = Spool()
    batch: list[str] = []
    for lines in renderer.in_order(documents):
        batch.extend(lines)
        if len(batch) >= _BATCH:
            spool.append((b"," if len(spool) else b"") + ",".join(batch).encode())
            batch.clear()
    if batch:
        spool.append((b"," if len(spool) else b"") + ",".join(batch).encode())
    spool.seal()
    return spool


class LineRenderer:
    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._amount = Spelling(switches).amount_text
        self._plain = not (switches.binary_noise or switches.exponents)
        unknown = encoded(UNKNOWN_PROPERTY).decode()[1:-1]
        self._last = f",{unknown}}}" if switches.unknown_properties else "}"

    def in_order(self, documents: Iterable[Document]) -> Iterator[list[str]]:
        """The lines of each document, or of all in one list where they are scattered."""
        match self._switches.element_order:
            case ElementOrder.BY_NUMBER:
                yield from self._documents(documents)
            case ElementOrder.SHUFFLED:
                shuffled = list(documents)
                Random(len(shuffled)).shuffle(shuffled)
                yield from self._documents(shuffled)
            case ElementOrder.LINES_SHUFFLED:
                lines = [line for rendered in self._documents(documents) for line in rendered]
                Random(len(lines)).shuffle(lines)
                yield lines

    def lines(self, document: Document) -> list[str]:
        """One JSON object for each line; keys sorted, as Octopus sends them."""
        key, plain, amount = document.key, self._plain, self._amount
        period = "" if document.period is None else f',"bookyearPeriodeNr":{document.period}'
        bookyear = f',"bookyearKey":{{"id":{key.bookyear}}}{period},"comment":'
        comment = encode_basestring(document.comment)
        currency = f',"currencyCode":"{document.currency}","documentAmount":'
        due = "" if document.due is None else f'"expiryDate":"{document.due}",'
        head = (
            f',"documentDate":"{document.date}","documentSequenceNr":{key.number},'
            f'"exchangeRate":{float(document.rate)!r},{due}"journalNr":{key.journal_nr},'
            f'"journalType":{key.journal_type},"lineSequenceNr":'
        )
        reference = f',"reference":{encode_basestring(document.reference)}'
        last = self._last
        numbers = self._numbers(document)
        on_all = self._switches.relation_keys is RelationKeys.ALL_LINES
        rendered: list[str] = []
        for number, line in zip(numbers, document.lines, strict=True):
            relation = line.relation or (document.relation if on_all else 0)
            rendered.append(
                f'{{"accountKey":{line.account},"bookingAmount":'
                f"{line.cents / 100 if plain else amount(line.cents)}{bookyear}"
                f"{encode_basestring(line.comment) if line.comment else comment}"
                f'{f""","costCentreKey":{{"id":{line.cost_centre}}}""" if line.cost_centre else ""}'
                f"{currency}{line.currency_cents / 100 if plain else amount(line.currency_cents)}"
                f"{head}{number}{reference}"
                f'{f""","relationKey":{{"id":{relation}}}""" if relation else ""}'
                f',"vatRecuperationPercentage":{line.vat_recoverable}.0,"vatSectionCode":"{line.vat_section}"{last}'
            )
        return rendered

    def _documents(self, documents: Iterable[Document]) -> Iterator[list[str]]:
        duplicates = self._switches.duplicates
        for position, document in enumerate(documents, start=1):
            lines = self.lines(document)
            if duplicates is Duplicates.DOCUMENTS and position % 9 == 0:
                lines += lines
            elif duplicates is Duplicates.LINES and position % 9 == 0:
                lines += lines[:1]
            yield lines

    def _numbers(self, document: Document) -> Iterable[int]:
        count = len(document.lines)
        match self._switches.line_numbers:
            case LineNumbers.UNIQUE:
                return range(1, count + 1)
            case LineNumbers.ALL_MINUS_ONE:
                return [-1] * count
            case LineNumbers.REPEATED:
                return [number // 2 + 1 for number in range(count)]
            case LineNumbers.HEAD_MINUS_ONE:
                return [line_number(document, position) for position in range(count)]


def line_number(document: Document, position: int) -> int:
    """The line number in open reports and matchings: -1 for an invoice's head, else from 1 (octopus.md 2.17)."""
    invoice = document.key.journal_type in (1, 2)
    if invoice and position == 0 and document.lines[0].account in CONTROL_ACCOUNTS:
        return -1
    return position if invoice else position + 1
