"""In-memory stand-ins for the ports. The same contract tests run against them and the real adapters."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from monitr.application.octopus import (
    AuthorizationRejected,
    Credentials,
    DossierNotFound,
    DossierRefused,
    GrantRejected,
    ListedDossiers,
    Octopus,
    OctopusError,
    OctopusLogin,
    OpenDossier,
    Pause,
    Quota,
    QuotaSpent,
)
from monitr.application.ports import Claim, Clock, Leases, Transactions
from monitr.domain.accounting.asset_accounts import AssetRole
from monitr.domain.accounting.asset_settings import PlanTarget
from monitr.domain.accounting.depreciation import DepreciationPlan
from monitr.domain.accounting.statements.layout import NormalSide
from monitr.domain.accounting.statements.own_reports import MappingRule, Report, ReportId, ReportLine
from monitr.domain.administration import Administration, Dossier, DossierNumber
from monitr.domain.audit import AuditEntry
from monitr.domain.authorization import (
    AUTHORIZATION_LIFETIME,
    REFRESH_TOKEN_LIFETIME,
    Authorization,
    AuthorizationId,
    Purpose,
    Tokens,
    digest,
)
from monitr.domain.import_run import (
    TRANSITIONS,
    ImportMode,
    ImportRun,
    ImportRunId,
    ImportStatus,
    ImportTrigger,
    RunEvent,
)
from monitr.domain.integration import Integration, IntegrationId, IntegrationStatus
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Principal, Role
from monitr.domain.timeline import TimelineEvent
from monitr.domain.words.sentence import Sentence

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINE = OrganisationId(UUID(int=1))

Row = TypeVar("Row", Integration, Authorization, Administration, ImportRun, Report)


# --- builders: a valid value, of which a test names only what it is about ------------------------------------------


def a_principal(**changes: Any) -> Principal:
    """Anna, who may do everything."""
    return replace(Principal(MINE, "anna", frozenset({Role.ORGANISATION_ADMIN})), **changes)


def an_integration(**changes: Any) -> Integration:
    """Connected an hour ago."""
    since = NOON - timedelta(hours=1)
    begun = Integration.begin(IntegrationId(uuid4()), MINE, since)
    return replace(begun.authorized(since, since + REFRESH_TOKEN_LIFETIME), **changes)


def an_integration_awaiting_consent(**changes: Any) -> Integration:
    return replace(Integration.begin(IntegrationId(uuid4()), MINE, NOON), **changes)


def an_administration(**changes: Any) -> Administration:
    """Selected at noon, never imported. ``integration_id`` is a fresh one unless it is given."""
    dossier = Dossier(DossierNumber(49555), "Demo BV", "BE0000000097")
    selected = Administration.select(AdministrationId(uuid4()), MINE, IntegrationId(uuid4()), dossier, NOON)
    return replace(selected, **changes)


def a_run(administration: Administration | None = None, **changes: Any) -> ImportRun:
    """Queued at noon, incremental, of that administration."""
    of = administration or an_administration()
    queued = ImportRun.queue(
        ImportRunId(uuid4()), of.organisation_id, of.id, ImportMode.INCREMENTAL, ImportTrigger.SYNC_NOW, NOON
    )
    return replace(queued, **changes)


def a_report(**changes: Any) -> Report:
    """Of sales and costs, as Anna left it at noon."""
    lines = (
        ReportLine("sales", "Sales", None, NormalSide.CREDIT),
        ReportLine("costs", "Costs", None, NormalSide.DEBIT),
    )
    rules = (MappingRule("sales", 700000, 709999), MappingRule("costs", 600000, 699999, "COST_CENTRE", "3"))
    return replace(Report(ReportId(uuid4()), MINE, "Margin", 1, lines, rules, NOON, "anna"), **changes)


def an_authorization(ticket: str = "ticket", **changes: Any) -> Authorization:
    """Asked for at noon, the start page not opened yet."""
    asked = Authorization(
        id=AuthorizationId(uuid4()),
        integration_id=IntegrationId(uuid4()),
        organisation_id=MINE,
        subject="anna",
        purpose=Purpose.CONNECT,
        return_to="http://localhost:3000/integrations",
        expires_at=NOON + AUTHORIZATION_LIFETIME,
        ticket=digest(ticket),
    )
    return replace(asked, **changes)


def some_tokens(**changes: Any) -> Tokens:
    return replace(Tokens("access-1", NOON + timedelta(minutes=10), "refresh-1"), **changes)


# --- the database ---------------------------------------------------------------------------------------------------


@dataclass
class State:
    """What is committed; or, in a unit of work, what it has changed."""

    integrations: dict[IntegrationId, Integration] = field(default_factory=dict)
    tokens: dict[IntegrationId, tuple[Tokens, datetime] | None] = field(default_factory=dict)
    authorizations: dict[AuthorizationId, Authorization] = field(default_factory=dict)
    administrations: dict[AdministrationId, Administration] = field(default_factory=dict)
    runs: dict[ImportRunId, ImportRun] = field(default_factory=dict)
    reports: dict[ReportId, Report | None] = field(default_factory=dict)
    """None: removed."""
    wake_ups: list[ImportRunId] = field(default_factory=list)
    purges: list[tuple[AdministrationId, datetime]] = field(default_factory=list)
    timeline: list[tuple[IntegrationId | AdministrationId, TimelineEvent]] = field(default_factory=list)
    asset_roles: dict[tuple[AdministrationId, int], AssetRole | None] = field(default_factory=dict)
    asset_plans: dict[tuple[AdministrationId, PlanTarget], DepreciationPlan | None] = field(default_factory=dict)
    audit: list[tuple[OrganisationId, AuditEntry]] = field(default_factory=list)


class FakeTransactions:
    """``transactions.integrations`` and so on hold what is committed; ``wake_ups`` and ``purges`` what was enqueued."""

    def __init__(
        self,
        integrations: Iterable[Integration] = (),
        authorizations: Iterable[Authorization] = (),
        administrations: Iterable[Administration] = (),
        runs: Iterable[ImportRun] = (),
        *,
        reports: Iterable[Report] = (),
        commit_fails: bool = False,
    ) -> None:
        self.committed = State(
            integrations={row.id: row for row in integrations},
            authorizations={row.id: row for row in authorizations},
            administrations={row.id: row for row in administrations},
            runs={row.id: row for row in runs},
            reports={row.id: row for row in reports},
        )
        self.commit_fails = commit_fails
        self.bookyears: dict[AdministrationId, set[int]] = {}
        """That were imported."""
        self.locks: dict[object, asyncio.Lock] = {}
        self.lock_orders: list[list[object]] = []
        """What each unit of work locked, in its order; a row is named by its id."""

    def integration(self, id: IntegrationId) -> Integration:
        return self.committed.integrations[id]

    def administration(self, id: AdministrationId) -> Administration:
        return self.committed.administrations[id]

    def authorization(self, id: AuthorizationId) -> Authorization:
        return self.committed.authorizations[id]

    def run(self, id: ImportRunId) -> ImportRun:
        return self.committed.runs[id]

    def tokens(self, id: IntegrationId) -> Tokens | None:
        stored = self.committed.tokens.get(id)
        return stored[0] if stored else None

    @property
    def integrations(self) -> list[Integration]:
        return list(self.committed.integrations.values())

    @property
    def authorizations(self) -> list[Authorization]:
        return list(self.committed.authorizations.values())

    @property
    def administrations(self) -> list[Administration]:
        return list(self.committed.administrations.values())

    @property
    def runs(self) -> list[ImportRun]:
        return list(self.committed.runs.values())

    @property
    def reports(self) -> list[Report]:
        return [row for row in self.committed.reports.values() if row is not None]

    @property
    def wake_ups(self) -> list[ImportRunId]:
        return self.committed.wake_ups

    @property
    def purges(self) -> list[tuple[AdministrationId, datetime]]:
        return self.committed.purges

    def timeline(self, id: IntegrationId | AdministrationId) -> list[TimelineEvent]:
        """What has happened to it, oldest first."""
        return [event for subject, event in self.committed.timeline if subject == id]

    def audit(self, organisation: OrganisationId = MINE) -> list[AuditEntry]:
        """Oldest first."""
        return [entry for owner, entry in self.committed.audit if owner == organisation]

    @asynccontextmanager
    async def __call__(self, organisation: OrganisationId | None = None) -> AsyncIterator["FakeWork"]:
        work = FakeWork(self, organisation)
        try:
            yield work
        finally:
            work.end()


class FakeWork:
    """Reads see the committed state with the unit's own changes over it; rows that are found stay locked."""

    def __init__(self, world: FakeTransactions, organisation: OrganisationId | None) -> None:
        self.world = world
        self.organisation = organisation
        self.changes = State()
        self.held: dict[object, asyncio.Lock] = {}
        self.ended = False
        self.integrations = FakeIntegrations(self)
        self.authorizations = FakeAuthorizations(self)
        self.administrations = FakeAdministrations(self)
        self.imports = FakeImportRuns(self)
        self.reports = FakeReports(self)
        self.jobs = FakeJobs(self)
        self.asset_settings = FakeAssetSettings(self)
        self.audit = FakeAuditTrail(self)

    async def lock(self, key: object) -> None:
        assert not self.ended, "the unit of work has ended with its commit"
        if key not in self.held:
            lock = self.world.locks.setdefault(key, asyncio.Lock())
            await lock.acquire()
            self.held[key] = lock

    def sees(self, row: Integration | Authorization | Administration | ImportRun | Report) -> bool:
        """Row-level security: the rows of the unit's organisation; without one, the rounds and the runs of all."""
        if self.organisation is None:
            return isinstance(row, Authorization | ImportRun)
        return row.organisation_id == self.organisation

    def allow(self, row: Row) -> Row:
        assert not self.ended, "the unit of work has ended with its commit"
        if not self.sees(row):
            raise PermissionError(f"row-level security refuses {type(row).__name__} to {self.organisation}")
        return row

    def visible(self, committed: Mapping[Any, Row], changed: Mapping[Any, Row]) -> list[Row]:
        return [row for row in {**committed, **changed}.values() if self.sees(row)]

    async def commit(self) -> None:
        if self.world.commit_fails:
            raise ConnectionError("the server closed the connection")
        committed, changes = self.world.committed, self.changes
        committed.integrations |= changes.integrations
        committed.tokens |= changes.tokens
        committed.authorizations |= changes.authorizations
        committed.administrations |= changes.administrations
        committed.runs |= changes.runs
        committed.reports |= changes.reports
        committed.wake_ups += changes.wake_ups
        committed.purges += changes.purges
        committed.timeline += changes.timeline
        committed.asset_roles |= changes.asset_roles
        committed.asset_plans |= changes.asset_plans
        committed.audit += changes.audit
        self.end()

    def end(self) -> None:
        """The locks go with the transaction."""
        self.ended = True
        self.release()

    def release(self) -> None:
        if self.held:
            self.world.lock_orders.append(list(self.held))
        while self.held:
            self.held.popitem()[1].release()


