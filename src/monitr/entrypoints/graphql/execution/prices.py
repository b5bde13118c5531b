"""What each field costs, by type and field.

The unit is a plain field of an answer: some ten microseconds. A statement is worth five hundred of them. The figures
were measured with two hundred thousand ledger lines (operating.md, "What a request may cost"). A test walks the schema:
every list, every page and every field that is computed has its price here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from graphql import Undefined

from monitr.application.reading.opaque_ids import OpaqueId, RowKind

LIMIT = 100_000
"""Less than twenty of the front end's pages of a hundred transactions."""

LARGEST_PAGE = 500
"""Whoever asks for more is refused before anything is read."""

SEARCH = 30_000
"""Of a text in two hundred thousand lines, counted too; in more it takes longer. Two of them cost four times as much,
so that no request has more than one."""

STATEMENT = 500
_ROW = 5
"""Read from the database and made an object, before anything of it is selected."""
_MOST_MONTHS = 600
MOST_DATES = 60
"""Of one history: five years of months."""
MOST_BUCKETS = 20
"""Bounds of an ageing."""
_LARGEST_FILTER = 50
_ASKED_OF_OCTOPUS = 2_000
_ACT = 2_000
"""A use case in a transaction of its own."""
_ACCOUNTS = 300
"""Numbers in the chart of a dossier; in a year of reports, and in a month of them, there are fewer."""
_ACCOUNTS_OF_A_YEAR, _ACCOUNTS_OF_A_MONTH = 250, 70
_SPREAD_OVER_DIMENSION = 2.5
"""How many rows there are for one, where the rows of an account are told apart by cost centre."""
_ADMINISTRATIONS = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """A field as it is asked for: its arguments, defaults included, and the page or report that it lies in."""

    arguments: Mapping[str, object]
    above: "Asked | None" = None

    def has(self, name: str) -> bool:
        return self.arguments.get(name) not in (None, Undefined)

    def number(self, name: str, most: int) -> int:
        """An argument between 1 and ``most``; whatever is none is refused before anything is read. A variable may be
        written as 500.0."""
        given = self.arguments.get(name)
        return int(min(max(1, given), most)) if isinstance(given, int | float) else 1

    def entries(self, name: str) -> int:
        """Of a list; one value alone is a list of one."""
        given = self.arguments.get(name)
        return len(cast("list[object]", given)) if isinstance(given, list) else int(self.has(name))

    @property
    def months(self) -> int:
        """From ``from`` to ``to``."""
        first, last = (_day(self.arguments.get(name)) for name in ("from", "to"))
        return max((last.year - first.year) * 12 + last.month - first.month + 1, 1) if first and last else 1

    @property
    def condition(self) -> Mapping[str, object]:
        """What ``filter`` holds; nothing where it holds more than any filter has, which is refused."""
        given = self.arguments.get("filter")
        held = cast("dict[str, object]", given) if isinstance(given, dict) else {}
        if len(held) > _LARGEST_FILTER:
            return {}
        return {name: value for name, value in held.items() if value is not None and value is not Undefined}


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


Number = int | Callable[[Asked], int]


@dataclass(frozen=True, slots=True)
class Price:
    """``own``: each time that it is computed. ``once``: for all rows that ask for it together. ``rows``: how often
    what is selected below it is answered, ``each``: what a row costs before anything of it is selected.
    ``searches``: how many texts are looked for in a whole ledger. ``is_known_below``: what lies below knows its
    arguments."""

    own: Number = 0
    once: int = 0
    rows: Number = 1
    each: int = 1
    searches: Number = 0
    is_known_below: bool = False


def _page(own: Number = STATEMENT) -> Price:
    return Price(own=own, is_known_below=True)


def _edges(asked: Asked) -> int:
    if asked.above is None:
        return LARGEST_PAGE
    return asked.above.number("last" if asked.above.has("last") else "first", LARGEST_PAGE)


def _found_lines(asked: Asked) -> int:
    """Of an amount or an account many lines may have to be looked at."""
    return max(_looked_at(asked), 1_000)


def _counted_lines(asked: Asked) -> int:
    """What leaves the grain of the kept balances is counted line by line."""
    return STATEMENT if asked.above is None else max(_looked_at(asked.above), STATEMENT)


def _added_up_lines(asked: Asked) -> int:
    """In one pass with the count. Whoever adds up without counting is bounded by ``MOST_EFFORT``."""
    return min(_counted_lines(asked), 2_000)


def _looked_at(page: Asked) -> int:
    """Where no index leads to the lines; a text is searched for in all of them anyway."""
    condition = page.condition
    if "text" in condition or not condition.keys() - {"from", "to", "bookyear"}:
        return 0
    return 3_000 if condition.keys() & {"relationNumber", "bookingRelationNumber"} else 12_000


