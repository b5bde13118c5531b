"""Matchings as they are told, and as Octopus's report of what is open judges them (domain/accounting/matchings.py)."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from monitr.adapters.sql.database.statements import scoped, statements
from monitr.adapters.sql.importing import reference_tables
from monitr.adapters.sql.importing.bulk_copy import Arriving, driver_of, rows_text
from monitr.adapters.sql.importing.fence import Fence
from monitr.adapters.sql.importing.own_transaction import OwnTransaction
from monitr.adapters.sql.importing.reference_rows import STORED
from monitr.adapters.sql.journal_keys import parted
from monitr.domain.accounting.checks import SHOWN
from monitr.domain.accounting.matchings import (
    InDoubt,
    ItemGroup,
    MatchedLine,
    MatchedPair,
    Matching,
    Unexplained,
    contradicted,
    corrected,
)
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.outstanding_items import OutstandingItemType

_MATCHINGS = STORED[Matching]
_SQL = statements(__file__)
_ARE_KNOWN = scoped("SELECT EXISTS (SELECT FROM matching WHERE administration_id = :own)")

_OF_CHANGES = ("lines_of_changes", "matchings_of_changes", "items_of_changes")
_OF_ALL = ("lines_of_all", "matchings_of_all", "items_of_all")

ONE_BY_ONE = 20_000
"""Bookings that are looked up one by one; where there are more, whole tables are joined. A payment of a hundred
invoices brings all of them with it, so that a hundred changes are far more bookings."""


@dataclass(slots=True)
class SqlMatchingStage:
    """``hold`` raises LeaseLost where the run is somebody else's."""

    own: OwnTransaction
    hold: Callable[[OwnTransaction], Awaitable[None]]
    arriving: Arriving = field(default_factory=Arriving)
    _removed: list[MatchedPair] = field(default_factory=list)

    async def open(self) -> None:
        await reference_tables.prepare(self.own.connection, _MATCHINGS)
        await self.arriving.open(self.own.connection, "COPY incoming_matching FROM STDIN")

    async def add(self, matchings: Sequence[Matching], removed: Sequence[MatchedPair]) -> None:
        self._removed += removed
        await self.arriving.write(rows_text(list(map(_MATCHINGS.values, matchings))))

    async def publish(self, *, is_whole: bool) -> None:
        await self.arriving.close()
        await self.hold(self.own)
        if self._removed:
            await self.own.run(_SQL["remove"], **_pairs(self._removed))
        if is_whole:
            await _join(self.own, whole=True)
            await self.own.run(_SQL["drop_those_that_stand"])
        await self.own.run(_SQL["write"])
        await self.own.connection.commit()


@dataclass(frozen=True, slots=True)
class SqlMatchings:
    fence: Fence

    def stage(self) -> AbstractAsyncContextManager[SqlMatchingStage]:
        return self.fence.staging(lambda own: SqlMatchingStage(own, self.fence.hold))

    async def are_known(self) -> bool:
        [(known,)] = await self.fence.rows(_ARE_KNOWN)
        return bool(known)

    async def judge(
        self,
        accounts: Mapping[OutstandingItemType, Collection[int]],
        bookyears: Collection[int],
        found_on: date,
        *,
        is_whole: bool,
    ) -> None:
        async with self.fence.writing() as own:
            await _Judgement(own, list(bookyears), found_on).pronounce(accounts, is_whole=is_whole)

    async def unexplained(self) -> list[Unexplained]:
        async with self.fence.transaction() as own:
            found = (await own.run(_SQL["unexplained"])).all()
            return [
                Unexplained(
                    OutstandingItemType(row.type),
                    row.groups,
                    _as_the_report(row.type, row.amount),
                    [
                        (_group(some), _as_the_report(row.type, some.amount))
                        for some in await own.run(_SQL["some_unexplained"], type=row.type, first=SHOWN)
                    ],
                )
                for row in found
            ]