@dataclass
class FakeIntegrations:
    work: FakeWork

    def all(self) -> list[Integration]:
        return self.work.visible(self.work.world.committed.integrations, self.work.changes.integrations)

    async def find(self, organisation: OrganisationId, id: IntegrationId) -> Integration | None:
        await self.work.lock(id)
        return next((row for row in self.all() if row.id == id and row.organisation_id == organisation), None)

    async def save(self, integration: Integration) -> None:
        self.work.changes.integrations[integration.id] = self.work.allow(replace(integration, events=()))
        self.work.changes.timeline += [(integration.id, event) for event in integration.events]

    async def store_tokens(self, id: IntegrationId, tokens: Tokens, refresh_expires_at: datetime) -> None:
        self.work.changes.tokens[id] = (tokens, refresh_expires_at)

    async def erase_tokens(self, id: IntegrationId) -> None:
        self.work.changes.tokens[id] = None


@dataclass
class FakeAuthorizations:
    work: FakeWork

    def _all(self) -> list[Authorization]:
        return self.work.visible(self.work.world.committed.authorizations, self.work.changes.authorizations)

    async def by_ticket(self, ticket: bytes) -> Authorization | None:
        await self.work.lock(("round", ticket))
        return next((row for row in self._all() if row.ticket == ticket), None)

    async def by_state(self, state: bytes) -> Authorization | None:
        found = next((row for row in self._all() if row.state == state), None)
        if found is not None:
            await self.work.lock(("round", found.ticket))
        return next((row for row in self._all() if row.state == state), None)

    async def save(self, authorization: Authorization) -> None:
        self.work.changes.authorizations[authorization.id] = self.work.allow(authorization)

    async def expired(self, now: datetime) -> Sequence[Authorization]:
        due = [row for row in self._all() if row.consumed_at is None and row.expires_at <= now]
        locks = self.work.world.locks
        free = [row for row in due if (lock := locks.get(("round", row.ticket))) is None or not lock.locked()]
        for row in free:
            await self.work.lock(("round", row.ticket))
        return free


