"""The truth over HTTP: money as text with two decimals, dates as YYYY-MM-DD."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from octopus_sandbox.answers.wire import Element, Json, encoded
from octopus_sandbox.books import Books
from octopus_sandbox.sandbox import Sandbox
from octopus_sandbox.truth import RECEIVABLE, Truth
from octopus_sandbox.truth.answers import Snapshot

PREFIX = "/sandbox/truth/{dossier:int}"
Question = Callable[[Truth, Books, dict[str, str]], Json]


def routes(sandbox: Sandbox) -> list[Route]:
    questions: dict[str, Question] = {
        "trial-balance": _trial_balance,
        "open-items": _open_items,
        "fixed-assets": _fixed_assets,
        "snapshot": lambda truth, books, query: _told(truth.snapshot()),
        "ledger": lambda truth, books, query: [asdict(line) for line in truth.ledger()],
        "accounts": lambda truth, books, query: [asdict(account) for account in books.accounts.values()],
        "cost-centres": lambda truth, books, query: [asdict(centre) for centre in books.cost_centres.values()],
        "relations": lambda truth, books, query: [asdict(relation) for relation in books.relations.values()],
        "bookyears": lambda truth, books, query: [asdict(year) for year in books.bookyears.values()],
        "journals": lambda truth, books, query: [asdict(journal) for journal in books.journals.values()],
        "register": lambda truth, books, query: [asdict(asset) for asset in books.assets],
    }
    return [
        Route(f"{PREFIX}/{name}", _endpoint(sandbox, question), methods=["GET"]) for name, question in questions.items()
    ]


def _endpoint(sandbox: Sandbox, question: Question) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        dossier = request.path_params["dossier"]
        if sandbox.card(dossier) is None:
            return Response(encoded({"error": "unknown dossier"}), 404, media_type="application/json")
        try:
            answer = await sandbox.aside(
                lambda: question(sandbox.truth(dossier), sandbox.books(dossier), dict(request.query_params))
            )
        except (KeyError, ValueError) as wrong:
            return Response(encoded({"error": f"bad parameter: {wrong}"}), 400, media_type="application/json")
        return Response(encoded(_plain(answer)), media_type="application/json")

    return endpoint


def _trial_balance(truth: Truth, books: Books, query: dict[str, str]) -> Json:
    centre = int(query["costCentre"]) if "costCentre" in query else None
    return asdict(truth.trial_balance(date.fromisoformat(query["from"]), date.fromisoformat(query["to"]), centre))


def _open_items(truth: Truth, books: Books, query: dict[str, str]) -> Json:
    as_of = date.fromisoformat(query["asOf"]) if "asOf" in query else None
    return [asdict(item) for item in truth.open_items(query.get("type", RECEIVABLE), as_of)]


def _fixed_assets(truth: Truth, books: Books, query: dict[str, str]) -> Json:
    as_of = date.fromisoformat(query["asOf"]) if "asOf" in query else books.clock.today()
    return asdict(truth.fixed_assets(as_of))


def _told(snapshot: Snapshot) -> Json:
    """JSON has no keys of several parts: what is held by them becomes a list."""
    return {
        **asdict(snapshot),
        "unlisted": sorted(snapshot.unlisted),
        "balances": [
            {"bookyear": year, "account": account, "period": period, "balance": balance}
            for (year, account, period), balance in snapshot.balances.items()
        ],
        "accounts": [
            {"bookyear": year, "number": number, "names": asdict(names)}
            for (year, number), names in snapshot.accounts.items()
        ],
        "journals": [
            {"bookyear": year, "key": key, "names": asdict(names)} for (year, key), names in snapshot.journals.items()
        ],
        "cost_centres": {str(id): asdict(names) for id, names in snapshot.cost_centres.items()},
        "relations": {str(id): name for id, name in snapshot.relations.items()},
    }


def _plain(value: Json) -> Json:
    """The value with dates and money as text."""
    match value:
        case dict():
            return {name: _plain(held) for name, held in cast("Element", value).items()}
        case list() | tuple():
            return list(map(_plain, cast("list[Json]", value)))
        case Decimal():
            return f"{value:.2f}"
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)
