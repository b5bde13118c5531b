"""Every operation of openapi-read.json: its address, its daily maximum, and what answers it."""

from collections.abc import Callable
from dataclasses import dataclass

from octopus_sandbox import amount_operations, ledger_operations, reference_operations, report_operations
from octopus_sandbox.answers import Answer
from octopus_sandbox.requests import DossierRequest

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
    Operation("getBookyears", "GET", "/bookyears", 24, reference_operations.bookyears),
    Operation("getBookyear", "GET", "/bookyears/{bookyearId}", 24, reference_operations.bookyear),
    Operation("getJournals", "GET", "/bookyears/{bookyearId}/journals", 24, reference_operations.journals),
    Operation("getModifiedJournals", "GET", "/journals/modified", 48, reference_operations.modified_journals),
    Operation(
        "getFinancialJournal",
        "GET",
        "/bookyears/{bookyearId}/journals/F/{sequenceNumber}",
        24,
        reference_operations.financial_journal,
    ),
    Operation("getAccounts", "GET", "/accounts", 2, reference_operations.accounts),
    Operation("getModifiedAccounts", "GET", "/accounts/modified", 48, reference_operations.modified_accounts),
    Operation("getModifiedAccountAmounts", "GET", "/accounts/amounts/modified", 48, amount_operations.modified_amounts),
    Operation("getCostCentres", "GET", "/costcentres", 2, reference_operations.cost_centres),
    Operation("getActiveCostCentres", "GET", "/costcentres/active", 2, reference_operations.active_cost_centres),
    Operation("getRelations", "GET", "/relations", 2, reference_operations.relations),
    Operation("getModifiedRelations", "GET", "/relations/modified", 48, reference_operations.modified_relations),
    Operation(
        "getReportModifiedBooking",
        "GET",
        "/bookyears/{bookyearId}/bookings/modified",
        48,
        ledger_operations.modified_bookings,
    ),
    Operation(
        "getModifiedBuySellBookings", "GET", "/buysellbookings/modified", 48, ledger_operations.modified_buy_sell
    ),
    Operation(
        "getModifiedFinancialDiversBookings",
        "GET",
        "/financialdiversbookings/modified",
        48,
        ledger_operations.modified_financial_divers,
    ),
    Operation(
        "getModifiedBalancingRelations", "GET", "/balancings/modified", 48, ledger_operations.modified_balancings
    ),
    Operation("getVatCodes", "GET", "/vatcodes", 2, reference_operations.vat_codes),
    Operation("getReportOpenClient", "POST", "/reports/clients/open", 24, report_operations.open_clients),
    Operation("getReportOpenSupplier", "POST", "/reports/suppliers/open", 24, report_operations.open_suppliers),
    Operation("getReportOpenAccount", "POST", "/reports/accounts/open", 24, report_operations.open_account),
    Operation("getReportHistoryClient", "POST", "/reports/clients/history", 24, report_operations.client_history),
    Operation("getReportHistorySupplier", "POST", "/reports/suppliers/history", 24, report_operations.supplier_history),
    Operation("getReportHistoryAccount", "POST", "/reports/accounts/history", 24, report_operations.account_history),
    Operation(
        "getReportHistoryCostCentre",
        "POST",
        "/reports/costcentres/history",
        24,
        report_operations.cost_centre_history,
    ),
)