@dataclass
class FakeAdministrations:
    work: FakeWork

    def _all(self, organisation: OrganisationId) -> list[Administration]:
        rows = self.work.visible(self.work.world.committed.administrations, self.work.changes.administrations)
        return [row for row in rows if row.organisation_id == organisation]

    async def find(self, organisation: OrganisationId, id: AdministrationId) -> Administration | None:
        await self.work.lock(id)
        return next((row for row in self._all(organisation) if row.id == id), None)

    async def with_integration(
        self, organisation: OrganisationId, ids: Collection[AdministrationId]
    ) -> Mapping[AdministrationId, tuple[Administration, Integration | None]]:
        assert not self.work.held, "it may begin anew: nothing has been locked or saved before"

        def wanted() -> list[Administration]:
            return [row for row in self._all(organisation) if row.id in ids]

        while True:
            integrations = {row.integration_id for row in wanted()}
            for key in [*sorted(integrations), *sorted(row.id for row in wanted())]:
                await self.work.lock(key)
            if {row.integration_id for row in wanted()} <= integrations:
                owners = {row.id: row for row in self.work.integrations.all() if row.organisation_id == organisation}
                return {row.id: (row, owners.get(row.integration_id)) for row in wanted()}
            self.work.release()

    async def of_dossiers(
        self, organisation: OrganisationId, dossiers: Sequence[DossierNumber]
    ) -> dict[DossierNumber, Administration]:
        await self.work.lock(("selections", organisation))
        rows = [row for row in self._all(organisation) if row.dossier in dossiers]
        live_last = sorted(rows, key=lambda row: (row.is_alive, row.purge_after or NOON, row.created_at))
        return {row.dossier: row for row in live_last}

    async def of_integration(
        self, organisation: OrganisationId, integration: IntegrationId, *, removed: bool = False
    ) -> Sequence[Administration]:
        def live() -> list[Administration]:
            rows = self._all(organisation)
            mine = [row for row in rows if row.integration_id == integration and row.is_alive is not removed]
            return sorted(mine, key=lambda row: row.dossier)

        for row in live():
            await self.work.lock(row.id)
        return live()

    async def bookyears(
        self, organisation: OrganisationId, ids: Collection[AdministrationId]
    ) -> Mapping[AdministrationId, Collection[int]]:
        known = self.work.world.bookyears
        return {row.id: known[row.id] for row in self._all(organisation) if row.id in ids and row.id in known}

    async def save(self, administration: Administration) -> None:
        self.work.changes.administrations[administration.id] = self.work.allow(replace(administration, events=()))
        self.work.changes.timeline += [(administration.id, event) for event in administration.events]


