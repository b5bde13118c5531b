"""What the use cases need from the world. Adapters implement these; fakes in the tests do too."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from monitr.domain.accounting.asset_accounts import AssetRole
from monitr.domain.accounting.asset_settings import PlanTarget
from monitr.domain.accounting.depreciation import DepreciationPlan
from monitr.domain.accounting.statements.own_reports import Report, ReportId
from monitr.domain.administration import Administration, DossierNumber
from monitr.domain.audit import AuditEntry
from monitr.domain.authorization import Authorization, Tokens
from monitr.domain.import_run import ImportRun, ImportRunId
from monitr.domain.integration import Integration, IntegrationId
from monitr.domain.organisation import AdministrationId, OrganisationId

Clock = Callable[[], datetime]
"""Now, in UTC."""
NewId = Callable[[], UUID]
"""A fresh id, never given before."""
NewSecret = Callable[[], str]
"""256 random bits, URL-safe."""


class Integrations(Protocol):
    """A caller sees only those of the organisation it names."""

    async def find(self, organisation: OrganisationId, id: IntegrationId) -> Integration | None:
        """The integration, in whatever state, locked until the unit of work ends; None where there is no such one."""
        ...

    async def save(self, integration: Integration) -> None:
        """Insert or replace, with its events on its timeline, visible to others when the unit of work commits."""
        ...

    async def store_tokens(self, id: IntegrationId, tokens: Tokens, refresh_expires_at: datetime) -> None:
        """Encrypt and keep them, in place of what was there."""
        ...

    async def erase_tokens(self, id: IntegrationId) -> None:
        """Nothing of them is left in the database after the commit."""
        ...


class Authorizations(Protocol):
    """The OAuth rounds under way. Found by a digest of a secret, whatever the organisation."""

    async def by_ticket(self, ticket: bytes) -> Authorization | None:
        """Locked until the unit of work ends."""
        ...

    async def by_state(self, state: bytes) -> Authorization | None:
        """Locked until the unit of work ends, so that of two callbacks with one state only one finds it open."""
        ...

    async def save(self, authorization: Authorization) -> None: ...

    async def expired(self, now: datetime) -> Sequence[Authorization]:
        """The unconsumed rounds whose time is over, locked; those that another sweeps at the moment are left out."""
        ...


class Administrations(Protocol):
    """A caller sees only those of the organisation it names."""

    async def find(self, organisation: OrganisationId, id: AdministrationId) -> Administration | None:
        """The administration, deleted ones included, locked until the unit of work ends."""
        ...

    async def with_integration(
        self, organisation: OrganisationId, ids: Collection[AdministrationId]
    ) -> Mapping[AdministrationId, tuple[Administration, Integration | None]]:
        """Those that there are, deleted ones included, each with the integration that it belongs to, where that is the
        organisation's; all locked until the unit of work ends, first the integrations and then the administrations, in
        one order for everybody.

        To be asked before the unit of work has locked or saved anything: it may begin anew, where an administration
        has moved to another integration while the one before was waited for."""
        ...

    async def of_dossiers(
        self, organisation: OrganisationId, dossiers: Sequence[DossierNumber]
    ) -> dict[DossierNumber, Administration]:
        """Those of the given dossiers: the live one, else the one that was deleted last. The organisation's selections
        are serialised by it: a second caller waits until the first one's unit of work ends."""
        ...

    async def of_integration(
        self, organisation: OrganisationId, integration: IntegrationId, *, removed: bool = False
    ) -> Sequence[Administration]:
        """The live ones, or the removed ones, by dossier number, locked until the unit of work ends."""
        ...

    async def bookyears(
        self, organisation: OrganisationId, ids: Collection[AdministrationId]
    ) -> Mapping[AdministrationId, Collection[int]]:
        """The numbers of the bookyears that were imported for each; those without any are left out."""
        ...

    async def save(self, administration: Administration) -> None:
        """Insert or replace, with its events on its timeline."""
        ...


