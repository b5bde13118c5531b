"""Open items and histories (octopus.md 2.13 to 2.15)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from octopus_sandbox.answers.answer import Answer, BadParameter, Refused, array, ok, unusable_body
from octopus_sandbox.answers.ledger_lines import line_number
from octopus_sandbox.answers.wire import Element, Json, bookyear_key, key, without_nulls
from octopus_sandbox.books.entries import CLIENTS, SUPPLIERS, Document, Line, LineKey
from octopus_sandbox.books.openings import shown_openings
from octopus_sandbox.operations.requests import DossierRequest


@dataclass(frozen=True, slots=True)
class _Range:
    """From one period of a bookyear to another, by the first day of the bookyear and the number of the period."""

    first: tuple[str, int]
    last: tuple[str, int]

    def holds(self, document: Document, starts: dict[int, str]) -> bool:
        start = starts.get(document.key.bookyear)
        return start is not None and self.first <= (start, document.period or 0) <= self.last


def open_clients(request: DossierRequest) -> Answer:
    return _open(request, CLIENTS, _relation_filter(request), "No open client data found")


def open_suppliers(request: DossierRequest) -> Answer:
    return _open(request, SUPPLIERS, _relation_filter(request), "No open supplier data found")


def open_account(request: DossierRequest) -> Answer:
    """Only the control accounts are matched in the sandbox, so only they have open rows."""
    account = _integer(request.json(), "accountNr")
    return _open(request, account, lambda _: True, "No open account data found", of_account=True)


def client_history(request: DossierRequest) -> Answer:
    return _relation_history(request, CLIENTS, "No history client data found")


def supplier_history(request: DossierRequest) -> Answer:
    return _relation_history(request, SUPPLIERS, "No history supplier data found")


def account_history(request: DossierRequest) -> Answer:
    account = _integer(request.json(), "accountNr")
    rows = [_history(d, line, request) for d, line in _lines(request) if line.account == account]
    return array(rows, request.spelling, request.nothing("No history data found"))


def cost_centre_history(request: DossierRequest) -> Answer:
    query, books = request.json(), request.books
    low, high = _integer(query, "fromAccountNr"), _integer(query, "toAccountNr", 999999)
    active, inactive = query.get("showActiveCostCentres", True), query.get("showInactiveCostCentres", False)
    rows: list[Element] = []
    used: set[int] = set()
    for document, line in _lines(request):
        centre = books.cost_centres.get(line.cost_centre)
        if centre is None or not low <= line.account <= high or not (inactive if centre.closed else active):
            continue
        used.add(centre.id)
        account = books.accounts.get((document.key.bookyear, line.account))
        relation = books.relations.get(document.relation)
        rows.append(
            without_nulls(
                accountKey={"bookyearKey": bookyear_key(document.key.bookyear), "id": line.account},
                accountName=account.names.in_language(request.locale) if account else "",
                activeCostCentre=not centre.closed,
                bookyearKey=bookyear_key(document.key.bookyear),
                bookyearPeriodNr=document.period,
                comment=line.comment or document.comment,
                costCentreKey=key(centre.id),
                costCentreName=centre.names.in_language(request.locale),
                creditBookingAmount=request.spelling.amount(max(-line.cents, 0)),
                debetBookingAmount=request.spelling.amount(max(line.cents, 0)),
                documentDate=str(document.date),
                documentSequenceNr=document.key.number,
                journalKey=document.key.journal_key,
                relationKey=key(relation.id) if relation else None,
                relationName=relation.name if relation else None,
            )
        )
    if query.get("showEmptyCostcentres", False):
        rows += [
            {"activeCostCentre": not c.closed, "costCentreKey": key(c.id), "costCentreName": c.names.in_language(1)}
            for c in books.cost_centres.values()
            if c.id not in used and (inactive if c.closed else active)
        ]
    return array(rows, request.spelling, request.nothing("No history costcentre data found"))


def _open(
    request: DossierRequest,
    account: int,
    wanted: Callable[[int], bool],
    nothing: str,
    *,
    of_account: bool = False,
) -> Answer:
    books, span, starts = request.books, _range(request), _starts(request)
    rows: list[Element] = []
    for item, open_cents in books.matchings.open.items():
        document = books.documents[item.document[:2]][item.document]
        line = document.lines[item.position]
        if line.account == account and wanted(line.relation) and span.holds(document, starts):
            rows.append(_open_row(document, item, open_cents, request))
    if of_account and request.sandbox.switches.openings_in_open_reports:
        for opening in shown_openings(books, request.sandbox.switches):
            for position, line in enumerate(opening.lines):
                if line.account == account and span.holds(opening, starts):
                    rows.append(_open_row(opening, LineKey(opening.key, position), line.cents, request))
    return array(rows, request.spelling, request.nothing(nothing))


def _open_row(document: Document, item: LineKey, open_cents: int, request: DossierRequest) -> Element:
    line, amount = document.lines[item.position], request.spelling.amount
    open_currency = round(line.currency_cents * open_cents / line.cents)
    signed = request.sandbox.switches.signed_open_amounts
    relation = request.books.relations.get(line.relation)
    return without_nulls(
        **_booked(document, line, request),
        expirationDate=str(document.due) if document.due else None,
        externalRelationId=relation.external_id if relation else 0,
        lineSequenceNr=line_number(document, item.position),
        openBookingAmount=amount(open_cents if signed else abs(open_cents)),
        openDocAmount=amount(open_currency if signed else abs(open_currency)),
        relationKey=key(line.relation) if line.relation else None,
    )


def _relation_history(request: DossierRequest, account: int, nothing: str) -> Answer:
    """One relation; relationId -1 gives no rows and no error unless an external id is named (octopus.md 2.14)."""
    query = request.json()
    if _integer(query, "relationId") == -1 and _integer(query, "externalRelationId", -1) <= 0:
        _range(request)
        return request.nothing(nothing) if request.sandbox.switches.empty_history_is_404 else ok([])
    wanted = _relation_filter(request)
    rows = [
        _history(document, line, request)
        for document, line in _lines(request)
        if line.account == account and line.relation and wanted(line.relation)
    ]
    return array(rows, request.spelling, request.nothing(nothing))


def _history(document: Document, line: Line, request: DossierRequest) -> Element:
    return without_nulls(**_booked(document, line, request))


def _booked(document: Document, line: Line, request: DossierRequest) -> Element:
    """What every report says of a line."""
    amount = request.spelling.amount
    return {
        "bookyearKey": bookyear_key(document.key.bookyear),
        "bookyearPeriodNr": document.period,
        "comment": line.comment or document.comment,
        "creditBookingAmount": amount(max(-line.cents, 0)),
        "creditDocumentAmount": amount(max(-line.currency_cents, 0)),
        "currencyCode": document.currency,
        "debetBookingAmount": amount(max(line.cents, 0)),
        "debetDocumentAmount": amount(max(line.currency_cents, 0)),
        "documentDate": str(document.date),
        "documentSequenceNr": document.key.number,
        "exchangeRate": float(document.rate),
        "journalKey": document.key.journal_key,
        "reference": document.reference,
    }


def _lines(request: DossierRequest) -> Iterator[tuple[Document, Line]]:
    """All ledger lines in the asked range, shown openings included."""
    span, starts, books = _range(request), _starts(request), request.books
    for documents in (shown_openings(books, request.sandbox.switches), books.movements()):
        for document in documents:
            if span.holds(document, starts):
                for line in document.lines:
                    yield document, line


def _relation_filter(request: DossierRequest) -> Callable[[int], bool]:
    """Both ids -1: no filter. relationId -1 alone: by external id. A missing id is 0 (octopus.md 2.13)."""
    query, relations = request.json(), request.books.relations
    relation, external = _integer(query, "relationId"), _integer(query, "externalRelationId")
    if relation == -1 and external == -1:
        return lambda _: True
    if relation == -1:
        return lambda number: number in relations and relations[number].external_id == external
    return lambda number: number == relation


def _range(request: DossierRequest) -> _Range:
    query, starts = request.json(), _starts(request)
    first, last = _bookyear_id(query, "fromBookyearKey"), _bookyear_id(query, "toBookyearKey")
    if first not in starts or last not in starts:
        raise Refused(unusable_body())
    return _Range(
        (starts[first], _integer(query, "fromBookyearPeriodNr")), (starts[last], _integer(query, "toBookyearPeriodNr"))
    )


def _starts(request: DossierRequest) -> dict[int, str]:
    return {year.id: str(year.start) for year in request.books.listed.values()}


def _bookyear_id(query: dict[str, Json], name: str) -> int:
    held: Element | list[Json] | None = query.get(name)
    if not isinstance(held, dict):
        raise BadParameter(name)
    return _integer(held, "id")


def _integer(query: dict[str, Json], name: str, default: int = 0) -> int:
    held = query.get(name, default)
    if isinstance(held, bool) or not isinstance(held, int):
        raise BadParameter(name)
    return held
