"""Bookyears, journals, accounts, amounts, cost centres, relations and VAT codes (octopus.md 2.2 to 2.9, 2.16)."""

from octopus_sandbox.answers.answer import Answer, Refused, array, failure, ok
from octopus_sandbox.answers.wire import Element, Json, bookyear_key, key, without_nulls
from octopus_sandbox.books.bookyears import Bookyear, PeriodLength
from octopus_sandbox.books.entries import JOURNAL_LETTERS
from octopus_sandbox.books.master_data import Account, CostCentre, Journal, Names, Relation
from octopus_sandbox.operations.requests import DossierRequest


def bookyears(request: DossierRequest) -> Answer:
    years = [_bookyear(year) for year in request.books.listed.values()]
    return array(years, request.spelling, request.nothing("No Bookyears found"))


def bookyear(request: DossierRequest) -> Answer:
    year = request.bookyear()
    vat = {PeriodLength.MONTH: "MONTHLY", PeriodLength.QUARTER: "QUARTERLY", PeriodLength.YEAR: "YEARLY"}
    return ok(
        {
            "activateDbaNp": False,
            "activateDfbNp": False,
            "bookingPeriodType": year.period_length.name,
            "bookyearKey": bookyear_key(year),
            "closed": year.closed,
            "declarantIntrastatReceiver": False,
            "declarantIntrastatSender": False,
            "declarantType": vat[year.period_length],
            "deprecationFullBookyear": False,
            "fromDate": str(year.start),
            "names": _localized(Names(year.description, year.description)),
            "proRataTemporis": True,
            "toDate": str(year.end),
            "visibleFiscalControl": True,
        }
    )


def journals(request: DossierRequest) -> Answer:
    year = request.bookyear()
    last = {
        journal.key: request.books.last_number(year.id, journal.type, journal.number)
        for journal in request.books.journals_of(year.id)
    }
    elements = [
        without_nulls(
            bookyearKey=bookyear_key(journal.bookyear),
            closed=journal.closed,
            closedPeriod=0,
            currencyCode=journal.currency,
            insertionType=journal.insertion_type,
            journalKey=journal.key,
            lastBookedDocumentNr=last[journal.key],
            name=journal.names.in_language(request.locale),
            protectedPeriod=0,
        )
        for journal in request.books.journals_of(year.id)
    ]
    return array(elements, request.spelling, request.nothing("No Journals found"))


def modified_journals(request: DossierRequest) -> Answer:
    """Answers empty arrays where nothing changed: no 404 is declared (octopus.md 8.4)."""
    span = request.span()
    listed = request.books.listed
    changed = [
        _common_journal(j, request)
        for j in request.books.journals.values()
        if j.modified in span and j.bookyear in listed
    ]
    deleted = [_journal_key(j) for j in request.books.deleted_journals if j.modified in span]
    return ok({"deletedJournalList": deleted, "modifiedJournalServiceDataList": request.spelling.elements(changed)})


def financial_journal(request: DossierRequest) -> Answer:
    found = request.books.journals.get((request.bookyear().id, f"F{request.integer('sequenceNumber')}"))
    if found is None or found.account is None:
        raise Refused(failure(400, -10, "Unknown journal", request.locale))
    return ok(
        {
            "account": found.account,
            "bankAccountServiceData": {
                "address": {"city": "", "countryCode": "BE", "postalCode": "", "streetAndNr": ""},
                "bankAccountBic": "BBRUBEBB" if found.iban else "",
                "bankAccountClientFirstname": "",
                "bankAccountClientName": request.books.card.name,
                "bankAccountIban": found.iban,
                "bankAccountNumber": "",
            },
            "commonJournalServiceData": _common_journal(found, request),
            "currency": found.currency or "EUR",
        }
    )


def accounts(request: DossierRequest) -> Answer:
    elements = [_account(account) for account in request.books.accounts_of(request.bookyear().id)]
    return array(elements, request.spelling, request.nothing("No accounts found"))


def modified_accounts(request: DossierRequest) -> Answer:
    span, books = request.span(), request.books
    listed = books.listed
    modified = [_account(a) for a in books.accounts.values() if a.modified in span and a.bookyear in listed]
    deleted = [_account(account) for account in books.deleted_accounts if account.modified in span]
    return changes(request, modified, deleted, "No modified accounts found")


def cost_centres(request: DossierRequest) -> Answer:
    elements = [_cost_centre(centre) for centre in request.books.cost_centres.values()]
    return array(elements, request.spelling, request.nothing("No CostCentres found"))


def active_cost_centres(request: DossierRequest) -> Answer:
    elements = [_cost_centre(centre) for centre in request.books.cost_centres.values() if not centre.closed]
    return array(elements, request.spelling, request.nothing("No active CostCentres found"))


