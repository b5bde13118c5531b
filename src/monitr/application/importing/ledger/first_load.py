"""The ledger as a first or full import reads it: chunk by chunk, the next one while the last is published."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitr.application.importing.ledger.chunk import Chunk, chunks_of
from monitr.application.importing.ledger.read_chunks import PROGRESS_AFTER, PROGRESS_BEFORE, ReadChunks
from monitr.application.importing.open_bookyears import show_complete_bookyears
from monitr.application.importing.session import HandOverRequested, ImportSession
from monitr.application.importing.task_group import Tasks, together
from monitr.application.octopus import ReadRefused
from monitr.domain.accounting.ledger import FIRST_LOAD_TYPES

UNSHOWN = timedelta(seconds=10)
"""How long bookyears that are complete may stay out of the reports while the reading goes on."""

PUBLISHERS = 2
"""Chunks that are published at once: PostgreSQL has more processors than one."""

CHUNKS_WAITING = 1
"""Chunks that have arrived while another is published: they differ in size, and neither side waits for the other."""

IN_THE_AIR = 1 + CHUNKS_WAITING + PUBLISHERS
"""Chunks, each with a connection: the first of them arrives."""


async def first_load(session: ImportSession, chunks: ReadChunks) -> None:
    """Newest bookyear first."""
    await read_ahead(
        session, chunks, [chunk for bookyear in reversed(chunks.bookyears) for chunk in chunks_of(bookyear.number)]
    )


async def read_ahead(session: ImportSession, chunks: ReadChunks, plan: Sequence[Chunk]) -> None:
    """Each chunk whole, in that order; what this run has published before it was interrupted is not read again."""
    done = await session.store.ledger.checkpoints()
    known = await session.store.ledger.answers()
    step = (PROGRESS_AFTER - PROGRESS_BEFORE) / max(1, len(plan))
    progress = {chunk: PROGRESS_BEFORE + position * step for position, chunk in enumerate(plan, start=1)}
    missing = {chunk: share for chunk, share in progress.items() if chunk not in done}
    for chunk in await _ReadAhead(session, chunks, known, missing, session.clock())():
        await chunks.once(chunk)


@dataclass(slots=True)
class _Reading:
    """Of one answer: Octopus gives one at a time. ``error`` is what kept it from arriving."""

    is_over: asyncio.Event = field(default_factory=asyncio.Event)
    error: Exception | None = None

    def end(self, error: Exception | None = None) -> None:
        self.error = error
        self.is_over.set()


@dataclass(slots=True)
class _ReadAhead:
    """While one chunk is published the next ones arrive, on connections of their own (decision 2)."""

    session: ImportSession
    chunks: ReadChunks
    known: Mapping[Chunk, str]
    progress: Mapping[Chunk, float]
    """How far the run is with each chunk."""
    shown_at: datetime
    """When the complete bookyears were shown last."""
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(IN_THE_AIR))
    publishers: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PUBLISHERS))
    unbalanced: list[Chunk] = field(default_factory=list)

    async def __call__(self) -> list[Chunk]:
        """A chunk that has arrived is published even where the next cannot be read; where one cannot be published,
        nothing goes on. Returns those with bookings that do not net to zero."""
        async with together() as tasks:
            ended = await self._read_one_by_one(tasks)
        if ended is not None:
            raise ended
        return self.unbalanced

    async def _read_one_by_one(self, tasks: Tasks) -> Exception | None:
        """A task a chunk: each has its own trace. Returns what ended the reading early."""
        for chunk in self.progress:
            await self.room.acquire()
            if await self.session.make_way():
                return HandOverRequested()
            reading = _Reading()
            tasks.begin(self._read_and_publish(chunk, reading))
            await reading.is_over.wait()
            match reading.error:
                case ReadRefused() as refused:  # of this bookyear: the others do not wait for it
                    self.session.unread[chunk.bookyear] = refused.said
                    self.room.release()
                case None:
                    pass
                case error:
                    return error
        return None

    async def _read_and_publish(self, chunk: Chunk, reading: _Reading) -> None:
        try:
            async with self.chunks.arriving(chunk, self.known.get(chunk)) as arrival:
                reading.end()
                await arrival.complete()
                async with self.publishers:
                    published = await arrival.publish(self.session, self.progress[chunk])
        except Exception as error:
            if reading.is_over.is_set():
                raise
            reading.end(error)
            return
        if published.unbalanced:
            self.unbalanced.append(chunk)
        await self._show_complete_bookyears(chunk)
        self.room.release()

    async def _show_complete_bookyears(self, last: Chunk) -> None:
        """A long first import can be read while it goes on."""
        now = self.session.clock()
        if last.journal_type == FIRST_LOAD_TYPES[-1] and now - self.shown_at > UNSHOWN:
            self.shown_at = now
            await show_complete_bookyears(self.session)
