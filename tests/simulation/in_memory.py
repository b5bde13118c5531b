"""The same program on stores in memory, which pass the same contract tests as those in PostgreSQL (tests/unit/fakes.py,
tests/unit/importing): some fifty times as many days in an hour. Real are the use cases, the import, the chores, the
workshop and the whole of the Octopus adapter.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from monitr.adapters.jobs.chores import Chore
from monitr.adapters.jobs.heartbeat import Heartbeat, Lost
from monitr.adapters.jobs.workshop import WorkOnRun, Workshop
from monitr.adapters.octopus.adapter import OctopusAdapter
from monitr.adapters.octopus.operations import INDISPENSABLE
from monitr.adapters.octopus.settings import OctopusSettings
from monitr.adapters.sql.repositories.credential_rows import StoredTokens, to_be_stored
from monitr.application.chores.abandoned_integrations import DismissAbandonedIntegrations
from monitr.application.chores.keep_authorizations_alive import KeepAuthorizationsAlive
from monitr.application.chores.reach_administrations import ReachAdministrations, ReachAgain
from monitr.application.chores.scheduled_imports import ScheduledImports
from monitr.application.chores.sweep_authorizations import SweepAuthorizations
from monitr.application.importing.give_up_import import GiveUpImport
from monitr.application.importing.import_dossier import ImportDossier
from monitr.application.importing.ports import ImportStore
from monitr.application.octopus import AuthorizationRejected, Octopus, OctopusUnavailable
from monitr.application.ports import Claim, Clock
from monitr.bootstrap.ports import Ports
from monitr.bootstrap.use_cases import start_imports_at_once
from monitr.domain.accounting.account import Account, CostCentre, Relation
from monitr.domain.accounting.ledger import LedgerLine
from monitr.domain.accounting.outstanding_items import OutstandingItem
from monitr.domain.administration import Administration, AdministrationStatus
from monitr.domain.authorization import REFRESH_TOKEN_LIFETIME, Tokens
from monitr.domain.import_run import SLACK, DatasetImportStatus, ImportRun, ImportRunId, ImportTrigger
from monitr.domain.integration import IntegrationId, IntegrationStatus
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.settings import Settings
from tests.simulation.house import HouseOfPorts
from tests.simulation.in_postgres import SELDOM
from tests.simulation.processes import Process
from tests.simulation.shortcuts import RememberedSchedule
from tests.simulation.tables import AdministrationRow, Booking, IntegrationRow, Line, Row, RunRow, Tables
from tests.unit.fakes import FakeClaim, FakeLeases, FakeQuota, FakeTransactions, FakeWork
from tests.unit.importing.fake_claim import FakeDatabase
from tests.unit.importing.fake_import_store import open_import_store

_REFRESH_SECONDS = 12.0
_RUNS_KEPT = timedelta(hours=50)
"""The schedule asks what has run since the last night."""


class InMemory:
    """The ports ``Storage`` and ``Tables``."""

    def __init__(self) -> None:
        self.world = FakeTransactions()
        self.database = FakeDatabase(self.world)
        self.leases: _Leases | None = None
        self.quota: FakeQuota | None = None
        self.statements = 0
        self._rows: defaultdict[UUID, dict[Booking, tuple[list[LedgerLine], Sequence[Line]]]] = defaultdict(dict)

    def tidy(self) -> None:
        """What nothing asks for any more: the fakes look at all that they keep, each time."""
        runs, imported = self.world.committed.runs, self.database.imported.values()
        last = max((run.queued_at for run in runs.values()), default=None)
        newest = {run.administration_id: run.id for run in runs.values() if run.finished_at is not None}
        kept = {*newest.values(), *(run for each in imported for run in each.chunks.values())}
        self.world.committed.runs = {
            id: run
            for id, run in runs.items()
            if id in kept or not run.status.is_final or last is None or last - run.queued_at < _RUNS_KEPT
        }
        for each in imported:
            each.changes.clear()
        self.world.wake_ups.clear()

    @property
    def tables(self) -> Tables:
        return self

    @asynccontextmanager
    async def open(self, process: Process) -> AsyncIterator["MemoryHouse"]:
        around = process.around
        self.leases = self.leases or _Leases(self.world, around.present)
        self.quota = self.quota or FakeQuota(around.ours)
        async with OctopusAdapter(_octopus(around.settings), around.ours, transport=process.wire) as adapter:
            transactions = _Transactions(self.world, process)
            credentials = _Credentials(self.world, transactions, around.ours, adapter.login.refresh)
            octopus = adapter.octopus(credentials, self.quota)
            nothing = cast("Any", None)  # what only SQL and entrypoints use
            of = Ports(
                around.settings, "", nothing, around.ours, transactions, nothing, nothing, nothing,
                adapter.login, octopus, credentials, nothing, nothing,
            )  # fmt: skip
            yield MemoryHouse(self, process, of)

    # --- tables ----------------------------------------------------------------------------------------

    def run(self, id: UUID) -> RunRow:
        return self._row(self.world.run(ImportRunId(id)))

    def unfinished(self) -> Sequence[RunRow]:
        alive = {row.id for row in self.world.administrations if row.is_alive}
        return [self._row(run) for run in self.world.runs if not run.status.is_final and run.administration_id in alive]

    def last_run(self, administration: UUID) -> RunRow | None:
        runs = [run for run in self.world.runs if run.administration_id == administration]
        return self._row(max(runs, key=lambda run: run.queued_at)) if runs else None

    def administrations(self) -> Sequence[AdministrationRow]:
        return [
            AdministrationRow(
                row.id, row.dossier, row.name, row.status.value, row.integration_id, row.watermark,
                row.last_successful_import_at,
            )
            for row in sorted(self.world.administrations, key=lambda row: row.dossier)
            if row.is_alive
        ]  # fmt: skip

    def integrations(self) -> Sequence[IntegrationRow]:
        on_a_card = {IntegrationStatus.CONFIGURED, IntegrationStatus.RECONNECT_REQUIRED}
        rows = [row for row in self.world.integrations if row.status in on_a_card]
        return [
            IntegrationRow(row.id, row.status.value) for row in sorted(rows, key=lambda r: (r.status, r.created_at))
        ]

    def bookings(self, administration: UUID) -> Mapping[Booking, Sequence[Line]]:
        """Those that are as they were are not made into rows again."""
        ledger = self.database.imported[administration].ledger
        before, rows = self._rows[administration], dict[Booking, tuple[list[LedgerLine], Sequence[Line]]]()
        for key, lines in ledger.items():
            known = before.get(key)
            rows[key] = known if known is not None and known[0] == lines else (list(lines), _rows_of(lines))
        self._rows[administration] = rows
        return {key: of for key, (_, of) in rows.items()}

    def items(self, administration: UUID) -> Sequence[Row]:
        items: Sequence[OutstandingItem] = list(self.database.imported[administration].rows[OutstandingItem].values())
        return [
            (i.type.value, i.bookyear, i.journal_key, i.document_number, i.relation or 0, i.amount_outstanding)
            for i in items
        ]

    def matchings(self, administration: UUID) -> Sequence[Row]:
        ours = self.database.imported[administration]
        counting = [it for pair, it in ours.matchings.items() if pair not in ours.not_counting]
        return [(*it.debit[:3], *it.credit[:3], it.amount) for it in counting]

    def notes(self, run: UUID) -> Sequence[str]:
        imported = self.database.imported[self.world.run(ImportRunId(run)).administration_id]
        return list(map(str, imported.notes[ImportRunId(run)]))

    def names(self, kind: str, administration: UUID) -> dict[Any, str]:
        rows = self.database.imported[administration].rows
        match kind:
            case "relation":
                return {row.number: row.name for row in rows[Relation].values()}
            case "cost_centre":
                return {row.number: row.names.nl for row in rows[CostCentre].values()}
            case _:
                return {f"{{{row.bookyear},{row.number}}}": row.names.nl for row in rows[Account].values()}

    def refresh_token(self, integration: UUID) -> str | None:
        tokens = self.world.tokens(IntegrationId(integration))
        return tokens.refresh_token if tokens else None

    def timeline(self, id: UUID) -> Sequence[str]:
        return [event.after for event in self.world.timeline(AdministrationId(id))]

    def different_balances(self, administration: UUID) -> int:
        return 0  # they are always worked out from the lines

    def _row(self, run: ImportRun) -> RunRow:
        held = self.leases.leases.get(run.id) if self.leases else None
        until = held[1] if held is not None and held[1].year > 1 and not run.status.is_final else None
        checks = run.verification.checks if run.verification else ()
        return RunRow(
            run.id,
            run.administration_id,
            self.world.administration(run.administration_id).dossier,
            run.status.value,
            run.trigger.value,
            run.mode.value,
            run.queued_at,
            run.resume_at,
            until,
            tuple((check.code.value, check.status.value) for check in checks),
            f"{run.error.code.value} ({run.error.message})" if run.error else "",
            frozenset(
                name.value
                for name, progress in run.datasets.items()
                if progress.status is DatasetImportStatus.SUCCEEDED
            ),
        )


def _rows_of(lines: Sequence[LedgerLine]) -> Sequence[Line]:
    return tuple(
        sorted(
            (
                line.account, line.amount, line.document_date, line.period or 0, line.effective_date,
                line.relation or 0, line.cost_centre or 0, line.description or "", line.reference or "",
            )
            for line in lines
        )
    )  # fmt: skip


def _octopus(settings: Settings) -> OctopusSettings:
    return OctopusSettings(
        redirect_uri=settings.oauth_callback_url,
        api_url=settings.octopus_api_url,
        authorize_url=settings.octopus_authorize_url,
        token_url=settings.octopus_token_url,
        client_id=settings.octopus_client_id,
    )


@dataclass(frozen=True, slots=True)
class _Transactions:
    """A commit is an effect of the process."""

    world: FakeTransactions
    process: Process

    @asynccontextmanager
    async def __call__(self, organisation: OrganisationId | None = None) -> AsyncIterator[FakeWork]:
        async with self.world(organisation) as work:
            commit = work.commit

            async def committed() -> None:
                self.process.effect("a commit")
                await commit()

            work.commit = committed  # type: ignore[method-assign]  # this one alone
            yield work
        self.world.lock_orders.clear()


class _Effects:
    """A part of an import store: each of its methods is a transaction."""

    def __init__(self, part: object, process: Process) -> None:
        self._part, self._process = part, process

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._part, name)

        def called(*arguments: Any, **named: Any) -> Any:
            self._process.effect(name)
            entered = method(*arguments, **named)
            return _staged(entered, self._process) if name == "stage" else entered

        return called


@asynccontextmanager
async def _staged(stage: Any, process: Process) -> AsyncIterator[Any]:
    async with stage as entered:
        yield _Effects(entered, process) if hasattr(entered, "commit") else entered


class _Leases(FakeLeases):
    def __init__(self, world: FakeTransactions, clock: Clock) -> None:
        super().__init__(world, clock)
        self.attempts: dict[ImportRunId, int] = defaultdict(int)

    def renew(self, claim: Claim, lease: timedelta) -> bool:
        fence, _ = self.leases[claim.run_id]
        if fence == claim.fence:
            self.leases[claim.run_id] = fence, self.clock() + lease
        return fence == claim.fence

    async def claim(self, id: ImportRunId | None, worker: str, lease: timedelta) -> FakeClaim | None:
        claimed = await super().claim(id, worker, lease)
        if claimed is None:
            return None
        self.attempts[claimed.run_id] += 1
        return replace(claimed, attempt=self.attempts[claimed.run_id])

    async def release(self, claim: Claim) -> None:
        await super().release(claim)
        self.attempts[claim.run_id] = 0


class _Heartbeat(Heartbeat):
    """No thread: the simulation beats."""

    def __init__(self, leases: _Leases, lease: timedelta) -> None:
        super().__init__(cast("Any", None), lease)
        self._leases, self._length = leases, lease
        self._claims: dict[ImportRunId, tuple[Claim, Lost]] = {}

    def hold(self, claim: Claim, lost: Lost) -> None:
        self._claims[claim.run_id] = claim, lost

    def drop(self, claim: Claim) -> None:
        self._claims.pop(claim.run_id, None)

    def beat(self) -> None:
        for claim, lost in list(self._claims.values()):
            if not self._leases.renew(claim, self._length):
                lost()


@dataclass(slots=True)
class _Credentials:
    """As ``SqlCredentials``: one refresh at a time, stored before it is used."""

    world: FakeTransactions
    transactions: _Transactions
    clock: Clock
    refresh: Callable[[str], Awaitable[Tokens]]

    async def access_token(self, integration: IntegrationId, rejected: str | None = None) -> str:
        async with self.world(self._stored(integration).organisation_id) as work:
            await work.lock(("refresh", integration))
            stored = self._tokens(integration)
            if stored.is_good(self.clock(), rejected):
                return stored.access_token
            return await self._refreshed(integration, stored)

    async def _refreshed(self, id: IntegrationId, stored: StoredTokens) -> str:
        before = self.world.tokens(id)
        try:
            fresh = await self._asked(stored.refresh_token)
        except AuthorizationRejected:
            async with self.transactions(self._stored(id).organisation_id) as work:
                found = await work.integrations.find(self._stored(id).organisation_id, id)
                if found is not None and self.world.tokens(id) == before:
                    await work.integrations.save(found.rejected())
                    await work.commit()
            raise
        rotated = fresh.refresh_token not in (None, stored.refresh_token)
        deadline = self.clock() + REFRESH_TOKEN_LIFETIME if rotated else stored.refresh_expires_at
        async with self.transactions(self._stored(id).organisation_id) as work:
            found = await work.integrations.find(self._stored(id).organisation_id, id)
            if found is None or self.world.tokens(id) != before:
                return self._tokens(id).access_token
            kept = replace(fresh, refresh_token=fresh.refresh_token or stored.refresh_token)
            await work.integrations.store_tokens(id, kept, deadline)
            if rotated:
                await work.integrations.save(found.prolonged(deadline))
            await work.commit()
        return fresh.access_token

    async def _asked(self, refresh_token: str) -> Tokens:
        try:
            async with asyncio.timeout(_REFRESH_SECONDS):
                return await self.refresh(refresh_token)
        except TimeoutError as late:
            raise OctopusUnavailable("Octopus did not answer the request for a new access token in time.") from late

    def _stored(self, id: IntegrationId) -> Any:
        return self.world.integration(id)

    def _tokens(self, id: IntegrationId) -> StoredTokens:
        stored = self.world.committed.tokens.get(id)
        if stored is None or self._stored(id).status is not IntegrationStatus.CONFIGURED:
            raise AuthorizationRejected("Octopus no longer accepts the authorisation of this integration.")
        tokens, deadline = stored
        return to_be_stored(tokens, tokens.refresh_token or "", deadline, self.clock())


@dataclass(frozen=True, slots=True)
class _Scheduled:
    """As ``SqlScheduledAdministrations``."""

    memory: InMemory
    clock: Clock

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[bool]:
        yield True

    async def not_imported_since(
        self, tick: datetime, trigger: ImportTrigger
    ) -> Sequence[tuple[OrganisationId, AdministrationId]]:
        world = self.memory.world
        return [
            (row.organisation_id, row.id)
            for row in sorted(world.administrations, key=lambda row: row.id)
            if row.status is AdministrationStatus.ACTIVE
            and world.integration(row.integration_id).status is IntegrationStatus.CONFIGURED
            and not any(self._is_answered(run, tick, trigger) for run in world.runs if run.administration_id == row.id)
            and (trigger is not ImportTrigger.DEEP_READ or row.last_successful_import_at is not None)
            and await self._has_calls(row)
        ]

    def _is_answered(self, run: ImportRun, tick: datetime, trigger: ImportTrigger) -> bool:
        if not run.status.is_final:
            return True
        is_its_kind = trigger is not ImportTrigger.DEEP_READ or run.trigger is trigger
        return is_its_kind and tick <= run.queued_at <= self.clock() + SLACK

    async def _has_calls(self, row: Administration) -> bool:
        quota = self.memory.quota
        assert quota is not None
        left = [
            await quota.left(row.integration_id, row.dossier, operation.label, operation.daily_maximum)
            for operation in INDISPENSABLE
        ]
        return all(left)


@dataclass(slots=True)
class MemoryHouse(HouseOfPorts):
    """The port ``House``."""

    memory: InMemory
    process: Process
    of: Ports

    def chores(self) -> list[Chore]:
        of, often, seldom = self.of, timedelta(seconds=10), timedelta(hours=1)
        schedules = ((of.settings.schedule, ImportTrigger.SCHEDULE), (of.settings.deep_read, ImportTrigger.DEEP_READ))
        ticks = [
            ScheduledImports(
                _Scheduled(self.memory, of.clock),
                start_imports_at_once(of),
                RememberedSchedule(cron),
                of.clock,
                trigger,
            )
            for cron, trigger in schedules
            if cron
        ]
        reach = ReachAdministrations(of.transactions, of.octopus)
        return [
            *(Chore(f"queue {each.trigger.value}", often, each) for each in ticks),
            Chore("close abandoned OAuth rounds", seldom, SweepAuthorizations(of.transactions, of.clock)),
            Chore("keep alive", seldom, KeepAuthorizationsAlive(self._idle, of.credentials, of.clock)),
            Chore("dismiss", seldom, DismissAbandonedIntegrations(self._abandoned, of.transactions)),
            Chore("try again", seldom, ReachAgain(self._unreachable, of.transactions, reach)),
        ]

    def bench(self, work_on: WorkOnRun) -> "MemoryBench":
        return MemoryBench(self, work_on)

    async def _idle(self, expiring_before: datetime, unused_since: datetime) -> Sequence[IntegrationId]:
        world = self.memory.world
        return [
            row.id
            for row in world.integrations
            if row.status is IntegrationStatus.CONFIGURED
            and (tokens := world.tokens(row.id)) is not None
            and row.authorization_expires_at is not None
            and row.authorization_expires_at < expiring_before
            and tokens.access_expires_at < unused_since
        ]

    async def _abandoned(self) -> Sequence[tuple[OrganisationId, IntegrationId]]:
        world = self.memory.world
        held = {row.integration_id for row in world.administrations if row.is_alive}
        return [
            (row.organisation_id, row.id)
            for row in world.integrations
            if row.status is IntegrationStatus.RECONNECT_REQUIRED and row.id not in held
        ]

    async def _unreachable(self) -> Sequence[tuple[OrganisationId, AdministrationId]]:
        lost = {AdministrationStatus.NOT_FOUND, AdministrationStatus.ACCESS_LOST}
        world = self.memory.world
        return [
            (row.organisation_id, row.id)
            for row in sorted(world.administrations, key=lambda row: row.id)
            if row.status in lost and world.integration(row.integration_id).status is IntegrationStatus.CONFIGURED
        ]


class MemoryBench:
    """The port ``Bench``."""

    def __init__(self, house: MemoryHouse, work_on: WorkOnRun) -> None:
        of, memory, process = house.of, house.memory, house.process
        assert memory.leases is not None
        leases = memory.leases
        lease = timedelta(seconds=of.settings.lease)
        self._heartbeat = _Heartbeat(leases, lease)

        def open_store(claim: Claim, administration: Administration) -> ImportStore:
            memory.database.fences[claim.run_id] = leases.leases[claim.run_id][0]
            memory.database.saved.clear()
            store = open_import_store(memory.database, claim, administration)
            return ImportStore(
                *(
                    cast("Any", _Effects(part, process))
                    for part in (
                        store.record,
                        store.reference,
                        store.ledger,
                        store.openings,
                        store.reconciliation,
                        store.matchings,
                        store.open_items,
                        store.verification,
                    )
                )
            )

        async def make_way(claim: Claim) -> bool:
            return await self.workshop.should_make_way(claim)

        octopus: Octopus = of.octopus
        self.importing: WorkOnRun = ImportDossier(
            of.transactions, octopus, open_store, of.clock, make_way, changes_remembered=of.changes_remembered
        )
        self.workshop = Workshop(
            leases, work_on, GiveUpImport(of.transactions, of.clock), self._heartbeat, "worker",
            hands=of.settings.imports_per_worker, lease=lease, sweep_every=SELDOM,
        )  # fmt: skip

    def beat(self) -> None:
        self._heartbeat.beat()

    async def relay(self) -> None:
        """Nothing is kept to be passed on: the bell is enough."""
