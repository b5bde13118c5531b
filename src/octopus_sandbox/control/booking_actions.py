"""Actions on documents and matchings."""

from collections.abc import Mapping
from datetime import date, timedelta

from octopus_sandbox.answers.wire import Json
from octopus_sandbox.books import Books
from octopus_sandbox.books.entries import CLIENTS, SUPPLIERS, Document, Line, LineKey, cents, debit
from octopus_sandbox.control.orders import Action, Order, Orders, document_key, is_true
from octopus_sandbox.office.accountant import Accountant
from octopus_sandbox.sandbox import Sandbox


class BookingActions:
    def __init__(self, sandbox: Sandbox, orders: Orders) -> None:
        self._sandbox = sandbox
        self._orders = orders
        self._accountants: dict[int, Accountant] = {}
        self.actions: Mapping[str, Action] = {
            "book": self._book,
            "invoice": self._invoice,
            "change": self._change,
            "delete": self._delete,
            "reuse-number": self._reuse_number,
            "pay": self._pay,
            "match": self._match,
            "unmatch": self._unmatch,
            "deed": self._deed,
        }

    def _book(self, order: Order) -> Json:
        """lines: [{"account", "amount" (text, debit positive), "relation"?, "costCentre"?}]."""
        lines = [
            replaced._replace(comment=str(line.get("comment", "")))
            for line in order["lines"]
            for replaced in [
                debit(
                    int(line["account"]),
                    str(line["amount"]),
                    relation=int(line.get("relation", 0)),
                    cost_centre=int(line.get("costCentre", 0)),
                )
            ]
        ]
        books = self._orders.books(order)
        with books.stamped(self._orders.stamp(order)):
            document = books.book(
                journal=str(order["journal"]),
                date=self._orders.day(order),
                lines=lines,
                due=date.fromisoformat(order["due"]) if "due" in order else None,
                period=int(order["period"]) if "period" in order else None,
                number=int(order["number"]) if "number" in order else None,
                comment=str(order.get("comment", "")),
            )
        return document_key(document.key)

    def _invoice(self, order: Order) -> Json:
        """A sales invoice, or with kind purchase a purchase invoice, of `amount` excluding 21% VAT."""
        books, day = self._orders.books(order), self._orders.day(order)
        base = cents(str(order.get("amount", "1000.00")))
        relation = int(order.get("relation", 1))
        comment = str(order.get("comment", "Factuur"))
        lines = _sale(base, relation) if order.get("kind", "sale") == "sale" else _purchase(base, relation)
        journal = "V1" if order.get("kind", "sale") == "sale" else "A1"
        with books.stamped(self._orders.stamp(order)):
            due = day + timedelta(days=30)
            document = books.book(journal=journal, date=day, lines=lines, due=due, comment=comment)
        return document_key(document.key)

    def _change(self, order: Order) -> Json:
        """Change a document: its comment, by `amount` its first two lines, on line `line` cost centre or relation.

        With `keepsStamp` no stamp tells of it.
        """
        books, document = self._orders.document(order)
        lines = list(document.lines)
        if "amount" in order:
            more = cents(str(order["amount"]))
            for position, sign in ((0, 1), (1, -1)):
                line = lines[position]
                lines[position] = line._replace(
                    cents=line.cents + sign * more, currency_cents=line.currency_cents + sign * more
                )
        at = int(order.get("line", 0))
        if "costCentre" in order:
            lines[at] = lines[at]._replace(cost_centre=int(order["costCentre"]))
        if "relation" in order:
            lines[at] = lines[at]._replace(relation=int(order["relation"]))
        comment = str(order.get("comment", document.comment + " (gewijzigd)"))
        with books.stamped(self._orders.stamp(order)):
            keeps_stamp = is_true(order, "keepsStamp")
            changed = books.change(document.key, keeps_stamp=keeps_stamp, lines=tuple(lines), comment=comment)
        return document_key(changed.key)

    def _delete(self, order: Order) -> Json:
        """Delete a document; with `freesNumber` the last of its journal leaves its number to the next."""
        books, document = self._orders.document(order)
        with books.stamped(self._orders.stamp(order)):
            books.delete(document.key, frees_number=is_true(order, "freesNumber"))
        return document_key(document.key)

    def _reuse_number(self, order: Order) -> Json:
        """Delete a document and book another one, of half the amounts, under its number."""
        books, document = self._orders.document(order)
        halves = [
            line._replace(cents=line.cents // 2, currency_cents=line.currency_cents // 2) for line in document.lines
        ]
        rest = sum(line.cents for line in halves)
        halves[-1] = halves[-1]._replace(cents=halves[-1].cents - rest, currency_cents=halves[-1].currency_cents - rest)
        comment = str(order.get("comment", "Nummer opnieuw gebruikt"))
        return document_key(books.replace_number(document.key, date=document.date, lines=halves, comment=comment).key)

    def _pay(self, order: Order) -> Json:
        """Pay an invoice, wholly or `amount` of it, through F1."""
        books, document = self._orders.document(order)
        part = cents(str(order["amount"])) if "amount" in order else None
        return document_key(books.pay(_open_item(books, document), date=self._orders.day(order), cents=part).key)

    def _match(self, order: Order) -> Json:
        """Match the open items of two documents; `with` names the other one."""
        books, one = self._orders.document(order)
        _, other = self._orders.named_document(books, order["with"])
        matched = books.match(_open_item(books, one), _open_item(books, other))
        return {"matched": f"{matched / 100:.2f}"}

    def _unmatch(self, order: Order) -> Json:
        """Undo every matching of a document."""
        books, document = self._orders.document(order)
        undone = sum(books.unmatch(held.debit, held.credit) for held in books.matchings.of(document.key))
        return {"unmatched": f"{undone / 100:.2f}"}

    def _deed(self, order: Order) -> Json:
        """What a bookkeeper does for a draw, or the deed that is named."""
        dossier = self._orders.dossier(order)
        accountant = self._accountants.setdefault(dossier, Accountant(self._sandbox, dossier))
        deed = accountant.act(int(order["draw"]), str(order["deed"]) if "deed" in order else None)
        return {"deed": deed.name, "what": deed.what} if deed else {}


def _open_item(books: Books, document: Document) -> LineKey:
    item = next((item for item in books.items(document) if item in books.matchings.open), None)
    if item is None:
        raise ValueError("nothing of this document is open")
    return item


def _sale(base: int, relation: int) -> list[Line]:
    vat = (base * 21 + 50) // 100
    return [
        Line(CLIENTS, base + vat, base + vat, relation),
        Line(700000, -base, -base, vat_code="21", vat_cents=-vat, vat_section="03"),
        Line(451000, -vat, -vat, vat_section="54"),
    ]


def _purchase(base: int, relation: int) -> list[Line]:
    vat = (base * 21 + 50) // 100
    return [
        Line(SUPPLIERS, -base - vat, -base - vat, relation),
        Line(604000, base, base, vat_code="H21", vat_cents=vat, vat_section="81"),
        Line(411000, vat, vat, vat_section="59"),
    ]
