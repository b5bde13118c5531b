"""What all stores in memory share, and the part of it that one claim may write."""

from collections import defaultdict
from dataclasses import dataclass, replace

from monitr.application.importing.ports import LeaseLost
from monitr.application.ports import Claim
from monitr.domain.administration import Administration
from monitr.domain.import_run import ImportRun, ImportRunId
from tests.unit.fakes import FakeTransactions
from tests.unit.importing.imported import Imported


class FakeDatabase:
    """What all stores share. ``fences`` holds the newest fencing token of each run; runs and administrations are those
    of ``world``. ``crash_before_commit`` counts the commits of lines down to the one that the process does not live to
    see."""

    def __init__(self, world: FakeTransactions) -> None:
        self.world = world
        self.fences: dict[ImportRunId, int] = {}
        self.imported: defaultdict[object, Imported] = defaultdict(Imported)
        self.saved: list[ImportRun] = []
        self.crash_before_commit: int | None = None

    def claimed(self, run: ImportRunId) -> int:
        """The fence of a new claim."""
        self.fences[run] = self.fences.get(run, 0) + 1
        return self.fences[run]


@dataclass
class ClaimedData:
    database: FakeDatabase
    claim: Claim
    administration: Administration

    @property
    def imported(self) -> Imported:
        return self.database.imported[self.administration.id]

    def hold(self) -> None:
        if self.database.fences[self.claim.run_id] != self.claim.fence:
            raise LeaseLost

    def save_run(self, run: ImportRun) -> bool:
        self.hold()
        stored = self.database.world.run(run.id)
        self.database.world.committed.runs[run.id] = replace(run, cancel_requested=stored.cancel_requested)
        self.database.saved.append(run)
        return stored.cancel_requested
