"""The rules of publishing a chunk, in memory."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from monitr.application.importing.ledger.chunk import Chunk, Published
from monitr.domain.accounting.ledger import BookingKey, JournalType, LedgerLine
from monitr.domain.accounting.repeated_lines import repeating
from monitr.domain.import_run import Counts, ImportRun
from tests.unit.importing.fake_claim import ClaimedData
from tests.unit.importing.imported import Imported, Ledger, key_of, net, numbered


@dataclass
class FakeLedgerStage:
    """``next`` is how the ledger will look after the commit: as others see it when the publishing begins, changed."""

    data: ClaimedData
    next: Imported = field(default_factory=Imported)
    lines: list[LedgerLine] = field(default_factory=list)
    is_complete: bool = False
    chunk: Chunk | None = None
    broken: frozenset[BookingKey] = frozenset()

    async def add(self, lines: Sequence[LedgerLine]) -> None:
        assert not self.is_complete
        self.lines += lines

    async def complete(
        self, chunk: Chunk | None, *, is_known: bool = False, broken: Collection[BookingKey] = ()
    ) -> None:
        self.is_complete, self.chunk, self.broken = True, chunk, frozenset(broken)
        self.lines = [line for line in self.lines if key_of(line) not in self.broken]
        if is_known:
            assert chunk is not None
            assert not self.lines
            self.lines = [line for lines in self.data.imported.of(chunk).values() for line in lines]

    async def publish_chunk(self, run: ImportRun, answer: str | None = None) -> Published:
        chunk = self.chunk
        assert chunk is not None
        self._begin()
        published = self._publish(chunk, run)
        self.next.answers.pop(chunk, None)
        is_clean = not (self.broken or published.unbalanced or published.dropped_duplicates or published.strays)
        is_all = not any(Chunk.of(key) == chunk for key in self.next.missing)
        if answer is not None and is_clean and is_all and published.lines and not chunk.is_special:
            self.next.answers[chunk] = answer
        return published

    def _publish(self, chunk: Chunk, run: ImportRun) -> Published:
        answer, dropped = self._repaired()
        mine = {key: lines for key, lines in answer.items() if Chunk.of(key) == chunk}
        arrived = _size(mine)
        before = self.next.of(chunk)
        held_back = [key for key, lines in mine.items() if net(lines) and key in before and not net(before[key])]
        mine = {key: lines for key, lines in mine.items() if key not in held_back}
        kept = {key: lines for key, lines in before.items() if key not in mine}
        broken = {key for key in self.broken if Chunk.of(key) == chunk}
        self.next.missing = (self.next.missing - mine.keys() | kept.keys()) - broken
        counts = self._put(before, mine | kept, run)
        counts = replace(counts, unchanged=counts.unchanged - sum(map(len, kept.values())))
        self.next.chunks[chunk] = run.id
        return Published(
            counts,
            unbalanced=held_back + [key for key, lines in mine.items() if net(lines)],
            dropped_duplicates=dropped,
            strays=0 if chunk.journal_type == JournalType.ALL else _size(answer) - arrived,
        )

    async def publish_changes(self, deleted: Sequence[BookingKey], run: ImportRun) -> Published:
        self._begin()
        answer, dropped = self._repaired()
        unbalanced = [key for key, lines in answer.items() if net(lines)]
        whole = {key: lines for key, lines in answer.items() if key not in unbalanced}
        concerned = {*deleted, *whole} - self.broken
        before = {key: lines for key, lines in self.next.ledger.items() if key in concerned}
        self.next.missing -= concerned
        counts = self._put(before, whole, run)
        return Published(counts, unbalanced=unbalanced, dropped_duplicates=dropped)

    async def commit(self, run: ImportRun) -> bool:
        database = self.data.database
        if database.crash_before_commit is not None:
            database.crash_before_commit -= 1
            if database.crash_before_commit < 0:
                raise ConnectionError("the server closed the connection")
        cancel = self.data.save_run(run)
        ours, next = self.data.imported, self.next
        ours.ledger, ours.missing, ours.chunks, ours.changes = next.ledger, next.missing, next.chunks, next.changes
        ours.answers = next.answers
        return cancel

    def _begin(self) -> None:
        assert self.is_complete
        now = self.data.imported
        self.next = Imported(dict(now.ledger), set(now.missing), dict(now.chunks), dict(now.answers), dict(now.changes))

    def _repaired(self) -> tuple[Ledger, int]:
        """Repeated lines are dropped where the booking nets to zero only without them."""
        answer = numbered(self.lines)
        for key, lines in answer.items():
            if (alike := repeating(lines)) and alike.is_whole_only_without:
                answer[key] = list(dict.fromkeys(lines))
        return answer, len(self.lines) - _size(answer)

    def _put(self, before: Ledger, after: Ledger, run: ImportRun) -> Counts:
        """The bookings ``after`` in place of those ``before``, whole."""
        old, new = _by_ordinal(before), _by_ordinal(after)
        updated = sum(old[line] != new[line] for line in old.keys() & new.keys())
        for key in before:
            del self.next.ledger[key]
        self.next.ledger |= after
        for key in before.keys() | after.keys():
            kind = "ADDED" if key not in before else "REMOVED" if key not in after else "CHANGED"
            if before.get(key) != after.get(key):
                self.next.answers.pop(Chunk.of(key), None)
                self.next.changes.setdefault((run.id, key), kind)
        return Counts(
            0,
            inserted=len(new.keys() - old.keys()),
            updated=updated,
            unchanged=len(old.keys() & new.keys()) - updated,
            deleted=len(old.keys() - new.keys()),
        )


def _by_ordinal(ledger: Ledger) -> dict[tuple[BookingKey, int], LedgerLine]:
    return {(key, ordinal): line for key, lines in ledger.items() for ordinal, line in enumerate(lines, start=1)}


def _size(ledger: Ledger) -> int:
    return sum(map(len, ledger.values()))
