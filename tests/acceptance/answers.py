"""The answers of the other Octopus as values, spelled as in openapi-read.json."""

from collections import defaultdict
from datetime import datetime
from random import Random
from typing import Any

from tests.acceptance.books import CLIENTS, SUPPLIERS, Account, Books, Document, Line, LineAt, Year
from tests.acceptance.truth import open_items
from tests.acceptance.wire import Amounts, Cents, Style


def dossier_row(books: Books) -> dict[str, Any]:
    row: dict[str, Any] = {"dossierDescription": books.name, "dossierKey": {"id": books.number}, "country": "BE"}
    return row | ({"vatNr": books.vat} if books.vat else {}) | {"languageCode": "nl", "corporationTypeKey": {"id": 4}}


def bookyears(books: Books) -> list[dict[str, Any]]:
    return [
        {
            "bookyearKey": {"id": year.id},
            "bookyearDescription": year.name,
            "startDate": f"{year.start}",
            "endDate": f"{year.end}",
            "closed": year.closed,
            "periods": [
                {"bookyearPeriod": each.number, "startDate": f"{each.start}", "endDate": f"{each.end}"}
                for each in year.periods
            ],
        }
        for year in reversed(list(books.years.values()))
    ]


def bookyear_detail(year: Year) -> dict[str, Any]:
    flags = ["activateDbaNp", "activateDfbNp", "declarantIntrastatReceiver", "declarantIntrastatSender"]
    flags += ["deprecationFullBookyear", "proRataTemporis", "visibleFiscalControl"]
    return dict.fromkeys(flags, False) | {
        "bookyearKey": {"id": year.id},
        "names": [{"language": "NL", "value": year.name}],
        "bookingPeriodType": "MONTH" if len(year.periods) == 12 else "QUARTER",
        "fromDate": f"{year.start}",
        "toDate": f"{year.end}",
        "closed": year.closed,
        "declarantType": "MONTHLY",
    }


def journals(books: Books, year: int) -> list[dict[str, Any]]:
    def row(key: str, name: str) -> dict[str, Any]:
        journal: dict[str, Any] = {
            "bookyearKey": {"id": year},
            "journalKey": key,
            "name": name,
            "closed": False,
            "insertionType": 1,
        }
        journal |= {"lastBookedDocumentNr": 9, "protectedPeriod": 0, "closedPeriod": 0}
        return journal | ({"currencyCode": "EUR"} if key.startswith("F") else {})

    return [row(key, name) for (id, key), name in books.journals.items() if id == year]


def bank_journal(books: Books, year: int, number: int) -> dict[str, Any]:
    key = {"bookyearKey": {"id": year}, "journalTypeCode": "F", "sequenceNumber": number}
    names = [{"language": "NL", "value": books.journals.get((year, f"F{number}"), "")}]
    common = {"journalKeyServiceData": key, "names": names, "nextDocumentNumber": 10, "protectedPeriod": 0}
    return {
        "commonJournalServiceData": common | {"closed": False, "closedPeriod": 0},
        "bankAccountServiceData": {"bankAccountIban": "BE68539007547034"},
        "account": 550010,
        "currency": "EUR",
    }


def modified_journals() -> dict[str, Any]:
    return {"modifiedJournalServiceDataList": [], "deletedJournalList": []}


def accounts(books: Books, year: int | None, since: datetime | None = None) -> list[dict[str, Any]]:
    def row(id: int, account: Account) -> dict[str, Any]:
        return {
            "accountKey": {"bookyearKey": {"id": id}, "id": account.number, "accountNumberKey": {"id": 7}},
            "description": {f"description_{language}": name for language, name in account.names.items()},
            "costCentreType": 2 if account.number >= 600000 else 0,
            "vatRecupPercentage": 100.0,
            "fiscProfessionalPercentage": 100.0,
        }

    wanted = books.accounts.items()
    return [
        row(id, account)
        for (id, _), account in wanted
        if (year is None or id == year) and (since is None or account.changed >= since)
    ]


def cost_centres(books: Books, *, active: bool) -> list[dict[str, Any]]:
    return [
        {
            "costCentreKey": {"id": each.id},
            "closed": each.closed,
            "description": {f"description_{language}": name for language, name in each.names.items()},
        }
        for each in books.cost_centres.values()
        if not (active and each.closed)
    ]


