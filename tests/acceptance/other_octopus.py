"""An Octopus that somebody else wrote, from octopus.md and openapi-read.json alone: the reads that an importer may
need."""

import asyncio
import json
import re
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from tests.acceptance import answers
from tests.acceptance.books import CLIENTS, SUPPLIERS, Books
from tests.acceptance.sign_in import SignIn
from tests.acceptance.wire import Amounts, Charts, Style, Writer

DAILY = {"accounts": 2, "costcentres": 2, "costcentres/active": 2, "relations": 2, "vatcodes": 2}
DAILY |= {"bookyears": 24, "bookyear": 24, "journals": 24, "journal": 24, "clients/open": 24, "suppliers/open": 24}
DAILY |= {"connect": 150, "dossiers": 150}
MODIFIED_DAILY = 48
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}")


@dataclass
class Dossier:
    books: Books
    style: Style = field(default_factory=Style)
    disabled: bool = False
    listed: bool = True
    token_seconds: float = 600
    seconds_per_answer: float = 0
    calls: Counter[str] = field(default_factory=Counter)
    log: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Fault:
    """What happens instead of an answer, ``times`` times, where the path holds ``part``."""

    part: str
    kind: str
    times: int = 1
    seen: int = 0
    alter: Callable[[Any], Any] | None = None


class Refused(Exception):
    def __init__(self, status: int, **words: object) -> None:
        super().__init__(f"{status} {words}")
        self.status, self.words = status, words


