"""The ledger, the documents behind it, and the matchings (octopus.md 2.10 to 2.12, 2.17)."""

from collections.abc import Iterable

from octopus_sandbox.answers import balancing_lines
from octopus_sandbox.answers.answer import Answer, BadParameter, array
from octopus_sandbox.answers.spool import Content, joined
from octopus_sandbox.answers.wire import Element, Spelling, bookyear_key, encoded, key, without_nulls
from octopus_sandbox.books.entries import CLIENTS, SUPPLIERS, Document, Line
from octopus_sandbox.books.matchings import is_item
from octopus_sandbox.books.openings import shown_openings
from octopus_sandbox.operations.requests import DossierRequest

_VAT_ACCOUNTS = frozenset({411000, 451000, 451500})
_ALL = -1


def modified_bookings(request: DossierRequest) -> Answer:
    """The lines of changed documents and the keys of deleted ones, by bookyear and journal type, -1 for all."""
    switches, span = request.sandbox.switches, request.span()
    years, asked = request.bookyears(), request.integer("journalTypeId")
    if asked not in (_ALL, 1, 2, 3, 4):
        raise BadParameter("journalTypeId")
    if asked == _ALL and request.integer("bookyearId") != _ALL and not switches.all_types_of_one_bookyear:
        raise BadParameter("journalTypeId")
    store = request.sandbox.store(request.books.card.id)
    spools = [
        store.lines(year, journal_type, span, switches)
        for year in years
        for journal_type in (store.types(year, switches) if asked == _ALL else [asked])
    ]
    deletions = store.deletions(years, asked, span, switches)
    lines = joined(spools)
    if not lines and not deletions:
        return request.nothing("No modified bookings found")
    begin = b'{"deletedBookings":' + encoded(deletions) + b',"modifiedBookings":['
    return Answer(200, Content(begin, *lines, b"]}"))


def modified_buy_sell(request: DossierRequest) -> Answer:
    """Purchase and sales documents; deletions are not reported."""
    documents = _documents(request, (1, 2))
    elements = [_buy_sell(document, request.spelling) for document in documents]
    return array(elements, request.spelling, request.nothing("No bookings found"))


def modified_financial_divers(request: DossierRequest) -> Answer:
    """Financial and divers documents; deletions are not reported."""
    documents = _documents(request, (3, 4))
    elements = [_financial_divers(document, request) for document in documents]
    return array(elements, request.spelling, request.nothing("No bookings found"))


def modified_balancings(request: DossierRequest) -> Answer:
    span, matchings = request.span(), request.books.matchings
    modified = [balancing for balancing in matchings.all() if balancing.modified in span]
    told = matchings.deleted if request.sandbox.switches.removed_matchings else []
    deleted = [deletion.balancing for deletion in told if deletion.at in span]
    if not modified and not deleted:
        return request.nothing("No modified balancings found")
    elements = balancing_lines.rendered(modified, request.books, request.sandbox.switches)
    keys = balancing_lines.rendered_keys(deleted)
    return Answer(200, Content(b'{"deletedBalancings":[', keys, b'],"modifiedBalancings":[', elements, b"]}"))


def _documents(request: DossierRequest, types: tuple[int, ...]) -> Iterable[Document]:
    years, span, books = set(request.bookyears()), request.span(), request.books
    journal = request.query.get("journalKey")
    for opening in shown_openings(books, request.sandbox.switches):
        asked = opening.key.journal_type in types and opening.key.bookyear in years
        if asked and opening.modified in span and journal in (None, opening.key.journal_key):
            yield opening
    for (year, journal_type), held in books.documents.items():
        if year in years and journal_type in types:
            for document in held.values():
                if document.modified in span and journal in (None, document.key.journal_key):
                    yield document


def _buy_sell(document: Document, spelling: Spelling) -> Element:
    """Amounts are positive for purchases and sales, negative for a credit note as a whole (octopus.md 2.11)."""
    sign = -1 if document.key.journal_type == 2 else 1
    lines = [line for line in document.lines if not is_item(line) and line.account not in _VAT_ACCOUNTS]
    total = sum(line.cents for line in document.lines if is_item(line))
    return without_nulls(
        amount=spelling.amount(-sign * total),
        bookingLines=[_buy_sell_line(line, document, sign, spelling) for line in lines],
        bookyearKey=bookyear_key(document.key.bookyear),
        bookyearPeriodeNr=document.period or 0,
        comment=document.comment,
        currencyCode=document.currency,
        documentDate=str(document.date),
        documentSequenceNr=document.key.number,
        exchangeRate=float(document.rate),
        expiryDate=str(document.due or document.date),
        journalKey=document.key.journal_key,
        paymentMethod=0,
        reference=document.reference,
        relationIdentificationServiceData={"externalRelationId": 0, "relationKey": key(document.relation)},
    )


def _buy_sell_line(line: Line, document: Document, sign: int, spelling: Spelling) -> Element:
    return without_nulls(
        accountKey=line.account,
        baseAmount=spelling.amount(sign * line.base_cents),
        comment=line.comment or document.comment,
        costCentreKey=key(line.cost_centre) if line.cost_centre else None,
        vatAmount=spelling.amount(sign * line.vat_cents),
        vatCodeKey=line.vat_code,
        vatRecupPercentage=float(line.vat_recoverable) if document.key.journal_type == 1 else None,
    )


def _financial_divers(document: Document, request: DossierRequest) -> Element:
    """The bank's own line is left out, and positive is money in, in a financial journal (octopus.md 2.12)."""
    financial = document.key.journal_type == 3
    journal = request.books.journals.get((document.key.bookyear, document.key.journal_key))
    bank = journal.account if journal and financial else None
    sign = -1 if financial else 1
    return without_nulls(
        bookingLines=[
            _financial_divers_line(line, document, sign, request.spelling)
            for line in document.lines
            if line.account != bank
        ],
        bookyearKey=bookyear_key(document.key.bookyear),
        bookyearPeriodeNr=document.period or 0,
        documentDate=str(document.date),
        documentSequenceNr=document.key.number,
        exchangeRate=float(document.rate),
        journalKey=document.key.journal_key,
    )


def _financial_divers_line(line: Line, document: Document, sign: int, spelling: Spelling) -> Element:
    kind = {CLIENTS: "C", SUPPLIERS: "S"}.get(line.account, "A") if line.relation else "A"
    return without_nulls(
        accountKey=line.account if kind == "A" else 0,
        amount=spelling.amount(sign * line.currency_cents),
        costCentreKey=key(line.cost_centre) if line.cost_centre else None,
        externalRelationId=0,
        reference=line.comment or document.reference,
        relationId=line.relation if kind != "A" else 0,
        type=kind,
    )
