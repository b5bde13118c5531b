"""Imports, observed from outside: the work on a run is wrapped, and so is the store that it writes to.

What a run writes at its checkpoints tells how many rows were read and what became of them; nothing is done per line.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import fields, replace
from typing import Protocol

import structlog

from monitr.adapters.observability.context import log_context
from monitr.adapters.observability.metrics import WorkMetrics
from monitr.adapters.observability.traces import TRACEPARENT, Attributes, Tracing
from monitr.application.importing.ledger.chunk import Chunk, Published
from monitr.application.importing.ledger.ports import LedgerStage, LedgerStore
from monitr.application.importing.ports import ImportStore, LastRead, LeaseLost, OpenStore, RunRecord
from monitr.application.ports import Claim
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.administration import Administration
from monitr.domain.import_run import Counts, Dataset, ImportRun, ImportRunId, ImportStatus

logger = structlog.get_logger(__name__)

_OUTCOMES = tuple(field.name for field in fields(Counts))
_WRITTEN = ("inserted", "updated", "unchanged", "deleted")

WorkOnRun = Callable[[Claim], Awaitable[None]]
ENOUGH_LINES = 1000
"""With fewer, lines per second say more about Octopus's latency than about us."""


class QueuedRun(Protocol):
    """``origin``: what was carried along by whoever queued it (``context.py``)."""

    @property
    def run(self) -> ImportRun: ...

    @property
    def origin(self) -> Mapping[str, str]: ...


Look = Callable[[ImportRunId], Awaitable[QueuedRun | None]]


class _Seen:
    """How many rows of a run were counted already. A chunk that is read again after a fault is not counted twice."""

    def __init__(self, metrics: WorkMetrics, run: ImportRun) -> None:
        self._metrics = metrics
        self._highest = _counts(run)
        self._lines_before = self._highest.get((Dataset.GENERAL_LEDGER, "fetched"), 0)
        self._begun = time.perf_counter()

    def saw(self, run: ImportRun) -> None:
        for (dataset, outcome), count in _counts(run).items():
            if (more := count - self._highest.get((dataset, outcome), 0)) > 0:
                self._metrics.rows.labels(dataset.value, outcome).inc(more)
                self._highest[dataset, outcome] = count

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._begun

    @property
    def lines(self) -> int:
        """Ledger lines that were read under these eyes."""
        return self._highest.get((Dataset.GENERAL_LEDGER, "fetched"), 0) - self._lines_before


def _counts(run: ImportRun) -> dict[tuple[Dataset, str], int]:
    return {
        (dataset, outcome): count
        for dataset, progress in run.datasets.items()
        for outcome in _OUTCOMES
        if (count := getattr(progress.counts, outcome))
    }


class ObservedImports:
    """``work`` gives the work on a run back with everything around it; ``stores`` are those that the work opens.

    Where the database does not tell what the run is, the work goes on unobserved.
    """

    def __init__(self, look: Look, metrics: WorkMetrics, tracing: Tracing) -> None:
        self._look = look
        self._metrics = metrics
        self._tracing = tracing
        self._seen: dict[ImportRunId, _Seen] = {}

    def work(self, work_on: WorkOnRun) -> WorkOnRun:
        async def observed(claim: Claim) -> None:
            queued = await self._looked(claim)
            if queued is None:
                await work_on(claim)
                return
            run, origin = queued.run, queued.origin
            ids = _ids(run)
            span = self._tracing.span("import run", kind="consumer", parent=origin.get(TRACEPARENT), **ids)
            with log_context(origin, **ids), span as attributes, self._watched(run) as seen:
                logger.info("import.begun", mode=run.mode, trigger=run.trigger, attempt=claim.attempt)
                with self._interruptions():
                    await work_on(claim)
                left = await self._looked(claim)
                if left is not None:
                    self._left(left.run, seen, attributes)

        return observed

    def ending(self, give_up: WorkOnRun) -> WorkOnRun:
        """A run that nobody works on any more ends by this: it is counted like one that ended by itself."""

        async def observed(claim: Claim) -> None:
            await give_up(claim)
            ended = await self._looked(claim)
            if ended is not None:
                run, origin = ended.run, ended.origin
                with log_context(origin, **_ids(run)):
                    self._left(run, _Seen(self._metrics, run), {})

        return observed

    def stores(self, open_store: OpenStore) -> OpenStore:
        def opened(claim: Claim, administration: Administration) -> ImportStore:
            store, seen = open_store(claim, administration), self._seen.get(claim.run_id)
            if seen is None:
                return store
            ledger = _ObservedLedger(store.ledger, seen, self._metrics, self._tracing)
            return replace(store, record=_ObservedRecord(store.record, seen), ledger=ledger)

        return opened

    async def _looked(self, claim: Claim) -> QueuedRun | None:
        try:
            return await self._look(claim.run_id)
        except Exception as error:  # observing must not stop what it observes
            logger.warning("import.not_observed", run=str(claim.run_id), error=type(error).__name__)
            return None

    @contextmanager
    def _watched(self, run: ImportRun) -> Iterator[_Seen]:
        seen = self._seen[run.id] = _Seen(self._metrics, run)
        try:
            yield seen
        finally:
            self._seen.pop(run.id, None)

    @contextmanager
    def _interruptions(self) -> Iterator[None]:
        """Counted by reason; the workshop logs them."""
        try:
            yield
        except (asyncio.CancelledError, Exception) as error:
            reasons: dict[type[BaseException], str] = {asyncio.CancelledError: "stopped", LeaseLost: "lease_lost"}
            self._metrics.interruptions.labels(reasons.get(type(error), "fault")).inc()
            raise

    def _left(self, run: ImportRun, seen: _Seen, attributes: Attributes) -> None:
        """Nobody holds it any more, or it goes on with its next step."""
        seen.saw(run)
        if run.status is ImportStatus.RUNNING:
            logger.info("import.step_done", progress=round(run.progress, 3), seconds=round(seen.seconds, 3))
            return
        metrics, mode = self._metrics, run.mode.value
        metrics.runs.labels(run.status.value, mode, run.trigger.value).inc()
        if run.started_at and run.finished_at:
            metrics.run_seconds.labels(run.status.value, mode).observe(
                (run.finished_at - run.started_at).total_seconds()
            )
        if run.error is not None:
            metrics.failures.labels(run.status.value, run.error.code).inc()
        if seen.lines >= ENOUGH_LINES:
            metrics.lines_per_second.labels(mode).observe(seen.lines / seen.seconds)
        verified = None
        if run.status is ImportStatus.SUCCEEDED and run.verification is not None:
            verified = run.verification.status.value
            metrics.verifications.labels(verified).inc()
            for check in run.verification.checks:
                metrics.checks.labels(check.code.value, check.status.value).inc()
        attributes |= {"status": run.status.value, "mode": mode, "lines": seen.lines}
        logger.info(
            "import.ended" if run.status.is_final else "import.waits",
            status=run.status,
            error=run.error and run.error.code,
            verification=verified,
            lines=seen.lines,
            written=sum(progress.counts.written for progress in run.datasets.values()),
            seconds=round(seen.seconds, 3),
        )