class OtherOctopus:
    def __init__(self) -> None:
        self.sign_in = SignIn()
        self.dossiers: dict[int, Dossier] = {}
        self.dossier_tokens: dict[str, tuple[int, float]] = {}
        self.faults: list[Fault] = []
        self.complaints: list[str] = []
        self.answer_count = 0
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        return {
            "MONITR_OCTOPUS_API_URL": f"{self.url}/rest/v9",
            "MONITR_OCTOPUS_AUTHORIZE_URL": f"{self.url}/aanmelden/toestaan",
            "MONITR_OCTOPUS_TOKEN_URL": f"{self.url}/aanmelden/sleutel",
        }

    def keep(self, books: Books, style: Style | None = None, **more: Any) -> Dossier:
        self.dossiers[books.number] = Dossier(books, style or Style(), **more)
        return self.dossiers[books.number]

    def fail(self, part: str, kind: str, times: int = 1, alter: Callable[[Any], Any] | None = None) -> Fault:
        self.faults.append(Fault(part, kind, times, alter=alter))
        return self.faults[-1]

    # --- serving -------------------------------------------------------------------------------------------------

    def running(self) -> Iterator["OtherOctopus"]:
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        every = ["GET", "POST", "PUT", "DELETE", "PATCH"]
        api = Mount("/rest/v9", routes=[Route("/{path:path}", self.answer, methods=every)])
        app = Starlette(routes=[*self.sign_in.routes(), api])
        server = uvicorn.Server(
            uvicorn.Config(app, log_config=None, log_level="critical", access_log=False, lifespan="off")
        )
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.should_exit = True
            thread.join(10)

    async def answer(self, request: Request) -> Response:
        path = request.url.path.removeprefix("/rest/v9")
        fault = next((each for each in self.faults if each.part in path and each.seen < each.times), None)
        if fault:
            fault.seen += 1
            if response := await self._instead(fault):
                return response
        self.answer_count += 1
        try:
            value, style = await self._value(request, path)
        except Refused as refused:
            writer = Writer(Style(), self.answer_count)
            return _whole(writer.body(refused.words) if refused.words else b"", refused.status)
        if fault and fault.alter:
            value = fault.alter(value)
        writer = Writer(style, self.answer_count)
        body = writer.body(value)
        if fault and fault.kind == "truncated":
            return StreamingResponse(_broken_off(writer, body), media_type="application/json")
        if fault and fault.kind == "half":
            return _whole(body[: len(body) * 2 // 3])
        if len(body) < 600:
            return _whole(body)
        return StreamingResponse(_in_pieces(writer, body), media_type="application/json")

    async def _instead(self, fault: Fault) -> Response | None:
        match fault.kind:
            case "html":
                return HTMLResponse("<html><body>Even geduld, wij werken aan Octopus</body></html>", 200)
            case "slow":
                await asyncio.sleep(2)
                return None
            case "limit":
                return _whole(json.dumps({"errorMessage": "Daily limit of calls exceeded"}).encode(), 429)
            case kind if kind.isdigit():
                return _whole(b"" if kind == "502" else b'{"technicalInfo": "out of order"}', int(kind))
            case _:
                return None

    # --- the operations ------------------------------------------------------------------------------------------

    async def _value(self, request: Request, path: str) -> tuple[Any, Style]:
        if path == "/dossiers":
            return self._dossiers(request)
        if path == "/about/version":
            return "9.9", Style()
        found = re.fullmatch(r"/dossiers/(\d+)/(.+)", path)
        if found is None or int(found[1]) not in self.dossiers:
            self.complaints.append(f"{request.method} {path}")
            raise Refused(404)
        number, rest = int(found[1]), found[2]
        dossier = self.dossiers[number]
        self._check_token(request, number)
        if dossier.seconds_per_answer:
            await asyncio.sleep(dossier.seconds_per_answer)
        dossier.log.append((rest, str(request.url.query)))
        if request.method == "POST" and rest in ("reports/clients/open", "reports/suppliers/open"):
            self._count(dossier, rest.removeprefix("reports/"))
            control = CLIENTS if "clients" in rest else SUPPLIERS
            body = json.loads(await request.body())
            return _rows(
                answers.open_rows(dossier.books, dossier.style, control, body), "No open data found"
            ), dossier.style
        if request.method != "GET":
            self.complaints.append(f"{request.method} {path}")
            raise Refused(405)
        return self._read(dossier, rest, request), dossier.style

    def _dossiers(self, request: Request) -> tuple[Any, Style]:
        login = self.sign_in.who(request.headers.get("token"))
        if login is None:
            raise Refused(401, errorCode=-2, errorMessage="Niet aangemeld", technicalInfo="Token expired")
        if request.method == "GET":
            mine = [self.dossiers[number] for number in login.dossiers]
            rows = [answers.dossier_row(each.books) for each in mine if each.listed]
            return [{"dossierDescription": "Zonder sleutel", "country": "BE"}, *rows], Style()
        number = int(request.query_params.get("dossierId", "0"))
        if number not in login.dossiers or number not in self.dossiers or not self.dossiers[number].listed:
            raise Refused(404, technicalInfo="Dossier not found")
        dossier = self.dossiers[number]
        self._count(dossier, "connect")
        if dossier.disabled:
            raise Refused(403, errorCode=-5, errorMessage="Dossier is uitgeschakeld", technicalInfo="disabled")
        token = secrets.token_hex(20)
        self.dossier_tokens[token] = (number, time.monotonic() + dossier.token_seconds)
        return {"Dossiertoken": token}, Style()

    def _check_token(self, request: Request, number: int) -> None:
        token = request.headers.get("dossiertoken")
        if not token:
            self.complaints.append(f"no dossierToken: {request.url.path}")
            raise Refused(401, errorCode=-79, errorMessage="Ongeldig", technicalInfo="Empty access token")
        mine, until = self.dossier_tokens.get(token, (None, 0.0))
        if mine != number or time.monotonic() > until:
            raise Refused(401, errorCode=-2, technicalInfo="Dossier token expired")

    def _read(self, dossier: Dossier, rest: str, request: Request) -> Any:
        books, style, query = dossier.books, dossier.style, request.query_params
        match rest.split("/"):
            case ["bookyears"]:
                self._count(dossier, "bookyears")
                return _rows(answers.bookyears(books), "No Bookyears found")
            case ["bookyears", id]:
                self._count(dossier, "bookyear")
                return answers.bookyear_detail(books.years[int(id)])
            case ["bookyears", id, "journals"]:
                self._count(dossier, "journals")
                return _rows(answers.journals(books, int(id)), "No Journals found")
            case ["bookyears", id, "journals", "F", number]:
                self._count(dossier, "journal")
                return answers.bank_journal(books, int(id), int(number))
            case ["bookyears", id, "bookings", "modified"]:
                self._count(dossier, "bookings/modified")
                return self._ledger(dossier, int(id), query)
            case ["accounts"]:
                self._count(dossier, "accounts")
                if style.charts is Charts.MODIFIED or "bookyearId" not in query:
                    raise Refused(400, technicalInfo="Invalid or missing parameters passed")
                return _rows(answers.accounts(books, int(query["bookyearId"])), "No accounts found")
            case ["accounts", "modified"]:
                self._count(dossier, rest)
                known = (
                    [] if style.charts is Charts.LIST else answers.accounts(books, None, self._since(dossier, query))
                )
                return _sync(known, "No modified accounts found", style)
            case ["accounts", "amounts", "modified"]:
                self._count(dossier, rest)
                if style.amounts is Amounts.MISSING:
                    raise Refused(404, technicalInfo="No modified account amounts found")
                since = self._since(dossier, query) if "modifiedTimeStamp" in query else None
                return _sync(answers.amounts(books, style, since), "No modified account amounts found", style)
            case ["costcentres"] | ["costcentres", "active"]:
                self._count(dossier, rest)
                return _rows(answers.cost_centres(books, active=rest.endswith("active")), "No CostCentres found")
            case ["relations"]:
                self._count(dossier, rest)
                return _rows(answers.relations(books, only_active=True), "No relations found")
            case ["relations", "modified"]:
                self._count(dossier, rest)
                since = self._since(dossier, query) if "modifiedTimeStamp" in query else None
                return _sync(answers.relations(books, since=since), "No modified relations found", style)
            case ["journals", "modified"]:
                self._count(dossier, rest)
                return answers.modified_journals()
            case ["balancings", "modified"]:
                self._count(dossier, rest)
                rows = answers.balancings(books, style, self._since(dossier, query))
                if not rows:
                    raise Refused(404, technicalInfo="No modified balancings found")
                return {"modifiedBalancings": rows, "deletedBalancings": []}
            case _:
                self.complaints.append(f"GET {rest}")
                raise Refused(404)

    def _ledger(self, dossier: Dossier, year: int, query: Any) -> Any:
        if "journalTypeId" not in query:
            raise Refused(400, technicalInfo="Invalid or missing parameters passed")
        type, since = int(query["journalTypeId"]), self._since(dossier, query)
        if type not in (1, 2, 3, 4, -1) or (year != -1 and type == -1 and not dossier.style.special_types_by_year):
            raise Refused(400, technicalInfo="Invalid or missing parameters passed")
        answer = answers.ledger(dossier.books, dossier.style, year, type, since)
        if not answer.get("modifiedBookings") and not answer.get("deletedBookings"):
            raise Refused(404, technicalInfo="No modified bookings found")
        return answer

    def _since(self, dossier: Dossier, query: Any) -> datetime:
        text = query.get("modifiedTimeStamp", "")
        if not TIMESTAMP.fullmatch(text):
            self.complaints.append(f"modifiedTimeStamp {text!r}")
            raise Refused(400, technicalInfo="Invalid or missing parameters passed")
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(dossier.style.zone)).astimezone(UTC)

    def _count(self, dossier: Dossier, operation: str) -> None:
        dossier.calls[operation] += 1
        most = DAILY.get(operation, MODIFIED_DAILY)
        if dossier.calls[operation] > most:
            self.complaints.append(
                f"{operation}: call {dossier.calls[operation]} of {most} a day, {dossier.books.name}"
            )


def _rows(rows: list[Any], words: str) -> list[Any]:
    if not rows:
        raise Refused(404, technicalInfo=words)
    return rows


def _sync(rows: list[Any], words: str, style: Style) -> dict[str, Any]:
    _rows(rows, words)
    return {"modified": rows, "deleted": []} if style.empty_arrays else {"modified": rows}


def _whole(body: bytes, status: int = 200) -> Response:
    return Response(body, status, media_type="application/json" if body else None)


async def _in_pieces(writer: Writer, body: bytes) -> AsyncIterator[bytes]:
    for piece in writer.pieces(body):
        yield piece


async def _broken_off(writer: Writer, body: bytes) -> AsyncIterator[bytes]:
    for piece in writer.pieces(body[: len(body) // 2]):
        yield piece
    raise ConnectionAbortedError
