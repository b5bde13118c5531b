"""One administration of one dossier, from run to run: the use case on fakes, with a clock that a test moves."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from monitr.application.importing.import_dossier import ImportDossier
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.verification import Check, CheckCode, VerificationStatus
from monitr.domain.administration import Administration
from monitr.domain.import_run import Dataset, DatasetImportStatus, ImportMode, ImportRun, ImportRunId
from tests.unit.fakes import NOON, FakeClaim, FakeOctopus, FakeTransactions, a_run, an_administration, an_integration
from tests.unit.importing.fake_claim import FakeDatabase
from tests.unit.importing.fake_dossier import FakeDossier, small_books
from tests.unit.importing.fake_import_store import open_import_store
from tests.unit.importing.imported import Imported, numbered


@dataclass
class Story:
    dossier: FakeDossier = field(default_factory=small_books)
    now: datetime = NOON
    pauses: list[float] = field(default_factory=list)
    meanwhile: Callable[[], None] = field(default=lambda: None)
    octopus: FakeOctopus = field(init=False)
    transactions: FakeTransactions = field(init=False)
    database: FakeDatabase = field(init=False)

    def __post_init__(self) -> None:
        integration = an_integration()
        administration = an_administration(integration_id=integration.id)
        self.octopus = FakeOctopus(opened={administration.dossier: self.dossier})
        self.transactions = FakeTransactions([integration], administrations=[administration])
        self.database = FakeDatabase(self.transactions)
        self.dossier.clock = lambda: self.now

    @property
    def administration(self) -> Administration:
        return self.transactions.administrations[0]

    @administration.setter
    def administration(self, administration: Administration) -> None:
        self.transactions.committed.administrations[administration.id] = administration

    @property
    def imported(self) -> Imported:
        return self.database.imported[self.administration.id]

    @property
    def run(self) -> ImportRun:
        """The latest."""
        return self.transactions.runs[-1]

    @run.setter
    def run(self, run: ImportRun) -> None:
        self.transactions.committed.runs[run.id] = run

    @property
    def agrees(self) -> bool:
        """Whether the ledger holds what Octopus's books hold."""
        return self.imported.ledger == numbered(line for lines in self.dossier.books.values() for line in lines)

    async def sync(self, mode: ImportMode = ImportMode.INCREMENTAL) -> ImportRun:
        """A minute later, another run."""
        self.queue(mode)
        return await self.work()

    def queue(self, mode: ImportMode = ImportMode.INCREMENTAL) -> None:
        self.now += timedelta(minutes=1)
        self.run = a_run(self.administration, id=ImportRunId(uuid4()), mode=mode, queued_at=self.now)

    async def work(self) -> ImportRun:
        """A worker takes the latest run up, for the first time or again."""
        await self.importer()(self.claim())
        return self.run

    def importer(self) -> ImportDossier:
        open_store = partial(open_import_store, self.database)
        return ImportDossier(self.transactions, self.octopus, open_store, lambda: self.now, pause=self.pause)

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.meanwhile()

    def claim(self) -> FakeClaim:
        fence = self.database.claimed(self.run.id)
        return FakeClaim(self.run.id, self.run.organisation_id, fence, attempt=fence)

    def wait_for(self, run: ImportRun) -> None:
        """Until it goes on."""
        assert run.resume_at is not None
        self.now = run.resume_at

    def check(self, code: CheckCode) -> Check:
        assert self.run.verification is not None
        return next(check for check in self.run.verification.checks if check.code is code)

    def failed_checks(self) -> dict[CheckCode, VerificationStatus]:
        assert self.run.verification is not None
        return {
            check.code: check.status
            for check in self.run.verification.checks
            if check.status in (VerificationStatus.FAILED, VerificationStatus.WARNING)
        }

    @property
    def notes(self) -> list[str]:
        return list(map(str, self.imported.notes[self.run.id]))

    def status_of(self, dataset: Dataset) -> DatasetImportStatus:
        return self.run.datasets[dataset].status

    def changes(self) -> dict[BookingKey, str]:
        """Of the latest run."""
        return {key: kind for (run, key), kind in self.imported.changes.items() if run == self.run.id}

    def ask_for_cancellation(self) -> None:
        self.run = replace(self.run, cancel_requested=True)


async def after_a_first_import(dossier: FakeDossier | None = None) -> Story:
    """Everything in, verified, and Octopus's log of questions empty again."""
    story = Story(dossier or small_books())
    await story.sync()
    story.dossier.calls.clear()
    story.dossier.errors.clear()
    story.now += timedelta(hours=1)
    return story
