"""Which payments settle which invoices, and what is left open."""

from typing import NamedTuple

from octopus_sandbox.books.entries import CONTROL_ACCOUNTS, SUPPLIERS, Document, DocumentKey, Line, LineKey


class Balancing(NamedTuple):
    """One matching of a debit line with a credit line of the same relation and control account (octopus.md 2.17)."""

    relation: int
    account: int
    debit: LineKey
    credit: LineKey
    cents: int
    """Positive."""
    modified: int

    @property
    def side(self) -> str:
        """C client or S supplier."""
        return "S" if self.account == SUPPLIERS else "C"


class DeletedBalancing(NamedTuple):
    balancing: Balancing
    at: int


def is_item(line: Line) -> bool:
    """Whether the line can be open: on a control account, for a relation."""
    return line.relation != 0 and line.account in CONTROL_ACCOUNTS


class Matchings:
    """The matchings of one dossier. Every item is known with what is open of it, in signed cents."""

    def __init__(self) -> None:
        self.open: dict[LineKey, int] = {}
        """Items that are not settled wholly: debit positive, credit negative."""
        self.deleted: list[DeletedBalancing] = []
        self._of_document: dict[DocumentKey, list[Balancing]] = {}

    def all(self) -> list[Balancing]:
        """Every matching once, in the order of its debit side's booking."""
        return [b for key, held in self._of_document.items() for b in held if b.debit.document == key]

    def of(self, document: DocumentKey) -> tuple[Balancing, ...]:
        return tuple(self._of_document.get(document, ()))

    def add_items(self, document: Document) -> None:
        for position, line in enumerate(document.lines):
            if line.relation and line.account in CONTROL_ACCOUNTS and line.cents:
                self.open[LineKey(document.key, position)] = line.cents

    def match(self, line: Line, one: LineKey, other: LineKey, modified: int, cents: int | None = None) -> int:
        """Match two open items of opposite sign, as far as both go or for `cents`; answers the cents matched.

        `line` is one of the two, for relation and account. Two lines have one matching: what was matched before is
        in it.
        """
        first, second = self.open.get(one, 0), self.open.get(other, 0)
        if first * second >= 0:
            return 0
        debit, credit = (one, other) if first > 0 else (other, one)
        matched = min(abs(first), abs(second), abs(first) if cents is None else cents)
        if matched <= 0:
            return 0
        self._reduce(debit, -matched)
        self._reduce(credit, matched)
        known = [b for b in self.of(debit.document) if (b.debit, b.credit) == (debit, credit)]
        for balancing in known:
            self._take_out(balancing)
        cents = matched + sum(balancing.cents for balancing in known)
        balancing = Balancing(line.relation, line.account, debit, credit, cents, modified)
        self._of_document.setdefault(debit.document, []).append(balancing)
        if credit.document != debit.document:
            self._of_document.setdefault(credit.document, []).append(balancing)
        return matched

    def unmatch(self, one: LineKey, other: LineKey, at: int) -> int:
        """Undo what matched two items; both are open again for the cents that are answered."""
        undone = [b for b in self.of(one.document) if {b.debit, b.credit} == {one, other}]
        for balancing in undone:
            self._undo(balancing, at)
        return sum(balancing.cents for balancing in undone)

    def remove_document(self, document: Document, at: int) -> None:
        """Undo the matchings of a document and forget its items."""
        for balancing in self.of(document.key):
            self._undo(balancing, at)
        self._of_document.pop(document.key, None)
        for position in range(len(document.lines)):
            self.open.pop(LineKey(document.key, position), None)

    def _undo(self, balancing: Balancing, at: int) -> None:
        self.deleted.append(DeletedBalancing(balancing, at))
        self._reduce(balancing.debit, balancing.cents)
        self._reduce(balancing.credit, -balancing.cents)
        self._take_out(balancing)

    def _take_out(self, balancing: Balancing) -> None:
        for key in {balancing.debit.document, balancing.credit.document}:
            self._of_document[key].remove(balancing)

    def _reduce(self, item: LineKey, by: int) -> None:
        left = self.open.get(item, 0) + by
        if left:
            self.open[item] = left
        else:
            self.open.pop(item, None)
