"""An import store in memory. The same contract tests run against it and the real one."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from monitr.application.importing.ledger.chunk import Chunk, chunks_of
from monitr.application.importing.ledger.ports import LedgerStage
from monitr.application.importing.ports import ImportStore, ItemStage, LastRead, MatchingStage, Row
from monitr.application.octopus import AccountAmount
from monitr.application.ports import Claim
from monitr.domain.accounting.account import Account, CostCentre, Relation, is_carried_forward
from monitr.domain.accounting.asset_accounts import AssetLine
from monitr.domain.accounting.bookyear import Bookyear, Journal, chronological, oldest_complete, parse_journal_key
from monitr.domain.accounting.checks import SHOWN, StoredBooks
from monitr.domain.accounting.control_accounts import ControlTotal, ItemLine, control_accounts
from monitr.domain.accounting.fixed_assets import Acquisition, acquisitions
from monitr.domain.accounting.ledger import BookingKey, LedgerLine
from monitr.domain.accounting.matchings import (
    InDoubt,
    ItemGroup,
    MatchedPair,
    Matching,
    Unexplained,
    contradicted,
    corrected,
)
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.outstanding_items import OutstandingItem, OutstandingItemType
from monitr.domain.accounting.repeated_lines import repeating
from monitr.domain.accounting.verification import AmountCell, Check
from monitr.domain.accounting.year_opening import Candidate, YearOpening
from monitr.domain.administration import Administration, AdministrationStatus
from monitr.domain.import_run import Counts, Dataset, ImportRun
from monitr.domain.words.sentence import Sentence
from tests.unit.importing.fake_claim import ClaimedData, FakeDatabase
from tests.unit.importing.fake_ledger_stage import FakeLedgerStage
from tests.unit.importing.imported import net

NOTES_KEPT = 100

_KEYS: dict[type, Any] = {
    Bookyear: lambda row: row.number,
    Journal: lambda row: (row.bookyear, row.type, row.number),
    Account: lambda row: (row.bookyear, row.number),
    CostCentre: lambda row: row.number,
    Relation: lambda row: row.number,
    AccountAmount: lambda row: (row.bookyear, row.period, row.account),
    Acquisition: lambda row: row.line,
}


class _Rows(ClaimedData):
    """Of one kind each, by their keys."""

    def renew(self, kind: type, rows: Sequence[Any], is_of_them: Callable[[Any], bool]) -> Counts:
        self.hold()
        stored, new = self.imported.rows[kind], self._keyed(kind, rows)
        gone = {key for key, row in stored.items() if is_of_them(row)} - new.keys()
        for key in gone:
            del stored[key]
        return replace(self._write(stored, new, len(rows)), deleted=len(gone))

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


class FakeRunRecord(ClaimedData):
    async def last_reads(self) -> Mapping[Dataset, LastRead]:
        return dict(self.imported.last_reads)

    async def save(self, run: ImportRun, administration: Administration | None = None) -> bool:
        cancel = self.save_run(run)
        if administration is not None:
            self._save_administration(administration)
        return cancel

    async def finish(self, run: ImportRun, administration: Administration, read: Mapping[Dataset, LastRead]) -> None:
        self.save_run(run)
        self._save_administration(administration)
        self.imported.last_reads |= read

    async def note(self, notes: Sequence[Sentence]) -> None:
        self.hold()
        kept = self.imported.notes[self.claim.run_id]
        kept += notes[: NOTES_KEPT - len(kept)]

    def _save_administration(self, administration: Administration) -> None:
        """A removal at the same moment stands, and so does a state that somebody else has found meanwhile, unless the
        run has found out something itself. A name is never an import's to write."""
        current = self.database.world.administration(administration.id)
        if current.status is AdministrationStatus.DELETED:
            return
        status = administration.status if administration.events else current.status
        if status is not current.status:
            self.database.world.committed.timeline += [(administration.id, administration.events[-1])]
        self.database.world.committed.administrations[administration.id] = replace(
            administration, status=status, name=current.name, vat_number=current.vat_number, events=()
        )


