"""Organisations with a row in every table, made from the metadata: a new table has one by itself.

All tenants have the same numbers, dates and positions, so that what is told apart by them alone is found; names and
amounts are each tenant's own. The two belts of tenancy (decisions.md, decision 14) can be taken off one by one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Table,
    Text,
    Uuid,
    event,
    func,
    insert,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from monitr.adapters.security.cipher import AesGcmCipher
from monitr.adapters.sql.database import tenancy
from monitr.adapters.sql.database.secrets_at_rest import WEBHOOK_SECRET
from monitr.adapters.sql.database.tables import IMPORTED_TABLES, metadata, octopus_call
from monitr.adapters.sql.repositories.credential_rows import StoredTokens, credential_values
from monitr.domain.accounting.statements.own_reports import ReportId
from monitr.domain.administration import DossierNumber
from monitr.domain.authorization import AuthorizationId
from monitr.domain.import_run import ImportRunId
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.webhooks import WebhookTargetId
from tests.unit.fakes import NOON

CIPHER = AesGcmCipher([bytes(32)])
DAY = date(2026, 1, 1)
"""The bookyear's first day, and every other date."""
ONE = 1
"""Every number: of bookyears, journals, documents, relations; and every position, count and fence."""
ACQUIRED, DEPRECIATED = 230_000, 230_009
DOSSIER = DossierNumber(ONE)

OWNED = [table for table in metadata.sorted_tables if table is not octopus_call]
"""Every table but the calls to Octopus, which belong to its dossiers."""


@dataclass(frozen=True)
class Tenant:
    """The ids follow from the organisation's, each from the name of its table."""

    organisation: OrganisationId = field(default_factory=lambda: OrganisationId(uuid4()))
    amount: Decimal = Decimal("1.00")

    def id(self, table: str) -> UUID:
        return self.organisation if table == "organisation" else uuid5(self.organisation, table)

    @property
    def integration(self) -> IntegrationId:
        return IntegrationId(self.id("integration"))

    @property
    def administration(self) -> AdministrationId:
        return AdministrationId(self.id("administration"))

    @property
    def run(self) -> ImportRunId:
        return ImportRunId(self.id("import_run"))

    @property
    def authorization(self) -> AuthorizationId:
        return AuthorizationId(self.id("oauth_authorization"))

    @property
    def target(self) -> WebhookTargetId:
        return WebhookTargetId(self.id("webhook_target"))

    @property
    def report(self) -> ReportId:
        return ReportId(self.id("report"))

    async def fill(self, connection: AsyncConnection) -> None:
        """Past row-level security: the connection has taken no role. Triggers write events beside ours."""
        for table in OWNED:
            for changes in _ROWS.get(table.name, ({},)):
                await connection.execute(insert(table).values({**self.row(table), **changes}))

    def owns(self, table: Table) -> ColumnElement[bool]:
        """The condition on the rows of a table that are this tenant's."""
        column = _owner(table)
        return column == self.id("administration" if column.name == "administration_id" else "organisation")

    async def rows(self, connection: AsyncConnection) -> dict[str, list[str]]:
        """All that is this tenant's, by table, each row as JSON; past row-level security."""
        of_each = (
            select(literal(table.name), func.to_jsonb(literal_column(table.name)).cast(Text)).where(self.owns(table))
            for table in OWNED
        )
        rows: dict[str, list[str]] = {table.name: [] for table in OWNED}
        for name, row in await connection.execute(union_all(*of_each).order_by(literal_column("1, 2"))):
            rows[name].append(row)
        return rows

    def row(self, table: Table) -> dict[str, Any]:
        row = {column.name: self._value(table, column) for column in table.columns if column.identity is None}
        if table.name == "credential":
            stored = StoredTokens(f"access {self.organisation}", NOON, 0, "refresh", NOON)
            row |= credential_values(self.integration, self.organisation, stored, CIPHER)
        if table.name == "webhook_target":
            row |= {
                "secret": WEBHOOK_SECRET.sealed(CIPHER, str(self.organisation), self.target, self.organisation),
                "previous_secret": None,
            }
        return row

    def _value(self, table: Table, column: Column[Any]) -> Any:
        name = f"{table.name}.{column.name}"
        if name in _VALUES:
            return _VALUES[name]
        match column.type:
            case Uuid():
                target = column.name.removesuffix("_id")
                return self.id(table.name if target == "id" else _REFERENCES.get(target, target))
            case SmallInteger() | BigInteger() | Integer():
                return ACQUIRED if column.name == "account" else ONE
            case Numeric():
                return self.amount
            case Double():
                return 0.5
            case Boolean():
                return False
            case Date():
                return DAY
            case DateTime():
                return NOON
            case LargeBinary():
                return self.id(name).bytes
            case JSONB():
                return {"code": "A_CODE", "message": str(self.organisation)}
            case Text():
                return f"{column.name} of {self.organisation}"
            case unknown:
                raise AssertionError(f"no example of {unknown!r}, the type of {name}")