class _ObservedRecord:
    """The run, with eyes on what is saved of it."""

    def __init__(self, record: RunRecord, seen: _Seen) -> None:
        self._record = record
        self._seen = seen
        self.last_reads, self.note = record.last_reads, record.note

    async def save(self, run: ImportRun, administration: Administration | None = None) -> bool:
        cancel = await self._record.save(run, administration)
        self._seen.saw(run)
        return cancel

    async def finish(self, run: ImportRun, administration: Administration, read: Mapping[Dataset, LastRead]) -> None:
        await self._record.finish(run, administration, read)
        self._seen.saw(run)


class _ObservedLedger:
    """The ledger, with eyes on the chunks that are staged."""

    def __init__(self, ledger: LedgerStore, seen: _Seen, metrics: WorkMetrics, tracing: Tracing) -> None:
        self._ledger = ledger
        self._seen = seen
        self._metrics = metrics
        self._tracing = tracing
        self.checkpoints, self.chunks_read, self.answers = ledger.checkpoints, ledger.chunks_read, ledger.answers
        self.complete_bookyears, self.doubt = ledger.complete_bookyears, ledger.doubt
        self.read_at = ledger.read_at

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[LedgerStage]:
        with self._tracing.span("import chunk") as attributes:
            async with self._ledger.stage() as stage:
                yield _ObservedStage(stage, self._seen, self._metrics, self._tracing, attributes)


class _ObservedStage:
    """``attributes`` are those of the chunk's span, which is open."""

    def __init__(
        self, stage: LedgerStage, seen: _Seen, metrics: WorkMetrics, tracing: Tracing, attributes: Attributes
    ) -> None:
        self._stage = stage
        self._seen = seen
        self._metrics = metrics
        self._tracing = tracing
        self._attributes = attributes
        self.add = stage.add  # once a batch of lines: not even one call more

    async def complete(
        self, chunk: Chunk | None, *, is_known: bool = False, broken: Collection[BookingKey] = ()
    ) -> None:
        if chunk is not None:
            self._attributes |= {"bookyear": chunk.bookyear, "journal.type": chunk.journal_type, "known": is_known}
        await self._stage.complete(chunk, is_known=is_known, broken=broken)

    async def publish_chunk(self, run: ImportRun, answer: str | None = None) -> Published:
        return await self._published("publish chunk", self._stage.publish_chunk(run, answer))

    async def publish_changes(self, deleted: Sequence[BookingKey], run: ImportRun) -> Published:
        return await self._published("publish changes", self._stage.publish_changes(deleted, run))

    async def commit(self, run: ImportRun) -> bool:
        with self._tracing.span("commit chunk"):
            cancel = await self._stage.commit(run)
        self._seen.saw(run)
        return cancel

    async def _published(self, name: str, publishing: Awaitable[Published]) -> Published:
        begun = time.perf_counter()
        with self._tracing.span(name) as attributes:
            published = await publishing
            attributes |= {outcome: getattr(published.counts, outcome) for outcome in _WRITTEN}
        self._metrics.publish_seconds.observe(time.perf_counter() - begun)
        return published


def _ids(run: ImportRun) -> dict[str, str]:
    return {"organisation": str(run.organisation_id), "administration": str(run.administration_id), "run": str(run.id)}