class FakeReferenceData(_Rows):
    async def merge(self, kind: type[Row], rows: Sequence[Row], deleted: Sequence[Row]) -> Counts:
        self.hold()
        stored = self.imported.rows[kind]
        gone = [key for key in self._keyed(kind, deleted) if stored.pop(key, None) is not None]
        return replace(self._write(stored, self._keyed(kind, rows), len(rows)), deleted=len(gone))

    async def knows(self, kind: type[Row]) -> bool:
        return bool(self.imported.rows[kind])

    async def bookyears(self) -> list[Bookyear]:
        return chronological(list(self.imported.rows[Bookyear].values()))

    async def replace(self, kind: type[Row], rows: Sequence[Row]) -> Counts:
        return self.renew(kind, rows, lambda row: True)

    async def are_booked_on(self, dataset: Dataset) -> bool:
        name = {Dataset.DIMENSIONS: "cost_centre", Dataset.RELATIONS: "relation"}.get(dataset, "account")
        return any(getattr(line, name) is not None for line in self.imported.lines)


class FakeLedgerStore(ClaimedData):
    @asynccontextmanager
    async def stage(self) -> AsyncIterator[LedgerStage]:
        yield FakeLedgerStage(self)

    async def checkpoints(self) -> frozenset[Chunk]:
        return frozenset(chunk for chunk, run in self.imported.chunks.items() if run == self.claim.run_id)

    async def chunks_read(self) -> frozenset[Chunk]:
        return frozenset(self.imported.chunks)

    async def read_at(self) -> Mapping[Chunk, datetime]:
        """As of the runs that read them."""
        queued_at = {run.id: run.queued_at for run in self.database.world.runs}
        return {chunk: queued_at[run] for chunk, run in self.imported.chunks.items()}

    async def answers(self) -> Mapping[Chunk, str]:
        return dict(self.imported.answers)

    async def doubt(self, chunks: Collection[Chunk]) -> None:
        self.hold()
        for chunk in chunks:
            self.imported.chunks.pop(chunk, None)

    async def complete_bookyears(self) -> list[Bookyear]:
        complete: list[Bookyear] = []
        for bookyear in reversed(chronological(list(self.imported.rows[Bookyear].values()))):
            if not self.imported.chunks.keys() >= set(chunks_of(bookyear.number)):
                break
            complete.insert(0, bookyear)
        return complete


class FakeOpenings(ClaimedData):
    async def candidates(self, bookyear: Bookyear) -> list[Candidate]:
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

    async def save(self, bookyear: Bookyear, openings: Sequence[YearOpening]) -> bool:
        self.hold()
        before = self.imported.openings.get(bookyear.number, [])
        self.imported.openings[bookyear.number] = list(openings)
        return set(before) != set(openings)

    async def journal_names(self, bookyear: int) -> Mapping[int, str]:
        journals = self.imported.rows[Journal].values()
        return {
            journal.number: journal.name for journal in journals if (journal.bookyear, journal.type) == (bookyear, "D")
        }


class FakeReconciliation(ClaimedData):
    async def amount_cells(self, bookyears: Sequence[Bookyear], *, without_missing: bool = False) -> list[AmountCell]:
        years = {bookyear.number: bookyear for bookyear in bookyears}
        opened = self.imported.opened
        amounts = self.imported.rows[AccountAmount].values()
        named = {year: {amount.period for amount in amounts if amount.bookyear == year} for year in years}
        ours: dict[tuple[int, int, int], Decimal] = defaultdict(Decimal)
        openings: dict[tuple[int, int, int], Decimal] = defaultdict(Decimal)
        for key, lines in self.imported.ledger.items():
            if key.bookyear in years and not (without_missing and key in self.imported.missing):
                for line in lines:
                    period = years[key.bookyear].counting_period(line.period, line.effective_date, named[key.bookyear])
                    ours[key.bookyear, period, line.account] += line.amount
                    openings[key.bookyear, period, line.account] += line.amount if key in opened else ZERO
        theirs = {(a.bookyear, a.period, a.account): a.balance for a in amounts if a.bookyear in years}
        return [
            AmountCell(at[0], at[1], at[2], ours.get(at, ZERO), openings.get(at, ZERO), theirs.get(at))
            for at in {**ours, **theirs}
        ]

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
            if key.bookyear in bookyears and (alike := repeating(lines)) and alike.is_whole_either_way
            for line in lines
        ]


