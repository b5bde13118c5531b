"""The REST API: tokens, daily maxima, faults, and the way from an address to its operation (octopus.md 1 and 2)."""

import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.routing import Route

from octopus_sandbox.answers.answer import (
    Answer,
    BadParameter,
    Refused,
    bad_request,
    failure,
    ok,
    over_the_limit,
)
from octopus_sandbox.answers.spool import Content
from octopus_sandbox.answers.transmission import Transmission
from octopus_sandbox.answers.wire import Element, encoded, key
from octopus_sandbox.books.reference_books import DossierCard
from octopus_sandbox.calls import Call
from octopus_sandbox.oauth.tokens import Grant
from octopus_sandbox.operations.catalogue import CONNECT_LIMIT, GET_DOSSIERS_LIMIT, OPERATIONS, SEARCH_LIMIT, Operation
from octopus_sandbox.operations.reference import is_search
from octopus_sandbox.operations.requests import DossierRequest, integer
from octopus_sandbox.sandbox import Sandbox
from octopus_sandbox.trouble.faults import INSTEAD, Fault, FaultKind
from octopus_sandbox.trouble.spoiling import spoiled

PREFIX = "/octopus-rest-api/v1"
_ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_UNREACHED = Answer(502, Content(b""), None)
Endpoint = Callable[[Request], Awaitable[Transmission]]


