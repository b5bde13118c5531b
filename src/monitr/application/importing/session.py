"""A run while it is worked on: its state, what it has read, and how far it is."""

from asyncio import Lock, sleep
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from monitr.application.importing.ports import ImportStore, LastRead
from monitr.application.octopus import Pause, QuotaSpent
from monitr.application.ports import Clock
from monitr.domain.accounting.ledger import OddRecord
from monitr.domain.accounting.verification import Verification
from monitr.domain.administration import Administration, AdministrationStatus
from monitr.domain.explanation import Explanation
from monitr.domain.import_run import Counts, Dataset, DatasetImportStatus, ImportMode, ImportRun
from monitr.domain.timeline import Agent, Cause
from monitr.domain.words.sentence import Sentence

Answer = TypeVar("Answer")

PAUSES = (3.0, 180.0)
"""Seconds between the readings of one answer that only the import can judge: it broke off in the middle, is none, or
contradicts others. Where none comes, that is over already (``adapters/octopus/retries.py``)."""
REST = 10.0
"""Seconds after which somebody who rests looks whether the run is still wanted."""


class CancellationRequested(Exception):
    """Somebody has asked for the cancellation of the run; this is the next checkpoint."""


class HandOverRequested(Exception):
    """Somebody else goes on with the run, from the checkpoint that it has just reached."""


async def _nobody_waits() -> bool:
    return False


