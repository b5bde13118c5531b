"""Every operation of openapi-read.json: its address, its daily maximum, and what answers it."""

from collections.abc import Callable
from dataclasses import dataclass

from octopus_sandbox.answers.answer import Answer
from octopus_sandbox.operations import amounts, ledger, reference, reports
from octopus_sandbox.operations.requests import DossierRequest

Handler = Callable[[DossierRequest], Answer]
SEARCH_LIMIT = 400
"""Daily maximum of GET relations with a search; without one it is 2."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of one dossier. `path` follows /dossiers/{dossierId}."""

    id: str
    """operationId of openapi-read.json."""
    method: str
    path: str
    limit: int
    """Calls a day (octopus.md 3.1)."""
    handler: Handler


GET_DOSSIERS_LIMIT = 150
CONNECT_LIMIT = 150

OPERATIONS = (
    Operation("getBookyears", "GET", "/bookyears", 24, reference.bookyears),
    Operation("getBookyear", "GET", "/bookyears/{bookyearId}", 24, reference.bookyear),
    Operation("getJournals", "GET", "/bookyears/{bookyearId}/journals", 24, reference.journals),
    Operation("getModifiedJournals", "GET", "/journals/modified", 48, reference.modified_journals),
    Operation(
        "getFinancialJournal",
        "GET",
        "/bookyears/{bookyearId}/journals/F/{sequenceNumber}",
        24,
        reference.financial_journal,
    ),
    Operation("getAccounts", "GET", "/accounts", 2, reference.accounts),
    Operation("getModifiedAccounts", "GET", "/accounts/modified", 48, reference.modified_accounts),
    Operation("getModifiedAccountAmounts", "GET", "/accounts/amounts/modified", 48, amounts.modified_amounts),
    Operation("getCostCentres", "GET", "/costcentres", 2, reference.cost_centres),
    Operation("getActiveCostCentres", "GET", "/costcentres/active", 2, reference.active_cost_centres),
    Operation("getRelations", "GET", "/relations", 2, reference.relations),
    Operation("getModifiedRelations", "GET", "/relations/modified", 48, reference.modified_relations),
    Operation(
        "getReportModifiedBooking",
        "GET",
        "/bookyears/{bookyearId}/bookings/modified",
        48,
        ledger.modified_bookings,
    ),
    Operation("getModifiedBuySellBookings", "GET", "/buysellbookings/modified", 48, ledger.modified_buy_sell),
    Operation(
        "getModifiedFinancialDiversBookings",
        "GET",
        "/financialdiversbookings/modified",
        48,
        ledger.modified_financial_divers,
    ),
    Operation("getModifiedBalancingRelations", "GET", "/balancings/modified", 48, ledger.modified_balancings),
    Operation("getVatCodes", "GET", "/vatcodes", 2, reference.vat_codes),
    Operation("getReportOpenClient", "POST", "/reports/clients/open", 24, reports.open_clients),
    Operation("getReportOpenSupplier", "POST", "/reports/suppliers/open", 24, reports.open_suppliers),
    Operation("getReportOpenAccount", "POST", "/reports/accounts/open", 24, reports.open_account),
    Operation("getReportHistoryClient", "POST", "/reports/clients/history", 24, reports.client_history),
    Operation("getReportHistorySupplier", "POST", "/reports/suppliers/history", 24, reports.supplier_history),
    Operation("getReportHistoryAccount", "POST", "/reports/accounts/history", 24, reports.account_history),
    Operation(
        "getReportHistoryCostCentre",
        "POST",
        "/reports/costcentres/history",
        24,
        reports.cost_centre_history,
    ),
)