def _searches(asked: Asked) -> int:
    return "text" in asked.condition


def _by_dimension(balances: Asked | None) -> bool:
    return balances is not None and bool(balances.arguments.get("byDimension"))


def _node(asked: Asked) -> int:
    """By what its id says of it: an asset is found among all of them."""
    id = OpaqueId.parse(str(asked.arguments.get("id")))
    return 6_000 if id is not None and id.kind is RowKind.ASSET else 3 * STATEMENT


def _monthly_balances(asked: Asked) -> int:
    classes = asked.entries("accountClasses")
    part = min(0.2 + 0.3 * classes, 1) if classes else 1
    spread = _SPREAD_OVER_DIMENSION if _by_dimension(asked) else 1
    months = asked.months if asked.months <= _MOST_MONTHS else 0  # which are refused
    return round(months * _ACCOUNTS_OF_A_MONTH * part * spread)


def _columns(statement: Asked | None) -> int:
    """Of a statement, the comparison's too; whoever asks for more than there may be is refused."""
    if statement is None:
        return 1
    each = {"MONTH": 1, "QUARTER": 3, "BOOKYEAR": 12}.get(str(statement.arguments.get("interval")))
    columns = 1 if each is None else statement.months // each + 2
    return columns * (2 if statement.arguments.get("compareWith") == "PREVIOUS_YEAR" else 1)


def _of_each_column(asked: Asked) -> int:
    return _columns(asked.above)


def _dates(asked: Asked) -> int:
    dates = asked.entries("dates")
    return dates if dates <= MOST_DATES else 0  # which are refused


def _ageing_buckets(asked: Asked) -> int:
    """Of the report that it lies in: one for each bound, what is not due, and what is beyond the last."""
    return min(asked.above.entries("bucketDays"), MOST_BUCKETS) + 2 if asked.above else 1


_COMPUTED = Price(own=8)
_LOADED = Price(own=33, once=STATEMENT)
_SELDOM_LOADED = Price(own=22, once=STATEMENT)
"""Many rows have none."""
_SHARED = Price(own=8, once=STATEMENT)
"""Asked for once, wherever it is selected."""
_READ = Price(own=STATEMENT)
_DONE = Price(own=_ACT)
_PAGE = _page()
_PROBLEMS = (
    *("Problem", "NotConfigured", "Forbidden", "InvalidReturnTo", "NotAuthorized", "OctopusDown"),
    *("DailyMaximumReached", "DossierNotSelectable", "InvalidWebhookAddress", "TooManyWebhookTargets"),
    *("UnknownIntegration", "UnknownAdministration", "UnknownImport", "ImportEnded", "UnknownWebhookTarget"),
    *("UnknownReport", "ReportChanged", "InvalidReport"),
)
_WITH_MESSAGE = (*_PROBLEMS, "ImportRefusal", "Failure", "Notice")
_SENTENCES = (
    *("Failure.action", "Notice.action", "TimelineEvent.why", "Dossier.reason", "AgeingBucket.label"),
    *("ProviderDataset.usedFor", "IntegrationDeleted.notice", "Dimension.name", "AssetAccount.doubt"),
    *(f"{of}.message" for of in _WITH_MESSAGE),
)
_SAID_WITH = Price(own=8, rows=4)
_COUNTED = ("Administration", "FixedAsset", "ImportChange", "OutstandingItem", "Relation")
_PAGED = (*_COUNTED, "AuditEntry", "ImportRun", "TimelineEvent", "Transaction", "WebhookEvent")