@dataclass
class FakeImportRuns:
    work: FakeWork

    def _all(self) -> list[ImportRun]:
        return self.work.visible(self.work.world.committed.runs, self.work.changes.runs)

    async def find(self, organisation: OrganisationId, id: ImportRunId) -> ImportRun | None:
        await self.work.lock(id)
        return next((row for row in self._all() if row.id == id and row.organisation_id == organisation), None)

    async def administration_of(self, organisation: OrganisationId, id: ImportRunId) -> AdministrationId | None:
        mine = (row for row in self._all() if row.id == id and row.organisation_id == organisation)
        return next((row.administration_id for row in mine), None)

    async def active(self, administration: AdministrationId) -> ImportRun | None:
        def unfinished() -> ImportRun | None:
            rows = [row for row in self._all() if row.administration_id == administration]
            return next((row for row in rows if not row.status.is_final), None)

        if (run := unfinished()) is not None:
            await self.work.lock(run.id)
        return unfinished()

    async def last_ended(self, administration: AdministrationId) -> ImportRun | None:
        ended = [row for row in self._all() if row.administration_id == administration and row.finished_at is not None]
        return max(ended, key=lambda row: row.finished_at or NOON, default=None)

    async def add(self, run: ImportRun) -> None:
        if await self.active(run.administration_id) is not None:
            raise ValueError("an administration has one active run at most")
        await self.save(run)

    async def save(self, run: ImportRun) -> None:
        self.work.changes.runs[run.id] = self.work.allow(run)
        if run.status is ImportStatus.QUEUED:
            self.work.changes.wake_ups.append(run.id)