@dataclass(slots=True)
class ImportSession:
    """Mutable on purpose: the one object that a run changes while it goes on. Every save is a checkpoint."""

    run: ImportRun
    administration: Administration
    store: ImportStore
    clock: Clock
    known_differences: str | None = None
    """What the run before could not reconcile with Octopus's totals."""
    items_agreed: bool = True
    """The run before found the open items in the balances of their accounts."""
    read_before: Mapping[Dataset, LastRead] = field(default_factory=dict[Dataset, LastRead])
    """When earlier runs read each dataset last."""
    read: dict[Dataset, LastRead] = field(default_factory=dict)
    silent: set[Dataset] = field(default_factory=set)
    """Datasets whose changes were asked for, and no document came: "nothing has changed", or nobody's answer."""
    left_out: set[Dataset] = field(default_factory=set)
    """Datasets of which a whole list came with nothing in it."""
    unread: dict[int, Sentence] = field(default_factory=dict)
    """Bookyears that could not be read, or not in whole, and why."""
    make_way: Callable[[], Awaitable[bool]] = _nobody_waits
    """Whether the worker wants the run to end at its next checkpoint."""
    is_resumed: bool = False
    """Taken up again a moment after it was interrupted or handed over: what it has read stands."""
    pause: Pause = sleep
    """Waits for so many seconds."""
    saving: Lock = field(default_factory=Lock)
    """Held while the run is saved: one chunk may be published while the next arrives."""

    @property
    def is_full(self) -> bool:
        return self.run.mode is ImportMode.FULL

    @property
    def since(self) -> datetime | None:
        """Changes are read from here on (UTC); None: everything."""
        return None if self.is_full else self.administration.watermark

    def since_of(self, dataset: Dataset) -> datetime | None:
        """``since``, or the earlier moment at which Octopus gave a document of the dataset: runs may have skipped it
        since then, or heard nothing that proves that there was nothing."""
        before = self.read_before.get(dataset)
        return None if self.since is None or before is None else min(self.since, before.heard_at)

    def has_read(self, dataset: Dataset) -> bool:
        """Whether the run had read it before it was taken up again; then the dataset is as old as the run."""
        progress = self.run.datasets.get(dataset)
        if not self.is_resumed or progress is None or progress.status is not DatasetImportStatus.SUCCEEDED:
            return False
        self._was_read(dataset, self.run.watermark or self.run.queued_at)
        return True

    def _was_read(self, dataset: Dataset, at: datetime) -> None:
        """Heard as of the watermark, which is Octopus's time; not at all where it was silent."""
        before = self.read_before.get(dataset)
        heard_at = before.heard_at if before is not None and dataset in self.silent else self.run.watermark or at
        self.read[dataset] = LastRead(at, heard_at)

    def became(self, run: ImportRun) -> None:
        """The run as it is now; it has been saved, or is with what comes next."""
        self.run = run

    async def patiently(
        self, read: Callable[[], Awaitable[Answer]], *broken: type[Exception], but: tuple[type[Exception], ...] = ()
    ) -> Answer:
        """Read again, twice in three minutes, where an answer is ``broken``; ``but`` for what will not change."""
        for seconds in PAUSES:
            try:
                return await read()
            except but:
                raise
            except broken:
                await self.rest(seconds)
        return await read()

    async def rest(self, seconds: float) -> None:
        """Raises CancellationRequested soon after somebody has asked for it."""
        while seconds > 0:
            await self.pause(min(seconds, REST))
            seconds -= REST
            async with self.saving:
                await self.save(self.run)

    async def save(self, run: ImportRun) -> None:
        """Raises CancellationRequested where the run goes on but should not."""
        self.became(run)
        cancel = await self.store.record.save(run)
        if cancel and not run.status.is_final:
            raise CancellationRequested

    async def dataset(self, dataset: Dataset, status: DatasetImportStatus, counts: Counts | None = None) -> None:
        """What begins is saved at once, what has ended with whatever comes next."""
        if status is DatasetImportStatus.SUCCEEDED:
            self._was_read(dataset, self.clock())
        self.became(self.run.dataset(dataset, status, counts))
        if status is DatasetImportStatus.RUNNING:
            await self.save(self.run)

    async def read_unless_spent(self, dataset: Dataset, read: Callable[[], Awaitable[Counts]]) -> None:
        """The dataset keeps its last state where Octopus's daily maximum is spent (SKIPPED), and the run goes on
        (decision 8); nor is it read again where the run had read it before it was taken up again."""
        if self.has_read(dataset):
            return
        await self.dataset(dataset, DatasetImportStatus.RUNNING)
        try:
            counts = await read()
        except QuotaSpent:
            await self.dataset(dataset, DatasetImportStatus.SKIPPED)
        else:
            await self.dataset(dataset, DatasetImportStatus.SUCCEEDED, counts)

    async def show(self, dataset: Dataset, counts: Counts) -> None:
        """Progress that is not a checkpoint: what is under way on top of what is done."""
        async with self.saving:
            await self.store.record.save(self.run.dataset(dataset, DatasetImportStatus.RUNNING, counts))

    async def begin_with_oldest(self) -> None:
        """Reports begin with the oldest complete bookyear, once its opening is recognised."""
        complete = await self.store.ledger.complete_bookyears()
        oldest = complete[0].start if complete else None
        if oldest != self.administration.complete_from:
            async with self.saving:
                self.administration = replace(self.administration, complete_from=oldest)
                await self.store.record.save(self.run, self.administration)

    async def advance(self, progress: float) -> None:
        await self.save(self.run.advanced(progress))

    async def report(self, odd: Sequence[OddRecord]) -> None:
        if odd:
            await self.store.record.note(
                [
                    Sentence.of("note.ODD_RECORD", operation=it.operation, record=it.position, problem=it.problem)
                    for it in odd
                ]
            )

    async def wait(self, until: datetime, reason: Explanation) -> None:
        """It goes on by itself then, unless somebody has asked for its cancellation meanwhile."""
        await self._waits(self.run.wait(until, reason))

    async def _waits(self, run: ImportRun) -> None:
        try:
            await self.save(run)
        except CancellationRequested:
            await self.cancel()

    async def wait_for_octopus(self, reason: Explanation, at_least: timedelta) -> None:
        """Some times over some hours; then it fails."""
        run = self.run.wait_for_octopus(self.clock(), reason, at_least)
        if run.status.is_final:
            await self.fail(reason)
        else:
            await self._waits(run)

    async def cancel(self) -> None:
        await self.save(self.run.cancelled(self.clock()))

    async def fail(self, failure: Explanation, status: AdministrationStatus | None = None) -> None:
        now = self.clock()
        if status is not None:
            cause = Cause(Agent.OCTOPUS, failure.sentence)
            self.administration = self.administration.unreachable(status, cause)
        self.run = self.run.fail(now, failure)
        await self.store.record.finish(self.run, self.administration, self.read)

    async def finish(self, verification: Verification) -> None:
        """Everything is read and published: SUCCEEDED, whatever the verification says (decision 11)."""
        now = self.clock()
        complete = await self.store.ledger.complete_bookyears()
        administration = self.administration.imported(self.run.watermark or now, now)
        self.administration = replace(administration, complete_from=complete[0].start if complete else None)
        self.run = self.run.succeed(now, verification)
        await self.store.record.finish(self.run, self.administration, self.read)
