"""An import store in memory: the rules of publishing, in plain dictionaries.

Nothing is kept that can be computed: balances, unbalanced bookings and what is missing from the reference data are
always worked out from the lines. The same contract tests run against it and the real store.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from monitr.application.importing.import_store import (
    Chunk,
    ControlTotal,
    ImportStore,
    ItemStage,
    LeaseLost,
    LedgerStage,
    Published,
    Row,
)
from monitr.application.octopus import AccountAmount
from monitr.application.ports import Claim
from monitr.domain.accounting.account import Account, CostCentre, Relation, account_class, is_carried_forward
from monitr.domain.accounting.bookyear import Bookyear, Journal, chronological, parse_journal_key
from monitr.domain.accounting.ledger import FIRST_LOAD_TYPES, BookingKey, JournalType, LedgerLine
from monitr.domain.accounting.money import ZERO, credit, debit
from monitr.domain.accounting.outstanding_items import OutstandingItem, OutstandingItemType
from monitr.domain.accounting.verification import AmountCell, Check, CheckCode, VerificationStatus
from monitr.domain.accounting.year_opening import Candidate, YearOpening
from monitr.domain.administration import Administration
from monitr.domain.import_run import Counts, Dataset, ImportRun, ImportRunId
from tests.unit.fakes import FakeTransactions

Ledger = dict[BookingKey, list[LedgerLine]]
"""Every booking with its lines by ordinal: the first has ordinal 1."""

NOTES_KEPT = 100
_BY = ("line_sequence", "account", "amount", "relation", "cost_centre", "description", "reference")
_ORDER = [LedgerLine._fields.index(name) for name in _BY + tuple(f for f in LedgerLine._fields if f not in _BY)]

_KEYS: dict[type, Any] = {
    Bookyear: lambda row: row.number,
    Journal: lambda row: (row.bookyear, row.type, row.number),
    Account: lambda row: (row.bookyear, row.number),
    CostCentre: lambda row: row.number,
    Relation: lambda row: row.number,
    AccountAmount: lambda row: (row.bookyear, row.period, row.account),
}


def key_of(line: LedgerLine) -> BookingKey:
    return BookingKey(*line[:4])


def net(lines: Iterable[LedgerLine]) -> Decimal:
    return sum((line.amount for line in lines), ZERO)


def numbered(lines: Iterable[LedgerLine]) -> Ledger:
    """The bookings of some lines, in whatever order these came; nothing sorts behind everything."""
    bookings: Ledger = {}
    for line in sorted(lines, key=lambda line: [(line[at] is None, line[at]) for at in _ORDER]):
        bookings.setdefault(key_of(line), []).append(line)
    return bookings


@dataclass
class Imported:
    """What is stored of one administration."""

    ledger: Ledger = field(default_factory=dict)
    missing: set[BookingKey] = field(default_factory=set)
    chunks: dict[Chunk, ImportRunId] = field(default_factory=dict)
    answers: dict[Chunk, str] = field(default_factory=dict)
    changes: dict[tuple[ImportRunId, BookingKey], str] = field(default_factory=dict)
    rows: defaultdict[type, dict[Any, Any]] = field(default_factory=lambda: defaultdict(dict))
    openings: dict[int, list[YearOpening]] = field(default_factory=dict)
    notes: defaultdict[ImportRunId, list[str]] = field(default_factory=lambda: defaultdict(list))
    read_at: dict[Dataset, datetime] = field(default_factory=dict)
    assets: int = 0

    def of(self, chunk: Chunk) -> Ledger:
        return {key: lines for key, lines in self.ledger.items() if Chunk.of(key) == chunk}

    @property
    def lines(self) -> list[LedgerLine]:
        return [line for lines in self.ledger.values() for line in lines]

    @property
    def unbalanced(self) -> dict[BookingKey, Decimal]:
        return {key: net(lines) for key, lines in self.ledger.items() if net(lines)}

    @property
    def account_month(self) -> dict[tuple[int, int, int, date, int, int], tuple[Decimal, Decimal, int]]:
        """Debit, credit and lines by (bookyear, journal type, period, month, account, cost centre)."""
        sums: dict[tuple[int, int, int, date, int, int], tuple[Decimal, Decimal, int]] = {}
        for line in self.lines:
            month = line.effective_date.replace(day=1)
            grain = (line.bookyear, line.journal_type, line.period or 0, month, line.account, line.cost_centre or 0)
            debits, credits, lines = sums.get(grain, (ZERO, ZERO, 0))
            sums[grain] = (debits + debit(line.amount), credits + credit(line.amount), lines + 1)
        return sums


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

    def open_store(self, claim: Claim, administration: Administration) -> "FakeImportStore":
        return FakeImportStore(self, claim, administration)


@dataclass
class FakeImportStore:
    database: FakeDatabase
    claim: Claim
    administration: Administration

    @property
    def imported(self) -> Imported:
        return self.database.imported[self.administration.id]

    # --- the run -----------------------------------------------------------------------------------------------------

    def hold(self) -> None:
        if self.database.fences[self.claim.run_id] != self.claim.fence:
            raise LeaseLost

    def save_run(self, run: ImportRun) -> bool:
        self.hold()
        stored = self.database.world.run(run.id)
        self.database.world.committed.runs[run.id] = replace(run, cancel_requested=stored.cancel_requested)
        self.database.saved.append(run)
        return stored.cancel_requested

    def save_administration(self, administration: Administration) -> None:
        """A removal at the same moment stands, and so does a state that somebody else has found meanwhile, unless the
        run itself has found out something about the dossier."""
        current = self.database.world.administration(administration.id)
        if current.is_alive:
            status = administration.status if administration.events else current.status
            self.database.world.committed.administrations[administration.id] = replace(
                administration, status=status, events=()
            )

    async def save(self, run: ImportRun, administration: Administration | None = None) -> bool:
        cancel = self.save_run(run)
        if administration is not None:
            self.save_administration(administration)
        return cancel

    async def finish(self, run: ImportRun, administration: Administration, read: Mapping[Dataset, datetime]) -> None:
        self.save_run(run)
        self.save_administration(administration)
        self.imported.read_at |= read

    async def note(self, texts: Sequence[str]) -> None:
        self.hold()
        kept = self.imported.notes[self.claim.run_id]
        kept += texts[: NOTES_KEPT - len(kept)]

    # --- reference data ----------------------------------------------------------------------------------------------

    async def replace(self, kind: type[Row], rows: Sequence[Row]) -> Counts:
        return self.renew(kind, rows, lambda row: True)

    @asynccontextmanager
    async def outstanding_items(self, type: OutstandingItemType) -> AsyncIterator[ItemStage]:
        yield FakeItemStage(self, type)

    def renew(self, kind: type, rows: Sequence[Any], is_of_them: Callable[[Any], bool]) -> Counts:
        self.hold()
        stored, new = self.imported.rows[kind], self._keyed(kind, rows)
        gone = {key for key, row in stored.items() if is_of_them(row)} - new.keys()
        for key in gone:
            del stored[key]
        return replace(self._write(stored, new, len(rows)), deleted=len(gone))

    async def merge(self, kind: type[Row], rows: Sequence[Row], deleted: Sequence[Row]) -> Counts:
        self.hold()
        stored = self.imported.rows[kind]
        gone = [key for key in self._keyed(kind, deleted) if stored.pop(key, None) is not None]
        return replace(self._write(stored, self._keyed(kind, rows), len(rows)), deleted=len(gone))

    async def knows(self, kind: type[Row]) -> bool:
        return bool(self.imported.rows[kind])

    async def read_at(self) -> Mapping[Dataset, datetime]:
        return dict(self.imported.read_at)

    async def bookyears(self) -> list[Bookyear]:
        return chronological(list(self.imported.rows[Bookyear].values()))

    async def journal_names(self, bookyear: int) -> Mapping[int, str]:
        journals = self.imported.rows[Journal].values()
        return {
            journal.number: journal.name for journal in journals if (journal.bookyear, journal.type) == (bookyear, "D")
        }

    def _keyed(self, kind: type, rows: Iterable[Any]) -> dict[Any, Any]:
        """Of two rows with the same key the last counts; open items of one document line are told apart."""
        if kind is not OutstandingItem:
            return {_KEYS[kind](row): row for row in rows}
        seen: Counter[object] = Counter()
        keyed = {}
        for row in sorted(rows, key=repr):
            key = (row.type, row.bookyear, row.journal_key, row.document_number, row.line_sequence)
            seen[key] += 1
            keyed[*key, seen[key]] = row
        return keyed

    def _write(self, stored: dict[Any, Any], new: dict[Any, Any], fetched: int) -> Counts:
        inserted = len(new.keys() - stored.keys())
        updated = sum(key in stored and stored[key] != row for key, row in new.items())
        stored |= new
        return Counts(fetched, inserted, updated, len(new) - inserted - updated)

    # --- the ledger --------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[LedgerStage]:
        yield FakeLedgerStage(self)

    async def checkpoints(self) -> frozenset[Chunk]:
        return frozenset(chunk for chunk, run in self.imported.chunks.items() if run == self.claim.run_id)

    async def chunks_read(self) -> frozenset[Chunk]:
        return frozenset(self.imported.chunks)

    async def answers(self) -> Mapping[Chunk, str]:
        return dict(self.imported.answers)

    async def complete_bookyears(self) -> list[Bookyear]:
        complete: list[Bookyear] = []
        for bookyear in reversed(await self.bookyears()):
            if any(Chunk(bookyear.number, int(type)) not in self.imported.chunks for type in FIRST_LOAD_TYPES):
                break
            complete.insert(0, bookyear)
        return complete

    async def missing_chunks(self) -> list[Chunk]:
        chunks = set(map(Chunk.of, self.imported.missing))
        return sorted(chunks, key=lambda chunk: (-chunk.bookyear, chunk.journal_type))

    async def resolve_missing(self, chunk: Chunk, *, delete: bool) -> Counts:
        self.hold()
        ours, deleted = self.imported, 0
        for key in [key for key in ours.missing if Chunk.of(key) == chunk]:
            ours.missing.discard(key)
            if delete:
                deleted += len(ours.ledger.pop(key))
                ours.answers.pop(chunk, None)
                ours.changes.setdefault((self.claim.run_id, key), "REMOVED")
        return Counts(deleted=deleted)

    async def repeated_lines(self, bookyears: Sequence[int]) -> list[LedgerLine]:
        return [
            line
            for key, lines in sorted(self.imported.ledger.items())
            if key.bookyear in bookyears and len(set(lines)) < len(lines) and not net(lines) and not net(set(lines))
            for line in lines
        ]

    # --- openings, assets and checks ---------------------------------------------------------------------------------

    async def opening_candidates(self, bookyear: Bookyear) -> list[Candidate]:
        return [
            Candidate(
                key,
                min(line.document_date for line in lines),
                frozenset(line.period for line in lines),
                {line.account: net(other for other in lines if other.account == line.account) for line in lines},
            )
            for key, lines in sorted(self.imported.ledger.items())
            if key.bookyear == bookyear.number and all(is_carried_forward(line.account) for line in lines)
        ]

    async def carried_forward(self, bookyear: Bookyear, start: Mapping[int, Decimal] | None) -> dict[int, Decimal]:
        balances = {} if self.imported.openings.get(bookyear.number) else dict(start or {})
        for line in self.imported.lines:
            if line.bookyear == bookyear.number and is_carried_forward(line.account):
                balances[line.account] = balances.get(line.account, ZERO) + line.amount
        return {account: amount for account, amount in balances.items() if amount}

    async def save_openings(self, bookyear: Bookyear, openings: Sequence[YearOpening]) -> bool:
        self.hold()
        before = self.imported.openings.get(bookyear.number, [])
        self.imported.openings[bookyear.number] = list(openings)
        return set(before) != set(openings)

    async def derive_fixed_assets(self) -> Counts:
        self.hold()
        assets = [line for line in self.imported.lines if account_class(line.account) == 2 and line.amount > 0]
        before, self.imported.assets = self.imported.assets, len(assets)
        return Counts(len(assets), inserted=max(0, len(assets) - before))

    async def amount_cells(self, bookyears: Sequence[Bookyear], *, without_missing: bool = False) -> list[AmountCell]:
        years = {bookyear.number: bookyear for bookyear in bookyears}
        opened = {opening.key for openings in self.imported.openings.values() for opening in openings}
        amounts = self.imported.rows[AccountAmount].values()
        named = {year: {amount.period for amount in amounts if amount.bookyear == year} for year in years}
        cells: dict[tuple[int, int, int], AmountCell] = {}

        def cell(key: tuple[int, int, int]) -> AmountCell:
            return cells.setdefault(key, AmountCell(*key, ZERO, ZERO, None))

        for key, lines in self.imported.ledger.items():
            if key.bookyear in years and not (without_missing and key in self.imported.missing):
                for line in lines:
                    period = years[key.bookyear].counting_period(line.period, line.effective_date, named[key.bookyear])
                    at = cell((key.bookyear, period, line.account))
                    opening = at.opening + (line.amount if key in opened else ZERO)
                    cells[at.bookyear, at.period, at.account] = replace(at, ours=at.ours + line.amount, opening=opening)
        for amount in amounts:
            if amount.bookyear in years:
                at = cell((amount.bookyear, amount.period, amount.account))
                cells[at.bookyear, at.period, at.account] = replace(at, octopus=amount.balance)
        return list(cells.values())

    async def checks(self) -> list[Check]:
        ours = self.imported
        years = {line.bookyear for line in ours.lines}
        found = {
            CheckCode.BOOKINGS_BALANCE: [f"{key.code} is out by {amount}" for key, amount in ours.unbalanced.items()],
            CheckCode.BOOKYEARS_BALANCE: [
                f"bookyear {year}" for year in years if net(line for line in ours.lines if line.bookyear == year)
            ],
            CheckCode.ACCOUNTS_KNOWN: {(line.bookyear, line.account) for line in ours.lines}
            - ours.rows[Account].keys(),
            CheckCode.RELATIONS_KNOWN: {line.relation for line in ours.lines} - ours.rows[Relation].keys() - {None},
            CheckCode.COST_CENTRES_KNOWN: {line.cost_centre for line in ours.lines}
            - ours.rows[CostCentre].keys()
            - {None},
            CheckCode.RECORDS_READABLE: ours.notes[self.claim.run_id],
        }
        warnings = (CheckCode.RELATIONS_KNOWN, CheckCode.COST_CENTRES_KNOWN, CheckCode.RECORDS_READABLE)
        return [
            Check(
                code, VerificationStatus.WARNING if code in warnings else VerificationStatus.FAILED, f"{list(findings)}"
            )
            if findings
            else Check(code, VerificationStatus.PASSED)
            for code, findings in found.items()
        ]

    async def control_total(self, type: OutstandingItemType) -> ControlTotal | None:
        of_type = [item for item in self.imported.rows[OutstandingItem].values() if item.type is type]
        if not of_type:
            return None
        return ControlTotal(
            type,
            sum((item.amount_outstanding for item in of_type), ZERO),
            frozenset(line.account for item in of_type for line in self._behind(item)),
        )

    def _behind(self, item: OutstandingItem) -> list[LedgerLine]:
        key = BookingKey(item.bookyear, *(parse_journal_key(item.journal_key) or (0, 0)), item.document_number)
        amount = item.amount if item.type is OutstandingItemType.RECEIVABLE else -item.amount
        return [
            line
            for line in self.imported.ledger.get(key, [])
            if (line.relation, line.amount, account_class(line.account)) == (item.relation, amount, 4)
        ]


@dataclass
class FakeItemStage:
    store: FakeImportStore
    type: OutstandingItemType
    items: list[OutstandingItem] = field(default_factory=list)

    async def add(self, items: Sequence[OutstandingItem]) -> None:
        self.items += items

    async def publish(self) -> Counts:
        return self.store.renew(OutstandingItem, self.items, lambda item: item.type is self.type)


@dataclass
class FakeLedgerStage:
    """``next`` is how the ledger will look after the commit: as others see it when the publishing begins, changed."""

    store: FakeImportStore
    next: Imported = field(default_factory=Imported)
    lines: list[LedgerLine] = field(default_factory=list)
    is_complete: bool = False
    chunk: Chunk | None = None

    async def add(self, lines: Sequence[LedgerLine]) -> None:
        assert not self.is_complete
        self.lines += lines

    async def complete(self, chunk: Chunk | None, *, is_known: bool = False) -> None:
        self.is_complete, self.chunk = True, chunk
        if is_known:
            assert chunk is not None
            assert not self.lines
            self.lines = [line for lines in self.store.imported.of(chunk).values() for line in lines]

    async def publish_chunk(self, run: ImportRun, answer: str | None = None) -> Published:
        chunk = self.chunk
        assert chunk is not None
        self._begin()
        published = self._publish(chunk, run)
        self.next.answers.pop(chunk, None)
        is_clean = not (published.unbalanced or published.dropped_duplicates or published.strays)
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
        newly_missing = kept.keys() - self.next.missing
        self.next.missing = (self.next.missing - mine.keys()) | kept.keys()
        counts = self._put(before, mine | kept, run)
        counts = replace(counts, unchanged=counts.unchanged - sum(map(len, kept.values())))
        self.next.chunks[chunk] = run.id
        return Published(
            counts,
            unbalanced=held_back + [key for key, lines in mine.items() if net(lines)],
            missing=len(newly_missing),
            dropped_duplicates=dropped,
            strays=0 if chunk.journal_type == JournalType.ALL else _size(answer) - arrived,
        )

    async def publish_changes(self, deleted: Sequence[BookingKey], run: ImportRun) -> Published:
        self._begin()
        answer, dropped = self._repaired()
        unbalanced = [key for key, lines in answer.items() if net(lines)]
        whole = {key: lines for key, lines in answer.items() if key not in unbalanced}
        concerned = {*deleted, *whole}
        before = {key: lines for key, lines in self.next.ledger.items() if key in concerned}
        self.next.missing -= concerned
        counts = self._put(before, whole, run)
        return Published(counts, unbalanced=unbalanced, dropped_duplicates=dropped)

    async def commit(self, run: ImportRun) -> bool:
        database = self.store.database
        if database.crash_before_commit is not None:
            database.crash_before_commit -= 1
            if database.crash_before_commit < 0:
                raise ConnectionError("the server closed the connection")
        cancel = self.store.save_run(run)
        ours, next = self.store.imported, self.next
        ours.ledger, ours.missing, ours.chunks, ours.changes = next.ledger, next.missing, next.chunks, next.changes
        ours.answers = next.answers
        return cancel

    def _begin(self) -> None:
        assert self.is_complete
        now = self.store.imported
        self.next = Imported(dict(now.ledger), set(now.missing), dict(now.chunks), dict(now.answers), dict(now.changes))

    def _repaired(self) -> tuple[Ledger, int]:
        """Repeated lines are dropped where the booking nets to zero only without them."""
        answer = numbered(self.lines)
        for key, lines in answer.items():
            if net(lines) and not net(set(lines)):
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


def _the_fakes_serve_the_ports(database: FakeDatabase, claim: Claim, administration: Administration) -> object:
    """Checked by the type checker, never called."""
    store: ImportStore = database.open_store(claim, administration)
    stage: LedgerStage = FakeLedgerStage(database.open_store(claim, administration))
    return store, stage