def relations(books: Books, *, only_active: bool = False, since: datetime | None = None) -> list[dict[str, Any]]:
    rows = []
    for each in books.relations.values():
        if (only_active and not each.active) or (since and each.changed < since):
            continue
        identity = {"relationKey": {"id": each.id}, "externalRelationId": 0}
        row: dict[str, Any] = {"relationIdentificationServiceData": identity, "name": each.name, "currencyCode": "EUR"}
        row |= {"client": each.client, "supplier": each.supplier, "active": each.active, "expirationType": 2}
        row |= {"vatNr": each.vat} if each.vat else {}
        rows.append(row | ({"country": each.country} if each.country else {}))
    return rows


def amounts(books: Books, style: Style, since: datetime | None) -> list[dict[str, Any]]:
    """One figure for each account and period; a document without period counts in period 00."""
    movements: dict[tuple[int, int], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for document, line in books.lines():
        period = document.period or books.years[document.year].start.year * 100
        movements[(document.year, line.account)][period] += line.cents
    for key, cents in books.forgetful.items():
        document = books.documents[key]
        first, second = document.lines[0], document.lines[-1]
        assert document.period is not None
        movements[(document.year, first.account)][document.period] -= cents
        movements[(document.year, second.account)][document.period] += cents
    rows = []
    for (year, account), by_period in movements.items():
        periods = sorted(by_period)
        if style.amounts is Amounts.CUMULATIVE:
            later = [each.number for each in books.years[year].periods if each.number > periods[0]]
            periods = sorted({*periods, *later})
        balance = 0
        for period in periods:
            balance = by_period.get(period, 0) + (balance if style.amounts is Amounts.CUMULATIVE else 0)
            if since is None or _touched(books, year, account, period, style) >= since:
                rows.append(_amount(year, account, period, balance))
    return rows


def _touched(books: Books, year: int, account: int, period: int, style: Style) -> datetime:
    """When the figure changed last; a cumulative one also by what happened in the periods before."""
    return max(
        at
        for (id, number, when), at in books.touched.items()
        if (id, number) == (year, account)
        and ((when or 0) <= period if style.amounts is Amounts.CUMULATIVE else when in (period, None))
    )


def _amount(year: int, account: int, period: int, cents: int) -> dict[str, Any]:
    account_key = {"bookyearKey": {"id": year}, "id": account}
    period_key = {"bookyearKey": {"id": year}, "bookyearPeriodNr": period}
    return {"accountAmountKey": {"accountKey": account_key, "bookyearPeriodKey": period_key}, "balance": Cents(cents)}


# --- the ledger ------------------------------------------------------------------------------------------------------


def ledger(books: Books, style: Style, year: int, type: int, since: datetime) -> dict[str, Any]:
    def wanted(key: tuple[int, int, int, int], at: datetime) -> bool:
        return year in (-1, key[0]) and type in (-1, key[1]) and at >= since

    documents = [books.documents[key] for key, at in books.changed.items() if wanted(key, at)]
    rows = [_ledger_row(document, line, style) for document in documents for line in document.lines]
    if style.scattered:
        Random(f"{style.seed} {len(rows)}").shuffle(rows)
    deleted = [
        {
            "bookyearKey": {"id": key[0]},
            "journalType": key[1],
            "journalSequenceNr": key[2],
            "documentSequenceNr": key[3],
        }
        for key, at in books.deleted.items()
        if wanted(key, at)
    ]
    parts = {"modifiedBookings": rows, "deletedBookings": deleted}
    if style.deletions_first:
        parts = dict(reversed(parts.items()))
    return parts if style.empty_arrays else {name: part for name, part in parts.items() if part}


def _ledger_row(document: Document, line: Line, style: Style) -> dict[str, Any]:
    row: dict[str, Any] = {
        "bookyearKey": {"id": document.year},
        "journalType": document.type,
        "journalNr": document.journal,
        "documentSequenceNr": document.number,
        "lineSequenceNr": line.number,
        "documentDate": f"{document.date}",
        "accountKey": line.account,
        "bookingAmount": Cents(line.cents),
    }
    optional: dict[str, Any] = {
        "bookyearPeriodeNr": document.period,
        "expiryDate": f"{document.due}" if document.due else None,
        "relationKey": {"id": line.relation} if line.relation else None,
        "costCentreKey": {"id": line.cost_centre} if line.cost_centre else None,
        "comment": line.comment or (None if style.bare else ""),
        "reference": line.reference or (None if style.bare else ""),
    }
    if not style.bare or line.currency != "EUR":
        foreign = line.cents if line.foreign_cents is None else line.foreign_cents
        optional |= {"currencyCode": line.currency, "exchangeRate": 1.0 if line.currency == "EUR" else 0.909091}
        optional |= {"documentAmount": Cents(foreign)}
    if style.unknown_fields:
        optional |= {"vatSectionCode": "", "vatRecuperationPercentage": 100.0}
        optional |= {"nieuwVeld": [{"bookingAmount": 1.5, "}]": '"modifiedBookings":[{'}]}
    return row | {name: value for name, value in optional.items() if value is not None}


# --- open items ------------------------------------------------------------------------------------------------------


def open_rows(books: Books, style: Style, control: int, body: dict[str, Any]) -> list[dict[str, Any]]:
    if body.get("relationId", 0) != -1 or body.get("externalRelationId", 0) != -1:
        return []
    order = {year.id: n for n, year in enumerate(books.in_order())}
    least = (order[body["fromBookyearKey"]["id"]], _place(books, body, "from"))
    most = (order[body["toBookyearKey"]["id"]], _place(books, body, "to"))
    rows = []
    for item in open_items(books, control):
        document, line = item.document, item.line
        if not least <= (order[document.year], _period_place(books.years[document.year], document.period)) <= most:
            continue
        sign = 1 if control == CLIENTS else -1
        signed = sign * item.open_cents
        row: dict[str, Any] = {
            "bookyearKey": {"id": document.year},
            "journalKey": document.journal_key,
            "documentSequenceNr": document.number,
            "lineSequenceNr": line.number,
            "documentDate": f"{document.date}",
            "relationKey": {"id": line.relation},
            "externalRelationId": 0,
            "debetBookingAmount": Cents(max(line.cents, 0)),
            "creditBookingAmount": Cents(max(-line.cents, 0)),
            "openBookingAmount": Cents(signed if style.open_amount_is_signed else abs(signed)),
            "comment": line.comment,
            "reference": line.reference,
            "currencyCode": line.currency,
            "exchangeRate": 1.0,
        }
        row |= {"bookyearPeriodNr": document.period} if document.period else {}
        rows.append(row | ({"expirationDate": f"{document.due}"} if document.due else {}))
    return rows


def _place(books: Books, body: dict[str, Any], end: str) -> int:
    return _period_place(books.years[body[f"{end}BookyearKey"]["id"]], body[f"{end}BookyearPeriodNr"])


def _period_place(year: Year, number: int | None) -> int:
    return next((n for n, period in enumerate(year.periods, start=1) if period.number == number), 0)


def balancings(books: Books, style: Style, since: datetime) -> list[dict[str, Any]]:
    return [
        {
            "type": _matched_type(books, match.debit),
            "debetDocument": _matched(books, match.debit),
            "creditDocument": _matched(books, match.credit),
            "debetBalancedBookingAmount": Cents(match.cents),
            "creditBalancedBookingAmount": Cents(match.cents),
        }
        for match in books.matches
        if match.changed >= since
    ]


def _matched_type(books: Books, place: LineAt) -> dict[str, Any]:
    line = books.line(place)
    letter = {CLIENTS: "C", SUPPLIERS: "S"}[line.account]
    return {"type": letter, "relationKey": {"id": line.relation}, "externalRelationId": 0, "accountNr": line.account}


def _matched(books: Books, place: LineAt) -> dict[str, Any]:
    document, line = books.documents[place[0]], books.line(place)
    key: dict[str, Any] = {"bookyearKey": {"id": document.year}, "journalKey": document.journal_key}
    key |= {"documentSequenceNr": document.number, "lineSequenceNr": line.number}
    return {
        "balancingKey": key,
        "documentDate": f"{document.date}",
        "debetBookingAmount": Cents(max(line.cents, 0)),
        "creditBookingAmount": Cents(max(-line.cents, 0)),
    }