@dataclass
class FakeReports:
    work: FakeWork

    def _of(self, organisation: OrganisationId, id: ReportId) -> Report | None:
        row = {**self.work.world.committed.reports, **self.work.changes.reports}.get(id)
        is_seen = row is not None and row.organisation_id == organisation == self.work.organisation
        return row if is_seen else None

    async def find(self, organisation: OrganisationId, id: ReportId) -> Report | None:
        await self.work.lock(id)
        return self._of(organisation, id)

    async def save(self, report: Report) -> None:
        self.work.changes.reports[report.id] = self.work.allow(report)

    async def remove(self, organisation: OrganisationId, id: ReportId) -> None:
        if self._of(organisation, id) is not None:
            self.work.changes.reports[id] = None


@dataclass
class FakeJobs:
    work: FakeWork

    async def purge(self, id: AdministrationId, not_before: datetime) -> None:
        self.work.changes.purges.append((id, not_before))


@dataclass
class FakeAssetSettings:
    work: FakeWork

    async def set_role(self, id: AdministrationId, account: int, role: AssetRole | None) -> None:
        if self._is_own(id):
            self.work.changes.asset_roles[id, account] = role

    async def set_plan(self, id: AdministrationId, target: PlanTarget, plan: DepreciationPlan | None) -> None:
        if self._is_own(id):
            self.work.changes.asset_plans[id, target] = plan

    def _is_own(self, id: AdministrationId) -> bool:
        row = self.work.world.committed.administrations.get(id)
        return row is not None and self.work.sees(row)


@dataclass
class FakeAuditTrail:
    work: FakeWork

    async def append(self, *entries: AuditEntry) -> None:
        assert not self.work.ended, "the unit of work has ended with its commit"
        if self.work.organisation is None:
            raise LookupError("an entry of the audit trail belongs to an organisation")
        self.work.changes.audit += [(self.work.organisation, entry) for entry in entries]


# --- the workers ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FakeClaim:
    run_id: ImportRunId
    organisation_id: OrganisationId
    fence: int
    attempt: int


GIVEN_BACK = datetime.min.replace(tzinfo=UTC)