class Api:
    """The endpoints of one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        """All routes. An address or method that is no read answers 405 and is logged as UNKNOWN."""
        dossier = f"{PREFIX}/dossiers/{{dossierId}}"
        return [
            Route(f"{PREFIX}/authentication", self._endpoint("authenticateUser", self._log_in), methods=["POST"]),
            Route(f"{PREFIX}/dossiers", self._endpoint("getDossiers", self._list), methods=["GET"]),
            Route(f"{PREFIX}/dossiers", self._endpoint("connectDossier", self._connect), methods=["POST"]),
            *(
                Route(dossier + operation.path, self._dossier_endpoint(operation), methods=[operation.method])
                for operation in OPERATIONS
            ),
            Route(f"{PREFIX}/{{rest:path}}", self._endpoint("UNKNOWN", _refuse), methods=_ALL_METHODS),
        ]

    def _endpoint(self, name: str, act: Callable[[Request, bytes, Fault | None], Answer]) -> Endpoint:
        async def endpoint(request: Request) -> Transmission:
            dossier = request.path_params.get("dossierId") or request.query_params.get("dossierId", "")
            number = int(dossier) if dossier.isdigit() else None
            at = self._sandbox.clock.now()
            fault = self._sandbox.faults.take(name, number, bookyear=_bookyear(request), login=self._login(request))
            body = await request.body()
            reached = fault is None or fault.reached or fault.kind not in INSTEAD
            answer = await self._sandbox.aside(self._answered, act, request, body, fault) if reached else _UNREACHED
            if fault is not None:
                answer = spoiled(fault, answer, name, self._sandbox.clock)
            query = dict(request.query_params)
            path = request.url.path.removeprefix(PREFIX)
            kind = fault.kind.value if fault else ""
            self._sandbox.log.calls.append(Call(name, request.method, path, query, number, answer.status, at, kind))
            return Transmission(answer, self._sandbox.clock, fault)

        return endpoint

    def _answered(
        self, act: Callable[[Request, bytes, Fault | None], Answer], request: Request, body: bytes, fault: Fault | None
    ) -> Answer:
        try:
            return act(request, body, fault)
        except Refused as refused:
            return refused.answer
        except BadParameter:
            return bad_request()

    def _dossier_endpoint(self, operation: Operation) -> Endpoint:
        def act(request: Request, body: bytes, fault: Fault | None) -> Answer:
            grant = self._dossier_grant(request, fault)
            dossier = integer(request.path_params["dossierId"])
            if self._sandbox.card(dossier) is None or grant.dossier != dossier:
                raise Refused(failure(401, -2, "The token belongs to another dossier", grant.locale))
            books = self._sandbox.books(dossier)
            asked = DossierRequest(
                operation.id, self._sandbox, books, grant, request.path_params, request.query_params, body
            )
            searching = operation.id == "getRelations" and is_search(asked)
            name = "getRelations with search" if searching else operation.id
            self._count(name, SEARCH_LIMIT if searching else operation.limit, grant.login, dossier)
            with books.lock:
                return self._sandbox.answering(operation.handler, asked)

        return self._endpoint(operation.id, act)

    def _log_in(self, request: Request, body: bytes, fault: Fault | None) -> Answer:
        """The password flow. A wrong login is answered with technicalInfo alone (octopus.md 1.1)."""
        software_house = request.headers.get("softwareHouseUuid")
        try:
            credentials = json.loads(body)
            user, password = str(credentials["user"]), str(credentials["password"])
        except (ValueError, TypeError, KeyError) as wrong:
            raise BadParameter("credentials") from wrong
        login = self._sandbox.logins.get(user)
        if not software_house or login is None or login.password != password:
            address = request.client.host if request.client else "unknown"
            text = f"Invalid login for user {user} from {address}"
            return Answer(401, Content(encoded({"technicalInfo": text})))
        return ok({"token": self._sandbox.tokens.access(user)})

    def _list(self, request: Request, body: bytes, fault: Fault | None) -> Answer:
        grant = self._user_grant(request, fault)
        self._count("getDossiers", GET_DOSSIERS_LIMIT, grant.login, None)
        records = [_record(card) for card in self._sandbox.cards(grant.login)]
        if self._sandbox.switches.record_without_dossier_key:
            records.append({name: value for name, value in records[0].items() if name != "dossierKey"})
        return ok(records, sort=False)

    def _connect(self, request: Request, body: bytes, fault: Fault | None) -> Answer:
        """Open a dossier. The first opening generates its books."""
        grant = self._user_grant(request, fault)
        dossier = integer(request.query_params.get("dossierId"))
        locale = integer(request.query_params.get("localeId", "0"))
        if not 0 <= locale <= 4:
            raise BadParameter("localeId")
        self._count("connectDossier", CONNECT_LIMIT, grant.login, dossier)
        card, login = self._sandbox.card(dossier), self._sandbox.logins[grant.login]
        if card is None:
            raise Refused(failure(404, -4, "Dossier unknown", locale))
        if dossier not in login.dossiers:
            raise Refused(failure(403, -3, "No access to the dossier", locale))
        if not login.webservice:
            raise Refused(failure(403, -3, "The module webservice is not active for this user", locale))
        if card.disabled or dossier in login.disabled:
            raise Refused(failure(403, -5, "Dossier disabled", locale))
        self._sandbox.books(dossier)
        return ok({"Dossiertoken": self._sandbox.tokens.dossier(grant.login, dossier, locale)})

    def _login(self, request: Request) -> str | None:
        """Whose token came with the request, where it is alive."""
        tokens, headers = self._sandbox.tokens, request.headers
        grant = tokens.of_dossier(headers.get("dossierToken", "")) or tokens.of_access(headers.get("Token", ""))
        return grant.login if grant else None

    def _user_grant(self, request: Request, fault: Fault | None) -> Grant:
        return self._grant(request.headers.get("Token"), self._sandbox.tokens.of_access, fault)

    def _dossier_grant(self, request: Request, fault: Fault | None) -> Grant:
        return self._grant(request.headers.get("dossierToken"), self._sandbox.tokens.of_dossier, fault)

    def _grant(self, token: str | None, find: Callable[[str], Grant | None], fault: Fault | None) -> Grant:
        if fault is not None and fault.kind is FaultKind.TOKEN_EXPIRED:
            self._sandbox.tokens.expire()
        if not token:
            raise Refused(failure(401, -79, "Empty access token"))
        grant = find(token)
        if grant is None:
            raise Refused(failure(401, -2, "Invalid or expired token"))
        return grant

    def _count(self, operation: str, limit: int, login: str, dossier: int | None) -> None:
        switches = self._sandbox.switches
        if not self._sandbox.quota.take(operation, limit, login, dossier, switches):
            raise Refused(over_the_limit(int(switches.quota_answer)))


def _bookyear(request: Request) -> int | None:
    """The bookyear that address or query names."""
    named = request.path_params.get("bookyearId") or request.query_params.get("bookyearId", "")
    return int(named) if named.removeprefix("-").isdecimal() else None


def _record(card: DossierCard) -> Element:
    """A record of the dossier list, in the key order that was recorded (octopus.md 2.1)."""
    return {
        "dossierDescription": card.name,
        "dossierKey": key(card.id),
        "vatNr": card.vat_number,
        "city": card.city,
        "country": "BE",
        "email": "",
        "languageCode": card.language,
        "postalCode": card.postal_code,
        "streetAndNr": card.street,
        "url": "",
    }


def _refuse(request: Request, body: bytes, fault: Fault | None) -> Answer:
    """The sandbox has no writes: a caller that tries one has a mistake."""
    text = f"{request.method} is not a read operation of the sandbox"
    return Answer(405, Content(encoded({"technicalInfo": text})))
