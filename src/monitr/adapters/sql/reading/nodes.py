"""What an id is the id of, and the rows of each kind."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from monitr.adapters.sql.database.tables import audit_entry, import_run, webhook_target
from monitr.adapters.sql.database.tenancy import own
from monitr.adapters.sql.reading.audit import AuditQueries, entry_of
from monitr.adapters.sql.reading.cards import CardQueries
from monitr.adapters.sql.reading.own_reports import OwnReportQueries
from monitr.adapters.sql.repositories.rows import import_run_of
from monitr.adapters.sql.webhooks.rows import target_of
from monitr.application.reading.nodes import Node

# Plan: a descent of the primary key of each table for each id.
_KINDS = text("""
    SELECT 'administration' AS kind, id FROM administration
    WHERE id = ANY (CAST(:ids AS uuid[])) AND organisation_id = :organisation
    UNION ALL
    SELECT 'integration', id FROM integration
    WHERE id = ANY (CAST(:ids AS uuid[])) AND organisation_id = :organisation
    UNION ALL
    SELECT 'import_run', import_run.id FROM import_run
    JOIN administration ON administration.id = import_run.administration_id AND administration.status <> 'DELETED'
    WHERE import_run.id = ANY (CAST(:ids AS uuid[])) AND import_run.organisation_id = :organisation
    UNION ALL
    SELECT 'webhook_target', id FROM webhook_target
    WHERE id = ANY (CAST(:ids AS uuid[])) AND organisation_id = :organisation
    UNION ALL
    SELECT 'report', id FROM report
    WHERE id = ANY (CAST(:ids AS uuid[])) AND organisation_id = :organisation
    UNION ALL
    SELECT 'audit_entry', id FROM audit_entry
    WHERE id = ANY (CAST(:ids AS uuid[])) AND organisation_id = :organisation
""")


class NodeQueries(CardQueries, OwnReportQueries, AuditQueries):
    async def nodes(self, ids: Sequence[UUID]) -> Mapping[UUID, Node]:
        wanted: dict[str, list[Any]] = {}
        for row in await self.snapshot.rows(_KINDS, {"ids": list(ids)}):
            wanted.setdefault(row.kind, []).append(row.id)
        found = [node for kind, of_kind in wanted.items() for node in await self._of_kind[kind](of_kind)]
        return {node.id: node for node in found}

    @property
    def _of_kind(self) -> Mapping[str, Callable[[Sequence[Any]], Awaitable[Sequence[Node]]]]:
        return {
            "administration": self._administrations,
            "integration": self.integrations,
            "import_run": self._import_runs,
            "webhook_target": self._webhook_targets,
            "report": self.reports,
            "audit_entry": self._audit_entries,
        }

    async def _administrations(self, ids: Sequence[Any]) -> Sequence[Node]:
        return list((await self.administrations(ids)).values())

    async def _import_runs(self, ids: Sequence[Any]) -> Sequence[Node]:
        query = select(import_run).where(own(import_run), import_run.c.id.in_(ids))
        return [import_run_of(row._mapping) for row in await self.snapshot.rows(query)]

    async def _webhook_targets(self, ids: Sequence[Any]) -> Sequence[Node]:
        query = select(webhook_target).where(own(webhook_target), webhook_target.c.id.in_(ids))
        return [target_of(row._mapping) for row in await self.snapshot.rows(query)]

    async def _audit_entries(self, ids: Sequence[Any]) -> Sequence[Node]:
        query = select(audit_entry).where(own(audit_entry), audit_entry.c.id.in_(ids))
        return [entry_of(row) for row in await self.snapshot.rows(query)]