class FakeLeases:
    def __init__(self, world: FakeTransactions, clock: Clock) -> None:
        self.world = world
        self.clock = clock
        self.leases: dict[ImportRunId, tuple[int, datetime]] = {}
        """The fence and the end of the newest lease of each run; one that was given back ended in the year 1."""
        self.handed_over: dict[ImportRunId, datetime] = {}

    def _is_due(self, run: ImportRun) -> bool:
        administration = self.world.committed.administrations.get(run.administration_id)
        if administration is None or not administration.is_alive or run.status.is_final:
            return False
        fence_until = self.leases.get(run.id)
        if fence_until is not None and fence_until[1] > self.clock():
            return False
        if run.status is not ImportStatus.WAITING:
            return True
        goes_on_at = run.goes_on_at(self.clock())
        return goes_on_at is not None and goes_on_at <= self.clock()

    def _is_abandoned(self, run: ImportRun) -> bool:
        return run.id in self.leases and self.leases[run.id][1] != GIVEN_BACK

    async def claim(self, id: ImportRunId | None, worker: str, lease: timedelta) -> FakeClaim | None:
        runs = self.world.runs
        running = Counter(
            run.organisation_id for run in runs if (held := self.leases.get(run.id)) and held[1] > self.clock()
        )
        due = [run for run in runs if self._is_due(run) and id in (None, run.id)]
        chosen = min(
            due,
            key=lambda run: (
                not self._is_abandoned(run),
                running[run.organisation_id],
                self.handed_over.get(run.id, run.queued_at),
            ),
            default=None,
        )
        if chosen is None:
            return None
        fence = self.leases.get(chosen.id, (0, self.clock()))[0] + 1
        self.leases[chosen.id] = (fence, self.clock() + lease)
        return FakeClaim(chosen.id, chosen.organisation_id, fence, attempt=fence)

    async def release(self, claim: Claim) -> None:
        if self.leases[claim.run_id][0] != claim.fence:
            return
        self.leases[claim.run_id] = (claim.fence, GIVEN_BACK)
        run = self.world.run(claim.run_id)
        if (after := TRANSITIONS[RunEvent.HANDED_OVER].get(run.status)) is not None:
            self.world.committed.runs[run.id] = replace(run, status=after)
            self.world.wake_ups.append(run.id)
            self.handed_over[run.id] = self.clock()

    async def is_wanted(self, claim: Claim, *, abandoned: bool) -> bool:
        others = [run for run in self.world.runs if run.id != claim.run_id and self._is_due(run)]
        return any(not abandoned or self._is_abandoned(run) for run in others)


# --- Octopus --------------------------------------------------------------------------------------------------------


@dataclass
class FakeOctopusLogin:
    """Codes in ``grants`` can be exchanged, once."""

    grants: dict[str, Tokens] = field(default_factory=dict)
    is_configured: bool = True
    fails: OctopusError | None = None
    exchanged: list[tuple[str, str | None]] = field(default_factory=list)
    """Each code that was asked about, with its verifier."""

    def new_verifier(self) -> str | None:
        return "verifier"

    def authorize_url(self, state: str, verifier: str | None) -> str:
        return f"{self.origin}/authorize?state={state}"

    @property
    def origin(self) -> str:
        return "http://octopus.test"

    def is_issuer(self, issuer: str) -> bool:
        return issuer == self.origin

    async def exchange(self, code: str, verifier: str | None) -> Tokens:
        self.exchanged.append((code, verifier))
        if self.fails is not None:
            raise self.fails
        if code not in self.grants:
            raise GrantRejected("the code is not valid")
        return self.grants.pop(code)


