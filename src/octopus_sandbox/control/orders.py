"""What an order of the control address says, and what it is about."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from octopus_sandbox.answers.wire import Json
from octopus_sandbox.books import Books
from octopus_sandbox.books.entries import JOURNAL_TYPES, Document, DocumentKey
from octopus_sandbox.sandbox import Sandbox

Order = Mapping[str, Json]
"""The JSON of one action."""
Action = Callable[[Order], Json]


class Orders:
    """Reads orders for one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def dossier(self, order: Order) -> int:
        return int(order["dossier"])

    def books(self, order: Order) -> Books:
        return self._sandbox.books(self.dossier(order))

    def day(self, order: Order) -> date:
        return date.fromisoformat(order["date"]) if "date" in order else self._sandbox.clock.today()

    def stamp(self, order: Order) -> int:
        """The moment the change is stamped with: now, or `hoursAgo`."""
        ago = timedelta(hours=float(order.get("hoursAgo", 0)))
        return self._sandbox.clock.milliseconds() - round(ago.total_seconds() * 1000)

    def document(self, order: Order) -> tuple[Books, Document]:
        """The document that bookyear, journal and number name."""
        return self.named_document(self.books(order), order)

    def named_document(self, books: Books, order: Order) -> tuple[Books, Document]:
        journal = str(order["journal"])
        key = DocumentKey(int(order["bookyear"]), JOURNAL_TYPES[journal[0]], int(journal[1:]), int(order["number"]))
        document = books.find(key)
        if document is None:
            raise ValueError(f"there is no {journal}/{key.number} in bookyear {key.bookyear}")
        return books, document


def is_true(order: Order, name: str, *, default: bool = False) -> bool:
    return str(order.get(name, default)).lower() in ("true", "1", "on", "yes")


def document_key(key: DocumentKey) -> Json:
    return {"bookyear": key.bookyear, "journal": key.journal_key, "number": key.number}