def _owner(table: Table) -> Column[Any]:
    """The column that says whose a row is."""
    return next(table.c[name] for name in ("organisation_id", "administration_id", "id") if name in table.c)


_REFERENCES = {"run": "import_run", "import": "import_run", "subject": "administration"}
"""The tables of ids that are not called like theirs."""

_VALUES: Mapping[str, Any] = {
    "integration.status": "CONFIGURED",
    "oauth_authorization.purpose": "CONNECT",
    "oauth_authorization.verifier": None,
    "oauth_authorization.consumed_at": None,
    "administration.status": "ACTIVE",
    "timeline_event.what": "SELECTED",
    "timeline_event.agent": "USER",
    "audit_entry.action": "EXPORTED",
    "import_run.mode": "FULL",
    "import_run.trigger": "SYNC_NOW",
    "import_run.status": "RUNNING",
    "import_run.verification": [],
    "import_run.bookyears": [ONE],
    "bookyear.periods": [],
    "asset_role.role": "ACQUISITION",
    "asset_depreciation.target": "230",
    "asset_depreciation.method": "LINEAR",
    "dataset_state.dataset": "ACCOUNTS",
    "import_change.kind": "ADDED",
    "matching.kind": "C",
    "matching.counts": True,
    "matching.matched_on": NOON.date(),
    **{f"matching.{side}_journal_key": "A1" for side in ("debit", "credit")},
    **{f"{table}.journal_key": "A1" for table in ("matching_correction", "unjudged_booking")},
    **{
        f"{table}.type": "RECEIVABLE"
        for table in (
            *("control_account", "matching_correction"),
            *("outstanding_item", "outstanding_item_past", "outstanding_snapshot"),
        )
    },
    "text_piece.blocks": [ONE],
    "report.lines": [],
    "report.rules": [],
    "webhook_event.subject": "DATASET",
    "webhook_event.dataset": "ACCOUNTS",
    "webhook_event.checks": None,
    "webhook_target.position": 0,
    "webhook_target.disabled_at": None,
    "webhook_target.previous_secret": None,
}
"""Of columns whose words or shape mean something."""

_ROWS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "ledger_line": (
        {},  # of a year opening
        {"document_number": 2},
        {"document_number": 3, "account": DEPRECIATED, "amount": -1},
        {"document_number": 3, "account": 630_200, "ordinal": 2},
        {"document_number": 4, "account": 600_000},
    ),
    "account": ({}, {"number": ACQUIRED}),
    "account_month": ({}, {"account": DEPRECIATED, "debit": 0}, {"account": 600_000, "credit": 0}),
    "import_first_seen": ({"kind": "ACCOUNT"}, {"kind": "COST_CENTRE"}),
    # what triggers keep of the rows above
    **dict.fromkeys(("account_year", "outstanding_due", "outstanding_change", "outstanding_relation"), ()),
}
"""What is in the rows of a table that has more than one, or one of a special kind."""


# --- the belts ------------------------------------------------------------------------------------------------------

_PARAMETER = r"%\(\w+\)s(?:::\w+)?"
_CONDITIONS = re.compile(
    rf"EXISTS \(SELECT FROM administration AS own WHERE own\.id = {_PARAMETER}"
    rf" AND own\.organisation_id = {_PARAMETER}\)"
    rf"|(?:\w+\.)?organisation_id = {_PARAMETER}"
    r"|\w+\.organisation_id = excluded\.organisation_id"
)
"""What the code says about whose rows it means. Assignments have no spaces around their sign."""
_ITS_OWN = re.compile(
    rf"\(SELECT id FROM administration WHERE id = ({_PARAMETER}) AND organisation_id = {_PARAMETER}\)"
)
"""And what an import says: an administration that is the organisation's."""


@contextmanager
def without_conditions(engine: AsyncEngine) -> Iterator[None]:
    """Every statement as if its author had forgotten the organisation: only row-level security is left."""

    def stripped(connection, cursor, statement, parameters, context, executemany):
        return _CONDITIONS.sub("true", _ITS_OWN.sub(r"CAST(\1 AS uuid)", statement)), parameters

    event.listen(engine.sync_engine, "before_cursor_execute", stripped, retval=True)
    try:
        yield
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", stripped)


@contextmanager
def without_row_security() -> Iterator[None]:
    """Tenants stay who the login is, a superuser, whom no policy binds: only the conditions of the code are left."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tenancy, "TENANT_ROLE", "none")
        yield


_IMPORTED = re.compile(rf"\b(?:FROM|JOIN|INTO|UPDATE|USING) (?:{'|'.join(table.name for table in IMPORTED_TABLES)})\b")


@contextmanager
def unscoped(engine: AsyncEngine) -> Iterator[set[str]]:
    """The statements about imported rows that do not say of which organisation, not even where one before them did."""
    found: set[str] = set()

    def note(connection, cursor, statement, parameters, context, executemany):
        if _IMPORTED.search(statement) and "organisation_id = %(" not in statement:
            found.add(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