@dataclass
class FakeOctopus:
    """One login: ``listed`` is what it sees, ``refusals`` what cannot be opened, ``opened`` what can."""

    listed: tuple[Dossier, ...] = ()
    unreadable: int = 0
    refusals: Mapping[DossierNumber, str] = field(default_factory=dict)
    opened: Mapping[DossierNumber, OpenDossier] = field(default_factory=dict)
    fails: OctopusError | None = None
    rests: float = 0.0
    """Seconds, before it opens a dossier."""
    listed_for: list[IntegrationId] = field(default_factory=list)

    async def dossiers(self, integration: IntegrationId) -> ListedDossiers:
        self.listed_for.append(integration)
        return await self.dossiers_with("")

    async def dossiers_with(self, access_token: str) -> ListedDossiers:
        if self.fails is not None:
            raise self.fails
        return ListedDossiers(self.listed, self.unreadable)

    async def refusal(
        self, integration: IntegrationId, dossier: DossierNumber, *, lately: bool = False
    ) -> Sentence | None:
        if self.fails is not None:
            raise self.fails
        return Sentence.verbatim(self.refusals[dossier]) if dossier in self.refusals else None

    async def reach(self, integration: IntegrationId, dossier: DossierNumber) -> None:
        if self.fails is not None:
            raise self.fails
        if dossier in self.refusals:
            raise DossierRefused(Sentence.verbatim(self.refusals[dossier]))
        if dossier not in self.opened and all(dossier != each.number for each in self.listed):
            raise DossierNotFound("Octopus does not know this dossier")

    async def reach_with(self, access_token: str, integration: IntegrationId, dossier: DossierNumber) -> None:
        await self.reach(integration, dossier)

    @asynccontextmanager
    async def open(
        self, integration: IntegrationId, dossier: DossierNumber, pause: Pause | None = None
    ) -> AsyncIterator[OpenDossier]:
        if self.fails is not None:
            raise self.fails
        if dossier in self.refusals:
            raise DossierRefused(Sentence.verbatim(self.refusals[dossier]))
        if dossier not in self.opened:
            raise DossierNotFound("Octopus does not know this dossier")
        if pause is not None and self.rests:
            await pause(self.rests)
        yield self.opened[dossier]


@dataclass
class FakeCredentials:
    """The tokens of the world's integrations; where one expired or is refused, ``refreshed`` gives the next."""

    world: FakeTransactions
    refreshed: list[Tokens] = field(default_factory=list)

    async def access_token(self, integration: IntegrationId, rejected: str | None = None) -> str:
        tokens = self.world.tokens(integration)
        if tokens is None or self.world.integration(integration).status is not IntegrationStatus.CONFIGURED:
            raise AuthorizationRejected("the user has to reconnect")
        if tokens.access_token != rejected:
            return tokens.access_token
        if not self.refreshed:
            self.world.committed.integrations[integration] = self.world.integration(integration).rejected()
            raise AuthorizationRejected("the refresh token is not accepted")
        fresh = self.refreshed.pop(0)
        self.world.committed.tokens[integration] = (fresh, NOON + REFRESH_TOKEN_LIFETIME)
        return fresh.access_token


class FakeQuota:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.calls: Counter[tuple[object, ...]] = Counter()
        self.stopped: set[tuple[object, ...]] = set()

    def _key(self, integration: IntegrationId, dossier: DossierNumber | None, operation: str) -> tuple[object, ...]:
        return (integration if dossier is None else dossier, operation, self._midnight())

    def _midnight(self) -> datetime:
        """The next one in Brussels, in UTC."""
        tomorrow = self.clock().astimezone(ZoneInfo("Europe/Brussels")) + timedelta(days=1)
        return tomorrow.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)

    async def count(
        self, integration: IntegrationId, dossier: DossierNumber | None, operation: str, limit: int
    ) -> None:
        key = self._key(integration, dossier, operation)
        if key in self.stopped or self.calls[key] >= limit:
            raise QuotaSpent(operation, self._midnight())
        self.calls[key] += 1

    async def left(self, integration: IntegrationId, dossier: DossierNumber | None, operation: str, limit: int) -> int:
        key = self._key(integration, dossier, operation)
        return 0 if key in self.stopped else max(0, limit - self.calls[key])

    async def stop(self, integration: IntegrationId, dossier: DossierNumber | None, operation: str) -> QuotaSpent:
        self.stopped.add(self._key(integration, dossier, operation))
        return QuotaSpent(operation, self._midnight())


def _the_fakes_serve_the_ports(world: FakeTransactions, clock: Clock) -> tuple[object, ...]:
    """Checked by the type checker, never called."""
    transactions: Transactions = world
    leases: Leases = FakeLeases(world, clock)
    login: OctopusLogin = FakeOctopusLogin()
    octopus: Octopus = FakeOctopus()
    credentials: Credentials = FakeCredentials(world)
    calls: Quota = FakeQuota(clock)
    return transactions, leases, login, octopus, credentials, calls
