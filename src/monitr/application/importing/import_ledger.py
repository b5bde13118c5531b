"""The general ledger: chunk by chunk for a first or full import, by its changes afterwards (decision 6)."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from monitr.application.importing.import_session import CancellationRequested, HandOverRequested, ImportSession
from monitr.application.importing.import_store import Chunk, LedgerStage, Published
from monitr.application.importing.open_bookyears import open_bookyears
from monitr.application.octopus import (
    AccountAmount,
    Changed,
    InvalidAnswer,
    OctopusUnavailable,
    OpenDossier,
    QuotaSpent,
)
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.ledger import FIRST_LOAD_TYPES, BookingKey, JournalType, LedgerBatch, LedgerLine
from monitr.domain.import_run import Counts, Dataset, DatasetImportStatus

PROGRESS_BEFORE, PROGRESS_AFTER = 0.05, 0.9
"""The share of a run that comes before the ledger, and where the ledger is in."""

EVERYTHING = Chunk(int(JournalType.ALL), int(JournalType.ALL))
"""As Octopus is asked for all bookyears and journal types; for an incremental import it is one chunk."""

UNSHOWN = timedelta(seconds=10)
"""How long bookyears that are complete may stay out of the reports while the reading goes on."""

PUBLISHERS = 2
"""Chunks that are published at once: PostgreSQL has more processors than one."""

CHUNKS_WAITING = 1
"""Chunks that have arrived while another is published: they differ in size, and neither side waits for the other."""

BATCHES_BETWEEN_SAVES = 50
"""Progress is saved about every fifteen thousand lines."""

Fill = Callable[[LedgerStage], Awaitable["_Answer"]]
"""Stages the lines of an answer, and says what else it was."""


@dataclass(frozen=True, slots=True)
class ImportLedger:
    session: ImportSession
    dossier: OpenDossier
    bookyears: Sequence[Bookyear]
    """Oldest first."""

    async def __call__(self) -> None:
        self.session.became(self.session.run.advanced(PROGRESS_BEFORE))
        await self.session.dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.RUNNING)
        try:
            await (self._read_everything() if self.session.is_full else self._read_changes())
        except Exception:
            await self._show_complete_bookyears()
            raise
        await self.session.dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.SUCCEEDED)
        await self.session.advance(PROGRESS_AFTER)

    async def _read_everything(self) -> None:
        """Newest bookyear first; what this run has published before it was interrupted is not read again."""
        plan = [Chunk(bookyear.number, type) for bookyear in reversed(self.bookyears) for type in FIRST_LOAD_TYPES]
        done = await self.session.store.checkpoints()
        known = await self.session.store.answers()
        step = (PROGRESS_AFTER - PROGRESS_BEFORE) / max(1, len(plan))
        progress = {chunk: PROGRESS_BEFORE + position * step for position, chunk in enumerate(plan, start=1)}
        missing = {chunk: share for chunk, share in progress.items() if chunk not in done}
        for chunk in await self._read_ahead(missing, known):
            await self._read(chunk, None, PROGRESS_AFTER)
        await self._read_amounts(None)

    async def _read_ahead(self, chunks: Mapping[Chunk, float], known: Mapping[Chunk, str]) -> list[Chunk]:
        """While one chunk is published the next ones arrive, on connections of their own (decision 2): a chunk
        that has arrived is published even where the next cannot be read. Returns those with bookings that do not net
        to zero."""
        arrived: list[_Arrival] = []
        waiting: asyncio.Queue[_Arrival | Exception | None] = asyncio.Queue(CHUNKS_WAITING)
        reading = asyncio.create_task(self._arrive_one_by_one(chunks, known, arrived, waiting))
        publishing = [asyncio.create_task(self._publish_in_turn(chunks, waiting)) for _ in range(PUBLISHERS)]
        try:
            unbalanced = [chunk for published in await asyncio.gather(*publishing) for chunk in published]
            if (ended := waiting.get_nowait()) is not None:
                assert isinstance(ended, Exception)
                raise ended
            return unbalanced
        finally:  # nothing goes on when the reading ends early: what is not committed by then is not published
            for task in (reading, *publishing):
                await _end(task)
            for arrival in arrived:
                await arrival.staged.aclose()

    async def _publish_in_turn(
        self, chunks: Mapping[Chunk, float], waiting: "asyncio.Queue[_Arrival | Exception | None]"
    ) -> list[Chunk]:
        """Until nothing is waiting any more; then the end is left for the others."""
        unbalanced: list[Chunk] = []
        shown_at = self.session.clock()
        while isinstance(arrival := await waiting.get(), _Arrival):
            if (await self._publish(arrival, chunks[arrival.chunk])).unbalanced:
                unbalanced.append(arrival.chunk)
            if arrival.chunk.journal_type == FIRST_LOAD_TYPES[-1] and self.session.clock() - shown_at > UNSHOWN:
                await self._show_complete_bookyears()
                shown_at = self.session.clock()
        waiting.put_nowait(arrival)
        return unbalanced

    async def _arrive_one_by_one(
        self,
        chunks: Iterable[Chunk],
        known: Mapping[Chunk, str],
        arrived: "list[_Arrival]",
        waiting: "asyncio.Queue[_Arrival | Exception | None]",
    ) -> None:
        """``waiting`` ends with None, or with what ended the reading early. A task a chunk: each has its own trace."""
        try:
            for chunk in chunks:
                if await self.session.make_way():
                    raise HandOverRequested
                await asyncio.create_task(self._arrive_with(chunk, known.get(chunk), arrived))
                await waiting.put(arrived[-1])
        except Exception as error:
            await waiting.put(error)
        else:
            await waiting.put(None)

    async def _arrive_with(self, chunk: Chunk, known: str | None, arrived: "list[_Arrival]") -> None:
        """It is in the list as soon as it is open: whoever waited for it may have been cancelled by then."""
        arrived.append(await self._arrive(chunk, self._answer_of(chunk, None, known)))

    async def _show_complete_bookyears(self) -> None:
        """A long first import can be read while it goes on."""
        await open_bookyears(self.session.store)
        await self.session.begin_with_oldest()

    async def _read_changes(self) -> None:
        published = await self._read(EVERYTHING, self.session.since, PROGRESS_AFTER)
        done = await self.session.store.checkpoints()
        # the answer did not hold all lines of a changed booking: its chunk is read
        chunks = [chunk for chunk in dict.fromkeys(map(Chunk.of, published.unbalanced)) if chunk not in done]
        for chunk in chunks:
            if not chunk.is_special:
                await self.read_chunk(chunk)
        await self.read_special_types([chunk for chunk in chunks if chunk.is_special])
        await self._read_new_bookyears()
        await self._read_amounts(self.session.since)

    async def _read_new_bookyears(self) -> None:
        """A bookyear that was not there before is read as a first load has to: its lines may be older than itself."""
        known = await self.session.store.chunks_read()
        for bookyear in reversed(self.bookyears):
            for type in FIRST_LOAD_TYPES:
                if (chunk := Chunk(bookyear.number, int(type))) not in known:
                    await self.read_chunk(chunk)

    async def read_chunk(self, chunk: Chunk, progress: float = PROGRESS_AFTER) -> bool:
        """All of one bookyear × journal type, as a first load has to (octopus.md 2.10); twice where bookings arrive
        whose lines do not net to zero. Whether the answer was sound: it held lines, and every one could be read."""
        published = await self._read(chunk, None, progress)
        if published.unbalanced:
            published = await self._read(chunk, None, progress)
        left_out = published.dropped_duplicates + published.strays
        return 0 < published.lines == published.counts.fetched - left_out

    async def read_special_types(self, chunks: Sequence[Chunk]) -> None:
        """Types outside 1 to 4, with type -1 for one bookyear, which is INF; where that is refused, for all that are
        left from one answer that holds everything (octopus.md 8.1): a last resort."""
        for position, chunk in enumerate(chunks):
            try:
                await self._read(chunk, None, PROGRESS_AFTER)
            except InvalidAnswer:
                await self._read_special_types_at_once(chunks[position:])
                return

    async def _read_special_types_at_once(self, chunks: Sequence[Chunk]) -> None:
        special: dict[int, list[LedgerLine]] = {chunk.bookyear: [] for chunk in chunks}
        async with self._batches(EVERYTHING, None) as arriving:
            async for batch in arriving:
                await self.session.report(batch.odd)
                for line in batch.lines:
                    if line.journal_type not in FIRST_LOAD_TYPES and line.bookyear in special:
                        special[line.bookyear].append(line)
        for chunk in chunks:
            await self.put(chunk, special[chunk.bookyear])

    async def put(self, chunk: Chunk, lines: Sequence[LedgerLine]) -> None:
        """Publish what is known to be the chunk; with EVERYTHING, the lines of some whole bookings."""

        async def fill(stage: LedgerStage) -> _Answer:
            await stage.add(lines)
            return _Answer()

        await self._publish(await self._arrive(chunk, fill), PROGRESS_AFTER)

    async def read_amounts_again(self) -> None:
        """All of Octopus's own totals. Where they cannot be read, those that are stored stand."""
        with suppress(QuotaSpent, InvalidAnswer):
            changed = await self.dossier.changed_account_amounts(None)
            await self._keep_all_amounts(changed)

    async def _read_amounts(self, since: datetime | None) -> None:
        """Octopus's own totals. Where they cannot be read, verification goes without: old ones would prove nothing,
        and the next run reads all of them."""
        if not await self.session.store.knows(AccountAmount):
            since = None
        try:
            changed = await self.dossier.changed_account_amounts(since)
        except QuotaSpent:
            await self.session.store.replace(AccountAmount, [])
            return
        except InvalidAnswer as error:
            await self.session.store.replace(AccountAmount, [])
            await self.session.store.note([str(error)])
            return
        if since is None:
            await self._keep_all_amounts(changed)
        else:
            await self.session.report(changed.odd)
            await self.session.store.merge(AccountAmount, changed.rows, changed.deleted)

    async def _keep_all_amounts(self, changed: Changed[AccountAmount]) -> None:
        await self.session.report(changed.odd)
        await self.session.store.replace(AccountAmount, changed.rows)
        listed = {bookyear.number for bookyear in self.bookyears}
        if unlisted := sorted({amount.bookyear for amount in changed.rows} - listed):
            await self.session.store.note(
                [
                    f"Octopus has totals for bookyear {number}, which its list of bookyears leaves out"
                    for number in unlisted
                ]
            )

    async def _read(self, chunk: Chunk, since: datetime | None, progress: float) -> Published:
        return await self._publish(await self._arrive(chunk, self._answer_of(chunk, since)), progress)

    async def _arrive(self, chunk: Chunk, fill: Fill) -> "_Arrival":
        """Stage all of an answer."""
        # that special types may be asked for is INF: no is an answer then
        no_answer = () if chunk.is_special and chunk != EVERYTHING else (InvalidAnswer,)
        return await self.session.patiently(lambda: self._arrive_once(chunk, fill), OctopusUnavailable, *no_answer)

    async def _arrive_once(self, chunk: Chunk, fill: Fill) -> "_Arrival":
        """It is closed again where it does not arrive whole. The next may arrive while this one is being completed."""
        async with AsyncExitStack() as stack:
            stage = await stack.enter_async_context(self.session.store.stage())
            answer = await fill(stage)
            whole = None if chunk == EVERYTHING else chunk
            completing = asyncio.create_task(stage.complete(whole, is_known=answer.is_known))
            stack.push_async_callback(_end, completing)
            return _Arrival(chunk, stage, answer, completing, stack.pop_all())

    async def _publish(self, arrival: "_Arrival", progress: float) -> Published:
        async with arrival.staged:
            published = await self._merge(arrival)
            async with self.session.saving:
                run = self.session.run.dataset(
                    Dataset.GENERAL_LEDGER, DatasetImportStatus.RUNNING, published.counts
                ).advanced(progress)
                cancel = await arrival.stage.commit(run)
                self.session.became(run)
        await self._report(arrival.chunk, published)
        if cancel:
            raise CancellationRequested
        return published

    async def _merge(self, arrival: "_Arrival") -> Published:
        answer = arrival.answer
        await arrival.completing
        if arrival.chunk == EVERYTHING:
            published = await arrival.stage.publish_changes(answer.deleted, self.session.run)
        else:
            published = await arrival.stage.publish_chunk(self.session.run, None if answer.has_odd else answer.digest)
        fetched = published.lines if answer.is_known else answer.fetched
        return replace(published, counts=replace(published.counts, fetched=fetched))

    async def _report(self, chunk: Chunk, published: Published) -> None:
        notes: list[str] = []
        if published.dropped_duplicates:
            notes.append(f"{published.dropped_duplicates} repeated lines {_of(chunk)} were left out")
        if published.strays:
            notes.append(
                f"{published.strays} lines of other bookyears or journal types, sent as lines {_of(chunk)},"
                " were left out"
            )
        if notes:
            await self.session.store.note(notes)

    def _answer_of(self, chunk: Chunk, since: datetime | None, known: str | None = None) -> Fill:
        async def fill(stage: LedgerStage) -> _Answer:
            answer, batches = _Answer(), 0
            async with self._batches(chunk, since, known) as arriving:
                async for batch in arriving:
                    await stage.add(batch.lines)
                    await asyncio.sleep(0)  # what is published meanwhile waits for no more than a batch
                    await self.session.report(batch.odd)
                    answer.take(batch)
                    batches += 1
                    if batches % BATCHES_BETWEEN_SAVES == 0:
                        await self.session.show(Dataset.GENERAL_LEDGER, Counts(fetched=answer.fetched))
            return answer

        return fill

    def _batches(
        self, chunk: Chunk, since: datetime | None, known: str | None = None
    ) -> AbstractAsyncContextManager[AsyncGenerator[LedgerBatch, None]]:
        """Closed at once where its reading is given up: Octopus takes the next question only then."""
        return aclosing(self.dossier.ledger(self.bookyears, chunk.bookyear, chunk.journal_type, since, known))


def _of(chunk: Chunk) -> str:
    return "of changed bookings" if chunk == EVERYTHING else f"of bookyear {chunk.bookyear}, type {chunk.journal_type}"


@dataclass(slots=True)
class _Answer:
    """An answer beside its lines."""

    fetched: int = 0
    deleted: list[BookingKey] = field(default_factory=list)
    has_odd: bool = False
    digest: str | None = None
    is_known: bool = False

    def take(self, batch: LedgerBatch) -> None:
        self.fetched += batch.fetched
        self.deleted += batch.deleted
        self.has_odd = self.has_odd or bool(batch.odd)
        self.digest, self.is_known = batch.digest, batch.is_known


@dataclass(frozen=True, slots=True)
class _Arrival:
    """An answer that arrived whole, staged and not published. Leaving ``staged`` forgets what was not committed."""

    chunk: Chunk
    stage: LedgerStage
    answer: _Answer
    completing: asyncio.Task[None]
    staged: AsyncExitStack


async def _end(task: asyncio.Task[Any]) -> None:
    """It goes no further, and what it raised is known already, or weighs less than what ends it."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.exception()
