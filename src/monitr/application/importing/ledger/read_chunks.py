"""A chunk's way: it is asked for, its answer arrives in a stage, and what differs is published."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from monitr.application.importing.ledger.chunk import EVERYTHING, Chunk, Published
from monitr.application.importing.ledger.ports import LedgerStage
from monitr.application.importing.session import CancellationRequested, ImportSession
from monitr.application.octopus import AnswerBrokeOff, InvalidAnswer, OpenDossier, ReadRefused
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.ledger import BookingKey, LedgerBatch, LedgerLine
from monitr.domain.import_run import Counts, Dataset, DatasetImportStatus
from monitr.domain.words.sentence import Sentence

PROGRESS_BEFORE, PROGRESS_AFTER = 0.05, 0.9
"""The share of a run that comes before the ledger, and where the ledger is in."""

BATCHES_BETWEEN_SAVES = 50
"""Progress is saved about every fifteen thousand lines."""

Fill = Callable[[LedgerStage], Awaitable["Answer"]]
"""Stages the lines of an answer, and says what else it was."""


@dataclass(slots=True)
class Answer:
    """An answer beside its lines."""

    fetched: int = 0
    deleted: list[BookingKey] = field(default_factory=list)
    has_odd: bool = False
    digest: str | None = None
    is_known: bool = False
    is_silent: bool = False
    broken: set[BookingKey] = field(default_factory=set[BookingKey])

    def take(self, batch: LedgerBatch) -> None:
        self.fetched += batch.fetched
        self.deleted += batch.deleted
        self.has_odd = self.has_odd or bool(batch.odd)
        self.broken.update(batch.broken)
        self.digest, self.is_known, self.is_silent = batch.digest, batch.is_known, batch.is_silent


@dataclass(frozen=True, slots=True)
class Arrival:
    """An answer that arrived whole, staged and not published."""

    chunk: Chunk
    stage: LedgerStage
    answer: Answer

    async def complete(self) -> None:
        """The next answer may arrive meanwhile; afterwards this one can be published."""
        chunk = None if self.chunk == EVERYTHING else self.chunk
        await self.stage.complete(chunk, is_known=self.answer.is_known, broken=self.answer.broken)

    async def publish(self, session: ImportSession, progress: float) -> Published:
        """Committed with the run, which is ``progress`` far then. Raises CancellationRequested after that."""
        published = await self._merge(session)
        async with session.saving:
            run = session.run.dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.RUNNING, published.counts)
            run = run.advanced(progress)
            cancel = await self.stage.commit(run)
            session.became(run)
        if left_out := _left_out(self.chunk, published):
            await session.store.record.note(left_out)
        if cancel:
            raise CancellationRequested
        return published

    async def _merge(self, session: ImportSession) -> Published:
        answer = self.answer
        if self.chunk == EVERYTHING:
            published = await self.stage.publish_changes(answer.deleted, session.run)
        else:
            published = await self.stage.publish_chunk(session.run, None if answer.has_odd else answer.digest)
        fetched = published.lines if answer.is_known else answer.fetched
        return replace(published, counts=replace(published.counts, fetched=fetched))


def _left_out(chunk: Chunk, published: Published) -> list[Sentence]:
    counted = {"note.REPEATED_LINES_OF": published.dropped_duplicates, "note.STRAY_LINES": published.strays}
    return [Sentence.of(key, count=count, chunk=chunk.named) for key, count in counted.items() if count]


@dataclass(frozen=True, slots=True)
class ReadChunks:
    session: ImportSession
    dossier: OpenDossier
    bookyears: Sequence[Bookyear]
    """Those that Octopus lists, oldest first."""
    known: frozenset[Chunk]
    """What any run had read before this one began, or was taken up again."""
    empty: set[Chunk] = field(default_factory=set)
    """The chunks that were asked for whole in this run, and came with no line, whether in a document or in none."""

    async def whole(self, chunk: Chunk) -> bool:
        """All of one bookyear × journal type, as a first load has to (octopus.md 2.10); twice where bookings arrive
        whose lines do not net to zero. Whether the answer was sound."""
        published = await self.once(chunk)
        if published.unbalanced:
            published = await self.once(chunk)
        return published.is_sound

    async def once(self, chunk: Chunk, since: datetime | None = None) -> Published:
        return await self._publish(chunk, self._answer_of(chunk, since))

    async def put(self, chunk: Chunk, lines: Sequence[LedgerLine], broken: Iterable[BookingKey] = ()) -> None:
        """Publish what is known to be the chunk; with EVERYTHING, the lines of some whole bookings."""

        async def fill(stage: LedgerStage) -> Answer:
            await stage.add(lines)
            return Answer(broken=set(broken))

        await self._publish(chunk, fill)

    def arriving(self, chunk: Chunk, known: str | None) -> AbstractAsyncContextManager[Arrival]:
        """All of the chunk. ``known`` is the digest of the answer that the ledger holds. What is not published when the
        context is left is forgotten."""
        return self._arriving(chunk, self._answer_of(chunk, None, known))

    def batches(
        self, chunk: Chunk, since: datetime | None = None, known: str | None = None
    ) -> AbstractAsyncContextManager[AsyncGenerator[LedgerBatch, None]]:
        """Closed at once where its reading is given up: Octopus takes the next question only then."""
        return aclosing(self.dossier.ledger(self.bookyears, chunk.bookyear, chunk.journal_type, since, known))

    async def _publish(self, chunk: Chunk, fill: Fill) -> Published:
        async with self._arriving(chunk, fill) as arrival:
            await arrival.complete()
            return await arrival.publish(self.session, PROGRESS_AFTER)

    def _hear(self, chunk: Chunk, answer: Answer) -> None:
        """That Octopus's answer had something in it, or nothing."""
        if chunk == EVERYTHING:
            self.session.silent |= {Dataset.GENERAL_LEDGER} if answer.is_silent else set()
        elif answer.fetched or answer.is_known:
            self.empty.discard(chunk)
        else:
            self.empty.add(chunk)

    @asynccontextmanager
    async def _arriving(self, chunk: Chunk, fill: Fill) -> AsyncIterator[Arrival]:
        # that special types may be asked for is INF: no is an answer then
        no_answer = () if chunk.is_special and chunk != EVERYTHING else (InvalidAnswer,)
        async with AsyncExitStack() as stack:
            yield await self.session.patiently(
                lambda: self._arrive(chunk, fill, stack), AnswerBrokeOff, *no_answer, but=(ReadRefused,)
            )

    async def _arrive(self, chunk: Chunk, fill: Fill, stack: AsyncExitStack) -> Arrival:
        """The stage is closed again where the answer does not arrive whole, and else with the ``stack``."""
        async with AsyncExitStack() as attempt:
            stage = await attempt.enter_async_context(self.session.store.ledger.stage())
            answer = await fill(stage)
            stack.push_async_exit(attempt.pop_all())
        return Arrival(chunk, stage, answer)

    def _answer_of(self, chunk: Chunk, since: datetime | None, known: str | None = None) -> Fill:
        async def fill(stage: LedgerStage) -> Answer:
            answer, batches = Answer(), 0
            async with self.batches(chunk, since, known) as arriving:
                async for batch in arriving:
                    await stage.add(batch.lines)
                    await asyncio.sleep(0)  # what is published meanwhile waits for no more than a batch
                    await self.session.report(batch.odd)
                    answer.take(batch)
                    batches += 1
                    if batches % BATCHES_BETWEEN_SAVES == 0:
                        await self.session.show(Dataset.GENERAL_LEDGER, Counts(fetched=answer.fetched))
            self._hear(chunk, answer)
            return answer

        return fill