PRICES: Mapping[str, Price] = {
    # --- what is asked first
    "Query.integrationProviders": Price(),
    "Query.integration": _READ,
    "Query.administration": _READ,
    "Query.node": Price(own=_node),
    "Query.viewer": _COMPUTED,
    "Query.administrations": _PAGE,
    "Query.webhookTargets": Price(own=STATEMENT, rows=10),
    "Query.webhookEvents": _PAGE,
    "Query.auditTrail": _PAGE,
    "Query.reports": Price(own=STATEMENT, rows=20, each=_ROW),
    "Query.report": _READ,
    "Subscription.importProgress": _READ,
    "Subscription.importsProgress": _READ,
    "Viewer.roles": Price(rows=2),
    "Viewer.permissions": Price(rows=9),
    "Viewer.administrationIds": Price(rows=_ADMINISTRATIONS),
    # --- what is done
    "Mutation.connectIntegration": _DONE,
    "Mutation.reconnectIntegration": _DONE,
    "Mutation.selectAdministrations": Price(own=_ACT + _ASKED_OF_OCTOPUS),
    "Mutation.removeAdministration": _DONE,
    "Mutation.deleteIntegration": _DONE,
    "Mutation.startImports": _DONE,
    "Mutation.cancelImport": _DONE,
    "Mutation.setAssetRole": Price(own=_ACT + 5_000),  # and the assets as they are then
    "Mutation.setDepreciation": Price(own=_ACT + 5_000),
    "Mutation.createWebhookTarget": _DONE,
    "Mutation.deleteWebhookTarget": _DONE,
    "Mutation.rotateWebhookSecret": _DONE,
    "Mutation.replayWebhookEvents": _DONE,
    "Mutation.saveReport": _DONE,
    "Mutation.deleteReport": _DONE,
    "InvalidReport.rules": Price(rows=2),
    "AdministrationsSelected.administrations": Price(rows=_ADMINISTRATIONS),
    "ImportsStarted.imports": Price(rows=_ADMINISTRATIONS),
    "ImportsStarted.refused": Price(rows=_ADMINISTRATIONS),
    "ImportsStarted.joined": Price(rows=_ADMINISTRATIONS),
    # --- the cards
    "IntegrationProvider.datasets": Price(own=8, rows=8),
    "IntegrationProvider.retentionDays": Price(own=1),
    "IntegrationProvider.integrations": Price(own=STATEMENT, rows=2),
    "Integration.label": Price(own=15, once=STATEMENT),
    "Integration.notices": Price(own=8),
    "Integration.timeline": _PAGE,
    "Integration.administrations": Price(own=15, once=STATEMENT, rows=_ADMINISTRATIONS),
    "Integration.dossiers": Price(own=_ASKED_OF_OCTOPUS, rows=_ADMINISTRATIONS),
    "Administration.integration": _LOADED,
    "Administration.currency": _COMPUTED,
    "Administration.closedUntil": _SHARED,
    "Administration.quota": Price(own=15, once=STATEMENT, rows=13),
    "Administration.lastImport": _LOADED,
    "Administration.lastSuccessfulImportAt": _COMPUTED,
    "Administration.nextImportAt": Price(own=30, once=2 * STATEMENT),
    "Administration.datasets": Price(own=15, once=STATEMENT, rows=8),
    "Administration.freshness": _SHARED,
    "Administration.imports": _PAGE,
    "Administration.timeline": _PAGE,
    # --- runs of imports
    "ImportRun.administration": _LOADED,
    "ImportRun.datasets": Price(rows=8),
    "ImportRun.importChanges": _page(own=1_000),
    "ImportRun.newAccounts": Price(own=STATEMENT, rows=100),
    "ImportRun.newDimensionValues": Price(own=STATEMENT, rows=10),
    "Verification.checks": Price(rows=10),
    # --- master data
    "Administration.bookyears": Price(own=STATEMENT, rows=8),
    "Administration.journals": Price(own=STATEMENT, rows=40),
    "Administration.accounts": Price(own=2_000, rows=_ACCOUNTS, each=2 * _ROW),
    "Administration.dimensions": Price(own=8),
    "Administration.relations": _PAGE,
    "Bookyear.periods": Price(rows=12),
    "Account.normalSide": _COMPUTED,
    "Account.rubric": _COMPUTED,
    "Account.bookyears": Price(rows=4),
    "Dimension.values": Price(own=STATEMENT, rows=50),
    # --- the ledger
    "Administration.transactions": Price(own=_found_lines, searches=_searches, is_known_below=True),
    "Administration.booking": _LOADED,
    "Booking.lines": Price(own=33, once=STATEMENT, rows=lambda asked: asked.number("first", LARGEST_PAGE), each=_ROW),
    "Transaction.account": _LOADED,
    "Transaction.relation": _SELDOM_LOADED,
    "Transaction.booking": Price(own=15, once=STATEMENT),
    "Transaction.bookingRelation": Price(own=22, once=2 * STATEMENT),
    "Transaction.dimensionValues": _SELDOM_LOADED,
    # --- reports
    "Administration.trialBalance": Price(own=5_500),
    "TrialBalance.rows": Price(rows=_ACCOUNTS_OF_A_YEAR, each=_ROW),
    "Administration.monthlyBalances": Price(own=11_000, rows=_monthly_balances, each=_ROW, is_known_below=True),
    "MonthlyBalance.dimensionValue": Price(
        own=lambda asked: 22 if _by_dimension(asked.above) else 4,
        once=STATEMENT,
        rows=lambda asked: 1 if _by_dimension(asked.above) else 0,
    ),
    "TrialBalance.freshness": _SHARED,
    "TrialBalanceRow.openingEffects": _COMPUTED,
    "Administration.monthlyResults": Price(own=2_500, rows=lambda asked: asked.months, each=_ROW),
    # --- statements
    "Administration.statement": Price(own=lambda asked: 2_000 + 150 * _columns(asked), is_known_below=True),
    "Statement.columns": Price(own=8, rows=_of_each_column),
    "Statement.lines": Price(own=8, rows=130, each=_ROW),
    "Statement.unmapped": Price(own=8, rows=10, each=_ROW),
    "Statement.freshness": _SHARED,
    "StatementLine.name": _COMPUTED,
    "StatementLine.amounts": Price(rows=_of_each_column),
    "StatementLine.accounts": Price(own=8, rows=3, each=_ROW),
    "StatementAccount.amounts": Price(rows=_of_each_column),
    # --- reports of one's own
    "Report.lines": Price(own=8, rows=50),
    "Report.rules": Price(own=8, rows=200),
    "Administration.unmapped": Price(own=5_000, rows=_ACCOUNTS, each=2 * _ROW),
    "UnmappedPair.dimensionValue": _SELDOM_LOADED,
    # --- open items
    "Administration.outstandingItems": Price(
        own=3_000, is_known_below=True
    ),  # the report, which the fields below share
    "Administration.outstandingHistory": Price(
        own=lambda asked: 3_000 + 300 * _dates(asked), rows=_dates, each=_ROW, is_known_below=True
    ),
    "OutstandingItems.freshness": _SHARED,
    **{f"OutstandingItems.{each}": _COMPUTED for each in ("basis", "total", "overdue", "oldestDueDate")},
    **{f"OutstandingItems.{each}": _COMPUTED for each in ("invoices", "creditNotes", "unmatchedPayments")},
    "OutstandingItems.daysOutstanding": Price(own=200, once=3_000),
    "OutstandingItems.buckets": Price(own=8, rows=_ageing_buckets),
    "OutstandingItems.byRelation": Price(
        own=100, once=2_000, rows=lambda asked: asked.number("first", LARGEST_PAGE), each=_ROW
    ),
    "OutstandingItems.items": _page(own=1_000),
    "OutstandingItem.relation": _LOADED,
    "OutstandingItem.booking": _READ,
    "RelationTotal.relation": _LOADED,
    "RelationTotal.buckets": Price(own=8, rows=_ageing_buckets),
    # --- fixed assets
    "Administration.fixedAssets": Price(own=5_000),  # the categories, which four fields below share
    "FixedAssets.freshness": _SHARED,
    "FixedAssets.acquisitionValue": _COMPUTED,
    "FixedAssets.accumulatedDepreciation": _COMPUTED,
    "FixedAssets.netBookValue": _COMPUTED,
    "FixedAssets.categories": Price(own=8, rows=12),
    "FixedAssets.assets": _page(own=2_000),
    "FixedAssets.schedule": Price(own=3_000, rows=lambda asked: asked.number("months", _MOST_MONTHS), each=_ROW),
    "AssetMovements.name": _COMPUTED,
    "FixedAssets.movements": Price(own=3_000, rows=8, each=_ROW),
    "FixedAssets.accounts": Price(own=2_000, rows=40, each=_ROW),
    "FixedAsset.supplier": _SELDOM_LOADED,
    "FixedAsset.booking": _LOADED,
    # --- sentences, each in the language of its reader
    **dict.fromkeys(_SENTENCES, _COMPUTED),
    "Check.detail": Price(own=2),  # few have one
    **{f"{of}.parameters": _SAID_WITH for of in (*_WITH_MESSAGE, "Check", "TimelineEvent", "Dossier", "AssetAccount")},
    # --- pages: rows and how many there are
    **{f"{of}Connection.edges": Price(rows=_edges, each=_ROW) for of in _PAGED},
    **{f"{of}Connection.totalCount": Price(own=STATEMENT) for of in _COUNTED},
    "TransactionConnection.totalCount": Price(own=_counted_lines),
    "TransactionConnection.textIndexed": Price(),  # the page has asked
    "TransactionConnection.totals": Price(own=_added_up_lines),
    # --- the schema itself, where GRAPHIQL is on
    "__Schema.types": Price(rows=120),
    "__Schema.directives": Price(rows=6),
    "__Type.fields": Price(rows=8),
    "__Type.interfaces": Price(),
    "__Type.possibleTypes": Price(rows=2),
    "__Type.enumValues": Price(rows=2),
    "__Type.inputFields": Price(rows=2),
    "__Field.args": Price(),
    "__Directive.args": Price(rows=2),
    "__Directive.locations": Price(rows=8),
}
