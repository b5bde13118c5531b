"""An open dossier: the questions of the import in the words of the domain (the port ``OpenDossier``)."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import msgspec

from monitr.adapters.octopus.answers import keys, ledger, translate, wire
from monitr.adapters.octopus.answers.elements import ROOT, Elements
from monitr.adapters.octopus.answers.odd_records import Lost, Reading, Unknown
from monitr.adapters.octopus.answers.recognition import Recognition
from monitr.adapters.octopus.operations import Call, Operation
from monitr.adapters.octopus.reads import DossierReads
from monitr.adapters.octopus.retries import Interrupted
from monitr.adapters.octopus.timestamps import modified_since
from monitr.application.octopus import AccountAmount, Changed, ChangedMatchings, InvalidAnswer, Listed, ReadRefused
from monitr.domain.accounting.account import Account, CostCentre, Relation
from monitr.domain.accounting.bookyear import Bookyear, Journal, chronological
from monitr.domain.accounting.ledger import FIRST_LOAD_SINCE, LedgerBatch
from monitr.domain.accounting.outstanding_items import OutstandingItem, OutstandingItemType
from monitr.domain.words.sentence import Sentence

_MODIFIED_MATCHINGS = "modifiedBalancings"
_MATCHINGS = frozenset({_MODIFIED_MATCHINGS, "deletedBalancings"})

Shape = TypeVar("Shape", bound=msgspec.Struct)
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class ConnectedDossier:
    """Asks one thing at a time; a ledger that is being read has to end (or be closed) before the next question."""

    reads: DossierReads
    unknown: Unknown

    @property
    def octopus_time(self) -> datetime | None:
        return self.reads.first_date.moment

    async def bookyears(self) -> Listed[Bookyear]:
        return await self._list(self._call(Operation.BOOKYEARS), wire.ListedBookyear, translate.a_bookyear)

    async def journals(self, bookyear: int) -> Listed[Journal]:
        return await self._list(
            self._call(Operation.JOURNALS, bookyear=bookyear), wire.ListedJournal, translate.a_journal
        )

    async def accounts(self, bookyear: int) -> Listed[Account]:
        call = Call(Operation.ACCOUNTS, self._place(), {"bookyearId": bookyear})
        return await self._list(call, wire.ListedAccount, translate.an_account)

    async def changed_accounts(self, since: datetime | None) -> Changed[Account]:
        call = Call(Operation.CHANGED_ACCOUNTS, self._place(), _since(since))
        return await self._changes(call, wire.ListedAccount, translate.an_account)

    async def cost_centres(self) -> Listed[CostCentre]:
        return await self._list(self._call(Operation.COST_CENTRES), wire.ListedCostCentre, translate.a_cost_centre)

    async def relations(self) -> Listed[Relation]:
        return await self._list(self._call(Operation.RELATIONS), wire.ListedRelation, translate.a_relation)

    async def changed_relations(self, since: datetime | None) -> Changed[Relation]:
        call = Call(Operation.CHANGED_RELATIONS, self._place(), _since(since))
        return await self._changes(call, wire.ListedRelation, translate.a_relation)

    async def ledger(
        self,
        bookyears: Sequence[Bookyear],
        bookyear: int,
        journal_type: int,
        since: datetime | None,
        known: str | None = None,
    ) -> AsyncGenerator[LedgerBatch, None]:
        call = Call(Operation.LEDGER, self._place(bookyear=bookyear), {"journalTypeId": journal_type} | _since(since))
        reading = ledger.LedgerReading(bookyears, self.unknown)
        recognition = Recognition(ledger.rules(bookyears, bookyear), known) if since is None else None
        async with aclosing(self.reads.stream(call, ledger.ARRAYS, recognition)) as blocks:
            async for block in blocks:
                if block is None:
                    yield LedgerBatch([], [], [], 0, is_silent=True)
                    return
                yield reading.batch(block)
        if recognition is not None and recognition.digest is not None:
            yield LedgerBatch([], [], [], 0, recognition.digest, is_known=recognition.is_known)

    async def ledger_calls_left(self) -> int:
        reads = self.reads
        return await reads.shared.quota.left(reads.integration, reads.dossier, Operation.LEDGER)

    async def changed_account_amounts(self, since: datetime | None) -> Changed[AccountAmount]:
        """That leaving out the timestamp gives everything is INF: where that is refused or empty, 1980 is asked for."""
        changes = Changed[AccountAmount]([], [], is_silent=True)
        for query in ({}, _since(None)) if since is None else (_since(since),):
            call = Call(Operation.ACCOUNT_AMOUNTS, self._place(), query)
            try:
                changes = await self._changes(
                    call, wire.ListedAmount, translate.an_account_amount, translate.a_deleted_amount
                )
            except ReadRefused as refused:
                if query or refused.status != 400:
                    raise
                continue
            if changes.rows or changes.deleted or changes.odd:
                break
        return changes

    async def changed_matchings(self, since: datetime | None) -> AsyncGenerator[ChangedMatchings, None]:
        reading = Reading(Operation.MATCHINGS, wire.ListedMatching, self.unknown)
        call = Call(Operation.MATCHINGS, self._place(), _since(since))
        async with aclosing(self.reads.stream(call, _MATCHINGS)) as blocks:
            async for block in blocks:
                if block is None:
                    yield ChangedMatchings([], [], is_silent=True)
                    return
                changed = ChangedMatchings([], [])
                if block.array == _MODIFIED_MATCHINGS:
                    changed.rows.extend(reading.rows(block, translate.a_matching, changed.odd, []))
                else:
                    changed.deleted.extend(reading.rows(block, translate.a_matched_pair, changed.odd, []))
                yield changed

    async def open_items(
        self, type: OutstandingItemType, bookyears: Sequence[Bookyear]
    ) -> AsyncGenerator[Listed[OutstandingItem], None]:
        years = [year for year in chronological(list(bookyears)) if year.periods]
        if not years:
            return
        question = wire.OpenQuestion(
            wire.Key(years[0].number),
            wire.Key(years[-1].number),
            years[0].periods[0].number,
            years[-1].periods[-1].number,
        )
        operation = Operation.OPEN_RECEIVABLES if type is OutstandingItemType.RECEIVABLE else Operation.OPEN_PAYABLES
        reading, translated = Reading(operation, wire.OpenRow, self.unknown), translate.open_item(type)
        call = Call(operation, self._place(), question=question)
        try:
            async with aclosing(self.reads.stream(call, frozenset({ROOT}))) as blocks:
                async for block in blocks:
                    if block is None:
                        yield Listed[OutstandingItem]([], is_silent=True)
                        return
                    listed = Listed[OutstandingItem]([])
                    listed.rows.extend(reading.rows(block, translated, listed.odd, []))
                    yield listed
        except Interrupted as interrupted:
            if interrupted.status == 500 and interrupted.is_empty:  # "invalid query data" (octopus.md 2.13)
                refused = Sentence.of("octopus.PERIODS_NOT_ACCEPTED", operation=operation.label)
                raise InvalidAnswer(refused) from None
            raise

    async def _list(self, call: Call, shape: type[Shape], row: Callable[[Shape], Row]) -> Listed[Row]:
        reading = Reading(call.operation, shape, self.unknown)

        def add(listed: Listed[Row], block: Elements) -> None:
            lost: list[Lost] = []
            listed.rows.extend(reading.rows(block, row, listed.odd, lost))
            if call.operation is Operation.BOOKYEARS:
                numbers = [(record, keys.bookyear_number(record.raw)) for record in lost]
                listed.unreadable.update(number for _, number in numbers if number is not None)
                listed.nameless.extend(reading.note_of(record) for record, number in numbers if number is None)

        return await self.reads.collect(
            call, frozenset({ROOT}), lambda is_silent: Listed[Row]([], is_silent=is_silent), add
        )

    async def _changes(
        self,
        call: Call,
        shape: type[Shape],
        row: Callable[[Shape], Row],
        deleted_row: Callable[[Shape], Row] | None = None,
    ) -> Changed[Row]:
        reading = Reading(call.operation, shape, self.unknown)

        def add(changed: Changed[Row], block: Elements) -> None:
            if block.array == "modified":
                changed.rows.extend(reading.rows(block, row, changed.odd, []))
            else:
                changed.deleted.extend(reading.rows(block, deleted_row or row, changed.odd, []))

        return await self.reads.collect(
            call,
            frozenset({"modified", "deleted"}),
            lambda is_silent: Changed[Row]([], [], is_silent=is_silent),
            add,
        )

    def _call(self, operation: Operation, **place: int) -> Call:
        return Call(operation, self._place(**place))

    def _place(self, **place: int) -> dict[str, int]:
        return {"dossier": self.reads.dossier, **place}


def _since(instant: datetime | None) -> dict[str, str | int]:
    return {"modifiedTimeStamp": FIRST_LOAD_SINCE if instant is None else modified_since(instant)}