class ImportRuns(Protocol):
    """The runs. Saving a run that has to be worked on writes its wake-up into the outbox, in the same transaction."""

    async def find(self, organisation: OrganisationId, id: ImportRunId) -> ImportRun | None:
        """The run, locked until the unit of work ends."""
        ...

    async def administration_of(self, organisation: OrganisationId, id: ImportRunId) -> AdministrationId | None:
        """Whose run it is, which never changes; nothing is locked. For locking that administration before the run."""
        ...

    async def active(self, administration: AdministrationId) -> ImportRun | None:
        """The one that is QUEUED, RUNNING or WAITING, locked; there is at most one."""
        ...

    async def last_ended(self, administration: AdministrationId) -> ImportRun | None:
        """The one that ended last."""
        ...

    async def add(self, run: ImportRun) -> None:
        """Queue it. Its wake-up is published after the commit, or not at all."""
        ...

    async def save(self, run: ImportRun) -> None: ...


class Reports(Protocol):
    """The reports of one's own. A caller sees only those of the organisation it names."""

    async def find(self, organisation: OrganisationId, id: ReportId) -> Report | None:
        """The report, locked until the unit of work ends, so that of two editors the second finds what the first made
        of it."""
        ...

    async def save(self, report: Report) -> None:
        """Insert or replace."""
        ...

    async def remove(self, organisation: OrganisationId, id: ReportId) -> None: ...


class Jobs(Protocol):
    """Work to be done later, by whichever worker is free. Enqueued with the commit or not at all."""

    async def purge(self, id: AdministrationId, not_before: datetime) -> None: ...


class AssetSettingsStore(Protocol):
    """What users have set about the fixed assets of an administration; of another organisation's, nothing changes."""

    async def set_role(self, id: AdministrationId, account: int, role: AssetRole | None) -> None:
        """In place of what was set for the account; None takes it away."""
        ...

    async def set_plan(self, id: AdministrationId, target: PlanTarget, plan: DepreciationPlan | None) -> None:
        """As ``set_role``, for a category or an asset."""
        ...


class AuditTrail(Protocol):
    """Who did what, kept apart from what they did it to. What is in it is never changed."""

    async def append(self, *entries: AuditEntry) -> None:
        """In this order, as of now; with the commit of what they tell of, or not at all."""
        ...


class UnitOfWork(Protocol):
    """One transaction. Leaving it without ``commit()`` undoes everything."""

    @property
    def integrations(self) -> Integrations: ...

    @property
    def authorizations(self) -> Authorizations: ...

    @property
    def administrations(self) -> Administrations: ...

    @property
    def imports(self) -> ImportRuns: ...

    @property
    def reports(self) -> Reports: ...

    @property
    def jobs(self) -> Jobs: ...

    @property
    def asset_settings(self) -> AssetSettingsStore: ...

    @property
    def audit(self) -> AuditTrail: ...

    async def commit(self) -> None: ...


class Transactions(Protocol):
    def __call__(self, organisation: OrganisationId | None = None) -> AbstractAsyncContextManager[UnitOfWork]:
        """A unit of work for one organisation: row-level security refuses every row of another.

        Without an organisation it reaches only the OAuth rounds and the runs and leases of all: for callbacks, which
        learn the organisation from the round, and for workers.
        """
        ...


class Leases(Protocol):
    """Who works on which run. A claim holds for ``lease`` and is renewed by its holder (decision 3)."""

    async def claim(self, id: ImportRunId | None, worker: str, lease: timedelta) -> "Claim | None":
        """That run, or, without an id, one that is due and not leased to a living worker: first what a dead worker left
        behind, then fair between organisations, then the one that has waited longest.

        None where there is none, or no room for it. The fencing token rises with every claim, so a former holder cannot
        write any more.
        """
        ...

    async def release(self, claim: "Claim") -> None:
        """Give it back; the run may be claimed at once by anybody. One that was under way is QUEUED again, announced,
        and queues up behind those that wait."""
        ...

    async def is_wanted(self, claim: "Claim", *, abandoned: bool) -> bool:
        """Whether another run could be claimed if this one were given back; with ``abandoned``, only one whose worker
        has died counts."""
        ...


class Claim(Protocol):
    """A run that this worker holds."""

    @property
    def run_id(self) -> ImportRunId: ...

    @property
    def organisation_id(self) -> OrganisationId: ...

    @property
    def fence(self) -> int: ...

    @property
    def attempt(self) -> int:
        """How often the run has been claimed, this claim included."""
        ...


MakeWay = Callable[[Claim], Awaitable[bool]]
"""Asked at the checkpoints of a run: whether it had better end here, to be gone on with by whoever is free."""


async def never_make_way(claim: Claim) -> bool:
    """Of a run that nobody else waits for."""
    return False