@dataclass(slots=True)
class _Judgement:
    own: OwnTransaction
    bookyears: list[int]
    found_on: date
    _accounts: dict[str, object] = field(default_factory=dict)
    """The control accounts and their types, as parameters."""

    async def pronounce(self, told: Mapping[OutstandingItemType, Collection[int]], *, is_whole: bool) -> None:
        unjudged = [key for (key,) in await self._run("unjudged")]
        is_whole = await self._know_accounts(told, is_whole=is_whole) or is_whole or "" in unjudged
        if is_whole:
            unjudged = [key for (key,) in await self._run("journals")]
        if unjudged and self._accounts:
            whole = await self._scope(unjudged, is_whole=is_whole)
            await _join(self.own, whole=True)  # of what has been gathered
            await self._correct(await self._settle())
            await _join(self.own, whole=whole)
            await self._run("write_back")
        await self._run("all_is_judged")

    async def _know_accounts(self, told: Mapping[OutstandingItemType, Collection[int]], *, is_whole: bool) -> bool:
        """True where there are others now. Where clients and suppliers share one, nothing can be told apart."""
        known = {(type, account) for type, account in await self._run("control_accounts")}
        if is_whole:
            await self._run("forget_control_accounts")
            now = {(type, account) for type, account in await self._run("accounts_of_matchings")}
        else:
            now = set(known)
        now |= {(type.value, account) for type, accounts in told.items() for account in accounts}
        named = sorted(now)
        if is_whole or now != known:
            await self._run(
                "know_control_accounts",
                types=[type for type, _ in named],
                accounts=[account for _, account in named],
            )
        types = dict[int, str]()
        for type, account in named:
            types[account] = type
        if named and len(types) == len(named):
            self._accounts = {"accounts": list(types), "account_types": list(types.values())}
        return now != known

    async def _scope(self, keys: Sequence[str], *, is_whole: bool) -> bool:
        """True where whole tables were read for it."""
        driver = await driver_of(self.own.connection)
        await driver.execute(_SQL["temporary_tables"].text.encode(), prepare=False)
        place = {**parted(keys), "bookyears": self.bookyears}
        if is_whole:
            await _join(self.own, whole=True)
            await self._run("scope_of_all", **place, accounts=self._accounts["accounts"])
        else:
            await _join(self.own, whole=False)
            is_whole = (await self._run("scope_of_changes", **place)).rowcount > ONE_BY_ONE
            await _join(self.own, whole=is_whole)
        for gather in _OF_ALL if is_whole else _OF_CHANGES:
            await self._run(gather, **self._accounts)
        return is_whole

    async def _settle(self) -> dict[ItemGroup, Decimal]:
        """What is left to be corrected."""
        await self._run("date_anew")
        found = (await self._run("differences")).all()
        differences = {_group(row): row.difference for row in found}
        for it in await self._contradicted(differences):
            differences[it.debit] += it.amount
            differences[it.credit] -= it.credit_amount
        return {group: differences[group] for row in found if row.is_booked for group in [_group(row)]}

    async def _contradicted(self, differences: Mapping[ItemGroup, Decimal]) -> list[InDoubt]:
        if not differences:
            return []
        asked = _groups(list(differences)) | {"amounts": list(differences.values())}
        in_doubt = [
            InDoubt(
                pair,
                row.amount,
                row.credit_amount,
                row.matched_on,
                *(ItemGroup(OutstandingItemType(row.type), *line[:3], row.relation) for line in pair),
            )
            for row in await self._run("matchings_in_doubt", **asked)
            for pair in [MatchedPair(MatchedLine(*row[:4]), MatchedLine(*row[4:8]))]
        ]
        found = contradicted(in_doubt, differences)
        if found:
            await self._run("do_not_count", **_pairs([it.pair for it in found]))
        return found

    async def _correct(self, differences: Mapping[ItemGroup, Decimal]) -> None:
        before: dict[ItemGroup, dict[date, Decimal]] = {}
        for row in await self._run("corrections"):
            before.setdefault(_group(row), {})[row.found_on] = row.amount
        now = {
            group: corrected(before.get(group, {}), differences.get(group, ZERO), self.found_on)
            for group in before.keys() | differences.keys()
        }
        changed = sorted(group for group, of in now.items() if of != before.get(group, {}))
        if not changed:
            return
        await self._run("forget_corrections", **_groups(changed))
        written = [(group, day, amount) for group in changed for day, amount in now[group].items()]
        await self._run(
            "correct",
            **_groups([group for group, _, _ in written]),
            found_on=[day for _, day, _ in written],
            amounts=[amount for _, _, amount in written],
        )

    async def _run(self, statement: str, **parameters: object) -> Any:
        """One of ``matchings.sql``, by its name."""
        return await self.own.run(_SQL[statement], **parameters)


async def _join(own: OwnTransaction, *, whole: bool) -> None:
    await own.run(_SQL["join"], whole="on" if whole else "off", one_by_one="off" if whole else "on")


def _group(row: Row[Any]) -> ItemGroup:
    return ItemGroup(OutstandingItemType(row.type), row.bookyear, row.journal_key, row.document_number, row.relation)


def _groups(groups: Sequence[ItemGroup]) -> dict[str, object]:
    return {
        "types": [group.type.value for group in groups],
        "bookyears": [group.bookyear for group in groups],
        "journal_keys": [group.journal_key for group in groups],
        "document_numbers": [group.document_number for group in groups],
        "relations": [group.relation for group in groups],
    }


def _pairs(pairs: Sequence[MatchedPair]) -> dict[str, object]:
    return {
        f"{side}_{column}": [getattr(getattr(pair, side), column) for pair in pairs]
        for side in MatchedPair._fields
        for column in MatchedLine._fields
    }


def _as_the_report(type: str, amount: Decimal) -> Decimal:
    return amount if type == OutstandingItemType.RECEIVABLE else -amount
