"""Changing the books while the sandbox runs: one function an action, over HTTP and from the page for a person."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from octopus_sandbox.answers.wire import Json, encoded
from octopus_sandbox.books import Books
from octopus_sandbox.books.bookyears import months_later
from octopus_sandbox.books.entries import (
    CLIENTS,
    JOURNAL_TYPES,
    SUPPLIERS,
    Document,
    DocumentKey,
    Line,
    cents,
    debit,
)
from octopus_sandbox.control.control_page import control_page
from octopus_sandbox.sandbox import Sandbox
from octopus_sandbox.switch_values import current, parsed
from octopus_sandbox.trouble.faults import FaultKind

Order = Mapping[str, Json]
"""The JSON of one action."""


class Control:
    """POST /sandbox/control with {"action": name, …}, and the page /sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._actions: dict[str, Callable[[Order], Json]] = {
            "book": self._book,
            "invoice": self._invoice,
            "change": self._change,
            "delete": self._delete,
            "reuse-number": self._reuse_number,
            "pay": self._pay,
            "new-bookyear": self._new_bookyear,
            "carry-forward": self._carry_forward,
            "close-bookyear": self._close_bookyear,
            "rename-account": self._rename_account,
            "add-account": self._add_account,
            "revoke": self._revoke,
            "disable-dossier": self._disable,
            "remove-dossier": self._remove,
            "withdraw-access": self._withdraw,
            "expire-tokens": self._expire,
            "switch": self._switch,
            "fault": self._fault,
            "clear-faults": self._clear_faults,
            "advance-clock": self._advance,
            "reset-quota": self._reset_quota,
        }

    def routes(self) -> list[Route]:
        return [
            Route("/sandbox/control", self._over_http, methods=["POST"]),
            Route("/sandbox/switches", self._switches, methods=["GET"]),
            Route("/sandbox", self._page, methods=["GET"]),
            Route("/sandbox", self._from_page, methods=["POST"]),
        ]

    @property
    def actions(self) -> list[str]:
        return list(self._actions)

    def act(self, order: Order) -> Json:
        """Do one action; KeyError, ValueError or TypeError where it cannot be done."""
        name = str(order.get("action"))
        if name not in self._actions:
            raise ValueError(f"unknown action {name}; known: {', '.join(self._actions)}")
        return self._actions[name](order)

    async def _over_http(self, request: Request) -> Response:
        try:
            order = json.loads(await request.body())
            answer = await self._sandbox.aside(self.act, order)
        except (KeyError, ValueError, TypeError, AttributeError) as wrong:
            return Response(encoded({"error": _explained(wrong)}), 400, media_type="application/json")
        return Response(encoded(answer), media_type="application/json")

    async def _switches(self, request: Request) -> Response:
        return Response(encoded(current(self._sandbox.switches)), media_type="application/json")

    async def _page(self, request: Request) -> Response:
        return HTMLResponse(await self._sandbox.aside(control_page, self._sandbox, None))

    async def _from_page(self, request: Request) -> Response:
        order = {name: value for name, value in parse_qsl((await request.body()).decode()) if value}
        try:
            message = f"Done: {encoded(await self._sandbox.aside(self.act, order)).decode()}"
        except (KeyError, ValueError, TypeError) as wrong:
            message = f"Not done: {_explained(wrong)}"
        return HTMLResponse(await self._sandbox.aside(control_page, self._sandbox, message))

    # --- bookings --------------------------------------------------------------------------------------

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
        document = self._books(order).book(
            journal=str(order["journal"]),
            date=self._day(order),
            lines=lines,
            due=date.fromisoformat(order["due"]) if "due" in order else None,
            period=int(order["period"]) if "period" in order else None,
            number=int(order["number"]) if "number" in order else None,
            comment=str(order.get("comment", "")),
        )
        return _key(document.key)

    def _invoice(self, order: Order) -> Json:
        """A sales invoice, or with kind purchase a purchase invoice, of `amount` excluding 21% VAT."""
        books, day = self._books(order), self._day(order)
        base = cents(str(order.get("amount", "1000.00")))
        relation = int(order.get("relation", 1))
        comment = str(order.get("comment", "Factuur"))
        lines = _sale(base, relation) if order.get("kind", "sale") == "sale" else _purchase(base, relation)
        journal = "V1" if order.get("kind", "sale") == "sale" else "A1"
        document = books.book(journal=journal, date=day, lines=lines, due=day + timedelta(days=30), comment=comment)
        return _key(document.key)

    def _change(self, order: Order) -> Json:
        """Change the comment of a document, or with `amount` book that much more on its first two lines."""
        books, document = self._document(order)
        lines = list(document.lines)
        if "amount" in order:
            more = cents(str(order["amount"]))
            for position, sign in ((0, 1), (1, -1)):
                line = lines[position]
                lines[position] = line._replace(
                    cents=line.cents + sign * more, currency_cents=line.currency_cents + sign * more
                )
        comment = str(order.get("comment", document.comment + " (gewijzigd)"))
        return _key(books.change(document.key, lines=tuple(lines), comment=comment).key)

    def _delete(self, order: Order) -> Json:
        books, document = self._document(order)
        books.delete(document.key)
        return _key(document.key)

    def _reuse_number(self, order: Order) -> Json:
        """Delete a document and book another one, of half the amounts, under its number."""
        books, document = self._document(order)
        halves = [
            line._replace(cents=line.cents // 2, currency_cents=line.currency_cents // 2) for line in document.lines
        ]
        rest = sum(line.cents for line in halves)
        halves[-1] = halves[-1]._replace(cents=halves[-1].cents - rest, currency_cents=halves[-1].currency_cents - rest)
        comment = str(order.get("comment", "Nummer opnieuw gebruikt"))
        return _key(books.replace_number(document.key, date=document.date, lines=halves, comment=comment).key)

    def _pay(self, order: Order) -> Json:
        """Pay an invoice, wholly or `amount` of it, through F1."""
        books, document = self._document(order)
        item = next((item for item in books.items(document) if item in books.matchings.open), None)
        if item is None:
            raise ValueError("nothing of this document is open")
        part = cents(str(order["amount"])) if "amount" in order else None
        return _key(books.pay(item, date=self._day(order), cents=part).key)

    # --- bookyears and accounts ------------------------------------------------------------------------

    def _new_bookyear(self, order: Order) -> Json:
        """A bookyear after the newest, of the same kind; with `carryForward` it is opened too."""
        books = self._books(order)
        newest = max(books.bookyears.values(), key=lambda year: year.start)
        start = months_later(newest.start, 12)
        year = books.add_bookyear(start, period_length=newest.period_length)
        if str(order.get("carryForward", "")).lower() in ("true", "1", "on", "yes"):
            books.carry_forward(year.id)
        return {"bookyear": year.id, "start": str(start)}

    def _carry_forward(self, order: Order) -> Json:
        document = self._books(order).carry_forward(int(order["bookyear"]))
        return _key(document.key) if document else {}

    def _close_bookyear(self, order: Order) -> Json:
        self._books(order).close_bookyear(int(order["bookyear"]))
        return {"bookyear": int(order["bookyear"])}

    def _rename_account(self, order: Order) -> Json:
        year = int(order["bookyear"]) if "bookyear" in order else None
        self._books(order).rename_account(
            int(order["account"]), str(order["name"]), str(order.get("nameFr", "")), bookyear=year
        )
        return {"account": int(order["account"])}

    def _add_account(self, order: Order) -> Json:
        self._books(order).add_account(int(order["account"]), str(order["name"]), str(order.get("nameFr", "")))
        return {"account": int(order["account"])}

    # --- access ----------------------------------------------------------------------------------------

    def _revoke(self, order: Order) -> Json:
        login = str(order.get("login", "demo"))
        self._sandbox.revoke(login)
        return {"login": login}

    def _disable(self, order: Order) -> Json:
        disabled = str(order.get("disabled", "true")).lower() != "false"
        self._sandbox.disable(int(order["dossier"]), disabled=disabled)
        return {"dossier": int(order["dossier"]), "disabled": disabled}

    def _remove(self, order: Order) -> Json:
        self._sandbox.remove(int(order["dossier"]))
        return {"dossier": int(order["dossier"])}

    def _withdraw(self, order: Order) -> Json:
        self._sandbox.withdraw(int(order["dossier"]), str(order.get("login", "demo")))
        return {"dossier": int(order["dossier"])}

    def _expire(self, order: Order) -> Json:
        refresh = str(order.get("refresh", "")).lower() in ("true", "1", "on", "yes")
        self._sandbox.tokens.expire(refresh=refresh)
        return {"refresh": refresh}

    # --- how the sandbox behaves -----------------------------------------------------------------------

    def _switch(self, order: Order) -> Json:
        """switches: {name: value} as in the table of docs/sandbox.md."""
        self._sandbox.switches = replace(self._sandbox.switches, **parsed(order["switches"]))
        return dict(order["switches"])

    def _fault(self, order: Order) -> Json:
        fields = {
            name: order[name] for name in ("status", "body", "at", "seconds", "field", "dossier") if name in order
        }
        kind = FaultKind(str(order["kind"]))
        self._sandbox.faults.next(str(order["operation"]), int(order.get("times", 1)), kind=kind, **fields)
        return {"operation": str(order["operation"]), "kind": kind.value}

    def _clear_faults(self, order: Order) -> Json:
        self._sandbox.faults.clear()
        return {}

    def _advance(self, order: Order) -> Json:
        self._sandbox.clock.advance(timedelta(seconds=float(order["seconds"])))
        return {"now": self._sandbox.clock.now().isoformat()}

    def _reset_quota(self, order: Order) -> Json:
        self._sandbox.quota.reset()
        return {}

    def _books(self, order: Order) -> Books:
        return self._sandbox.books(int(order["dossier"]))

    def _day(self, order: Order) -> date:
        return date.fromisoformat(order["date"]) if "date" in order else self._sandbox.clock.today()

    def _document(self, order: Order) -> tuple[Books, Document]:
        """The document that bookyear, journal and number name."""
        books, journal = self._books(order), str(order["journal"])
        key = DocumentKey(int(order["bookyear"]), JOURNAL_TYPES[journal[0]], int(journal[1:]), int(order["number"]))
        document = books.find(key)
        if document is None:
            raise ValueError(f"there is no {journal}/{key.number} in bookyear {key.bookyear}")
        return books, document


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


def _key(key: DocumentKey) -> Json:
    return {"bookyear": key.bookyear, "journal": key.journal_key, "number": key.number}


def _explained(wrong: Exception) -> str:
    return f"{wrong} is missing or unknown" if isinstance(wrong, KeyError) else str(wrong)