class FakeOpenItems(_Rows):
    @asynccontextmanager
    async def stage(self, type: OutstandingItemType) -> AsyncIterator[ItemStage]:
        yield FakeItemStage(self, type)

    async def control_total(self, type: OutstandingItemType) -> ControlTotal | None:
        ours, opened = self.imported, self.imported.opened
        items = [item for item in ours.rows[OutstandingItem].values() if item.type is type]
        lines = [
            ItemLine(
                line.account,
                item.relation is not None and line.relation == item.relation,
                line.amount == item.amount,
                line.amount == -item.amount,
                key in opened,
            )
            for item in items
            if (journal := parse_journal_key(item.journal_key))
            for key in [BookingKey(item.bookyear, *journal, item.document_number)]
            for line in ours.ledger.get(key, [])
        ]
        outstanding = sum((item.amount_outstanding for item in items), ZERO)
        return ControlTotal(type, outstanding, control_accounts(type, lines)) if items else None


class FakeMatchings(ClaimedData):
    @asynccontextmanager
    async def stage(self) -> AsyncIterator[MatchingStage]:
        yield FakeMatchingStage(self)

    async def are_known(self) -> bool:
        return bool(self.imported.matchings)

    async def judge(
        self,
        accounts: Mapping[OutstandingItemType, Collection[int]],
        bookyears: Collection[int],
        found_on: date,
        *,
        is_whole: bool,
    ) -> None:
        """Always of all bookings; of none where clients and suppliers share an account."""
        self.hold()
        ours = self.imported
        if is_whole:
            ours.control_accounts = _accounts_of(ours.matchings.values())
        ours.control_accounts |= {(type, account) for type, numbers in accounts.items() for account in numbers}
        types = {account: type for type, account in ours.control_accounts}
        if len(types) < len(ours.control_accounts):
            return
        lines, dates = self._lines(types, bookyears)
        ours.matchings = {pair: _dated(it, dates) for pair, it in ours.matchings.items()}
        ours.not_counting = {
            pair
            for pair in ours.matchings
            if self._is_judged(pair, bookyears) and not {line[:3] for line in pair} <= dates.keys()
        }
        differences = self._differences(lines, types, bookyears)
        in_doubt = [
            InDoubt(pair, it.amount, it.credit_amount, it.matched_on, *groups)
            for pair, it in ours.matchings.items()
            if pair not in ours.not_counting and (groups := it.groups(types)) and not set(groups) - differences.keys()
        ]
        for it in contradicted(in_doubt, differences):
            ours.not_counting.add(it.pair)
            differences[it.debit] += it.amount
            differences[it.credit] -= it.credit_amount
        found = {
            group: corrected(
                ours.corrections.get(group, {}), differences.get(group, ZERO) if group in lines else ZERO, found_on
            )
            for group in ours.corrections.keys() | differences.keys()
        }
        ours.corrections = {group: of for group, of in found.items() if of}

    async def unexplained(self) -> list[Unexplained]:
        found: list[Unexplained] = []
        for type in OutstandingItemType:
            sign = 1 if type is OutstandingItemType.RECEIVABLE else -1
            sums = {
                group: sign * sum(of.values(), ZERO)
                for group, of in sorted(self.imported.corrections.items())
                if group.type is type
            }
            if sums:
                found.append(Unexplained(type, len(sums), sum(sums.values(), ZERO), list(sums.items())[:SHOWN]))
        return found

    def _lines(
        self, types: Mapping[int, OutstandingItemType], bookyears: Collection[int]
    ) -> tuple[dict[ItemGroup, Decimal], dict[tuple[int, str, int], date]]:
        """What the groups booked, and the dates of their documents."""
        booked: dict[ItemGroup, Decimal] = defaultdict(Decimal)
        dates: dict[tuple[int, str, int], date] = {}
        for key, lines in self.imported.ledger.items():
            if key.bookyear not in bookyears or key in self.imported.opened:
                continue
            for line in lines:
                if line.account in types and line.relation is not None:
                    booking = (key.bookyear, key.journal_key, key.document_number)
                    booked[ItemGroup(types[line.account], *booking, line.relation)] += line.amount
                    dates[booking] = min(dates.get(booking, line.document_date), line.document_date)
        return booked, dates

    def _differences(
        self,
        booked: Mapping[ItemGroup, Decimal],
        types: Mapping[int, OutstandingItemType],
        bookyears: Collection[int],
    ) -> dict[ItemGroup, Decimal]:
        left: dict[ItemGroup, Decimal] = defaultdict(Decimal, booked)
        for pair, it in self.imported.matchings.items():
            if pair not in self.imported.not_counting and (groups := it.groups(types)):
                left[groups[0]] -= it.amount
                left[groups[1]] += it.credit_amount
        for item in self.imported.rows[OutstandingItem].values():
            sign = -1 if item.type is OutstandingItemType.RECEIVABLE else 1
            group = ItemGroup(item.type, item.bookyear, item.journal_key, item.document_number, item.relation or 0)
            left[group] += sign * item.amount_outstanding
        return {group: amount for group, amount in left.items() if amount and self._is_of(group[1:4], bookyears)}

    def _is_judged(self, pair: MatchedPair, bookyears: Collection[int]) -> bool:
        return all(self._is_of(line[:3], bookyears) for line in pair)

    def _is_of(self, booking: tuple[int, str, int], bookyears: Collection[int]) -> bool:
        bookyear, key, number = booking
        journal = parse_journal_key(key)
        is_opening = journal is not None and BookingKey(bookyear, *journal, number) in self.imported.opened
        return bookyear in bookyears and not is_opening