def relations(request: DossierRequest) -> Answer:
    """Active relations, or with a search every relation that fits at least one of the criteria (octopus.md 2.8)."""
    found = [r for r in request.books.relations.values() if r.active]
    if is_search(request):
        id, external = request.optional_integer("relationId"), request.optional_integer("extRelationId")
        name, vat_number = request.query.get("name"), request.query.get("vatNr")
        found = [
            relation
            for relation in request.books.relations.values()
            if relation.id == id
            or (external is not None and relation.external_id == external)
            or (name is not None and relation.name.lower() == name.lower())
            or (vat_number is not None and relation.vat_number == vat_number)
        ]
    return array([_relation(r) for r in found], request.spelling, request.nothing("No relations found"))


def is_search(request: DossierRequest) -> bool:
    return any(name in request.query for name in ("relationId", "extRelationId", "name", "vatNr"))


def modified_relations(request: DossierRequest) -> Answer:
    span, books = request.span(required=False), request.books
    modified = [_relation(relation) for relation in books.relations.values() if relation.modified in span]
    deleted = [_relation(relation) for relation in books.deleted_relations if relation.modified in span]
    return changes(request, modified, deleted, "No modified relations found")


def vat_codes(request: DossierRequest) -> Answer:
    elements: list[Element] = [
        {
            "basePercentage": float(code.percentage),
            "code": code.code,
            "defaultSellBookingAccountNr": code.default_sales_account,
            "description": code.names.in_language(request.locale),
            "type": code.type,
        }
        for code in request.books.vat_codes
    ]
    return array(elements, request.spelling, request.nothing("No VATCodes found"))


def changes(request: DossierRequest, modified: list[Element], deleted: list[Element], nothing: str) -> Answer:
    if not modified and not deleted:
        return request.nothing(nothing)
    return ok({"deleted": deleted, "modified": request.spelling.elements(modified)})


def _bookyear(year: Bookyear) -> Element:
    return {
        "bookyearDescription": year.description,
        "bookyearKey": bookyear_key(year),
        "closed": year.closed,
        "endDate": str(year.end),
        "periods": [
            {"bookyearPeriod": period.number, "endDate": str(period.end), "startDate": str(period.start)}
            for period in year.periods
        ],
        "startDate": str(year.start),
    }


def _journal_key(journal: Journal) -> Element:
    return {
        "bookyearKey": bookyear_key(journal.bookyear),
        "journalTypeCode": JOURNAL_LETTERS[journal.type],
        "sequenceNumber": journal.number,
    }


def _common_journal(journal: Journal, request: DossierRequest) -> Element:
    return {
        "closed": journal.closed,
        "closedPeriod": 0,
        "journalKeyServiceData": _journal_key(journal),
        "names": _localized(journal.names),
        "nextDocumentNumber": request.books.last_number(journal.bookyear, journal.type, journal.number) + 1,
        "protectedPeriod": 0,
    }


def _localized(names: Names) -> list[Json]:
    return [{"language": "NL", "value": names.nl}, {"language": "FR", "value": names.fr}]


def _description(names: Names) -> Element:
    return without_nulls(
        description_DE=names.de, description_EN=names.en, description_FR=names.fr, description_NL=names.nl
    )


def _account(account: Account) -> Element:
    return without_nulls(
        accountKey={"bookyearKey": bookyear_key(account.bookyear), "id": account.number},
        costCentreType=account.cost_centre_type,
        description=_description(account.names),
        fiscProfessionalPercentage=100.0,
        fiscRecupPercentage=100.0,
        purchaseVatCode=account.purchase_vat_code,
        salesVatCode=account.sales_vat_code,
        vatRecupPercentage=float(account.vat_recoverable),
    )


def _cost_centre(centre: CostCentre) -> Element:
    return {"closed": centre.closed, "costCentreKey": key(centre.id), "description": _description(centre.names)}


def _relation(relation: Relation) -> Element:
    return without_nulls(
        active=relation.active,
        bankAccountNr="",
        bicCode="",
        city=relation.city,
        client=relation.client,
        contactPerson="",
        corporationType=9,
        country=relation.country,
        currencyCode=relation.currency,
        defaultBookingAccountClient=relation.default_sales_account,
        defaultBookingAccountSupplier=relation.default_purchase_account,
        expirationDays=relation.expiration_days,
        expirationType=2,
        factLanguage=relation.language,
        financialDiscount=False,
        firstName="",
        ibanAccountNr=relation.iban,
        name=relation.name,
        postalCode=relation.postal_code,
        relationIdentificationServiceData={
            "externalRelationId": relation.external_id,
            "relationKey": key(relation.id),
        },
        remarks="",
        sddActive=False,
        sddMandateType=0,
        sddSeqtype=0,
        searchField1="",
        searchField2="",
        streetAndNr=relation.street,
        supplier=relation.supplier,
        supplierPaymentMethod=0,
        vatNr=relation.vat_number,
        vatType=relation.vat_type,
    )