def _accounts_of(matchings: Iterable[Matching]) -> set[tuple[OutstandingItemType, int]]:
    return {(it.type, it.account) for it in matchings if it.type is not None and it.account is not None}


def _dated(it: Matching, dates: Mapping[tuple[int, str, int], date]) -> Matching:
    debit, credit = it.pair
    return replace(
        it, debit_date=dates.get(debit[:3], it.debit_date), credit_date=dates.get(credit[:3], it.credit_date)
    )


@dataclass
class FakeMatchingStage:
    store: FakeMatchings
    matchings: list[Matching] = field(default_factory=list)
    removed: list[MatchedPair] = field(default_factory=list)

    async def add(self, matchings: Sequence[Matching], removed: Sequence[MatchedPair]) -> None:
        self.matchings += matchings
        self.removed += removed

    async def publish(self, *, is_whole: bool) -> None:
        self.store.hold()
        stored = self.store.imported.matchings
        for pair in self.removed:
            stored.pop(pair, None)
        stored |= {it.pair: it for it in self.matchings}
        self.store.imported.control_accounts |= _accounts_of(self.matchings)


class FakeVerification(_Rows):
    async def derive_fixed_assets(self) -> Counts:
        opened = self.imported.opened
        lines = [
            AssetLine(
                key, ordinal, line.account, line.effective_date, line.amount, line.description, line.relation,
                key in opened,
            )
            for key, booking in self.imported.ledger.items()
            for ordinal, line in enumerate(booking, start=1)
        ]  # fmt: skip
        first_days = {bookyear.number: bookyear.start for bookyear in self.imported.rows[Bookyear].values()}
        complete_from = self.database.world.administration(self.administration.id).complete_from
        oldest = oldest_complete(first_days, complete_from)
        return self.renew(Acquisition, acquisitions(lines, oldest), lambda row: True)

    async def checks(self) -> list[Check]:
        ours, lines = self.imported, self.imported.lines
        return StoredBooks(
            bookings=ours.unbalanced,
            bookyears={
                year: net(line for line in lines if line.bookyear == year) for year in {line.bookyear for line in lines}
            },
            unlisted_accounts={(line.bookyear, line.account) for line in lines} - ours.rows[Account].keys(),
            unlisted_relations={line.relation for line in lines if line.relation is not None}
            - ours.rows[Relation].keys(),
            unlisted_cost_centres={line.cost_centre for line in lines if line.cost_centre}
            - ours.rows[CostCentre].keys(),
            notes=ours.notes[self.claim.run_id],
        ).checks()


@dataclass
class FakeItemStage:
    store: FakeOpenItems
    type: OutstandingItemType
    items: list[OutstandingItem] = field(default_factory=list)

    async def add(self, items: Sequence[OutstandingItem]) -> None:
        self.items += items

    async def publish(self, found_on: date) -> Counts:
        return self.store.renew(OutstandingItem, self.items, lambda item: item.type is self.type)


def open_import_store(database: FakeDatabase, claim: Claim, administration: Administration) -> ImportStore:
    held = (database, claim, administration)
    return ImportStore(
        FakeRunRecord(*held),
        FakeReferenceData(*held),
        FakeLedgerStore(*held),
        FakeOpenings(*held),
        FakeReconciliation(*held),
        FakeMatchings(*held),
        FakeOpenItems(*held),
        FakeVerification(*held),
    )
