"""Decision 14 for the import store: with either belt off, no port finds or changes anything of another tenant."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import insert, update
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.engine import create_engine
from monitr.adapters.sql.database.tables import journal, metadata
from monitr.adapters.sql.importing.fence import Fence
from monitr.adapters.sql.importing.import_store import open_import_store
from monitr.adapters.sql.importing.own_transaction import OwnTransaction
from monitr.application.importing.ledger.chunk import EVERYTHING, Chunk
from monitr.application.importing.ports import ImportStore, LastRead, LeaseLost
from monitr.application.octopus import AccountAmount
from monitr.domain.accounting.account import Account, CostCentre, Names
from monitr.domain.accounting.bookyear import Bookyear, Journal
from monitr.domain.accounting.ledger import FIRST_LOAD_TYPES, BookingKey
from monitr.domain.accounting.matchings import MatchedLine, Matching
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.accounting.year_opening import Evidence, YearOpening
from monitr.domain.import_run import Dataset
from monitr.domain.words.sentence import Sentence
from octopus_sandbox import SandboxSettings
from octopus_sandbox.testing import SandboxServer
from tests.integration.importing.stores import InPostgres
from tests.integration.importing.test_import_store_contract import publish, renew, tell_matchings
from tests.integration.importing.world import a_world
from tests.integration.tenants import ACQUIRED, DAY, ONE, Tenant, unscoped, without_conditions, without_row_security
from tests.unit.fakes import NOON, FakeClaim, a_run, an_administration
from tests.unit.importing.fake_dossier import a_relation, an_item, lines_of

YEAR = Bookyear(ONE, "2026", DAY, DAY, closed=False, periods=())
BOOKING, ANOTHER, NEW = (BookingKey(ONE, ONE, ONE, number) for number in (1, 2, 3))
OPENED = BookingKey(ONE, 4, ONE, ONE)
CHUNK, CHUNK_OF_DIVERS = Chunk.of(BOOKING), Chunk.of(OPENED)
LINES = lines_of(BOOKING, (ACQUIRED, "5.00"), (400000, "-5.00"), day=DAY, period=ONE, relation=2)
EQUAL_LINES = 2 * lines_of(OPENED, (400000, "1.00"), day=DAY, period=ONE) + 2 * lines_of(
    OPENED, (550000, "-1.00"), day=DAY, period=ONE
)
RECEIVABLE = OutstandingItemType.RECEIVABLE
ITEM = an_item(RECEIVABLE, LINES[0], Decimal("5.00"))
MATCHED = MatchedLine(ONE, BOOKING.journal_key, ONE, ONE)
MATCHING = Matching(MATCHED, MATCHED, "C", ONE, ACQUIRED, Decimal("5.00"), Decimal("5.00"), DAY, DAY)

Deed = Callable[[InPostgres], Awaitable[object]]

ROWS: Sequence[Any] = (
    YEAR,
    Journal(ONE, "D", 2, "mine", closed=False, currency="EUR"),
    Account(ONE, ONE, Names("mine")),
    CostCentre(ONE, Names("mine"), closed=False),
    a_relation(ONE),
    AccountAmount(ONE, ONE, ACQUIRED, Decimal("5.00")),
)
KINDS: list[Any] = [type(row) for row in ROWS]


def merging(rows: Sequence[Any], deleted: Sequence[Any]) -> Deed:
    (kind,) = {type(row) for row in (*rows, *deleted)}
    return lambda it: it.store.reference.merge(kind, rows, deleted)


def replacing(kind: type[Any]) -> Deed:
    return lambda it: it.store.reference.replace(kind, [])


def judging(*, is_whole: bool) -> Deed:
    return lambda it: it.store.matchings.judge({RECEIVABLE: [ACQUIRED]}, [ONE], DAY, is_whole=is_whole)


async def known(it: InPostgres) -> object:
    return [await it.store.reference.knows(kind) for kind in KINDS]


DEEDS: Mapping[str, Deed] = {
    "record.last_reads": lambda it: it.store.record.last_reads(),
    "record.save": lambda it: it.store.record.save(it.run, replace(it.administration, name="mine")),
    "record.note": lambda it: it.store.record.note([Sentence.verbatim("mine")]),
    "reference.bookyears": lambda it: it.store.reference.bookyears(),
    "reference.knows": known,
    **{f"reference.merge {type(row).__name__}": merging([row], []) for row in ROWS},
    **{f"reference.merge deleted {type(row).__name__}": merging([], [row]) for row in ROWS},
    **{f"reference.replace {kind.__name__}": replacing(kind) for kind in KINDS},
    "reference.are_booked_on": lambda it: it.store.reference.are_booked_on(Dataset.ACCOUNTS),
    "ledger.checkpoints": lambda it: it.store.ledger.checkpoints(),
    "ledger.chunks_read": lambda it: it.store.ledger.chunks_read(),
    "ledger.read_at": lambda it: it.store.ledger.read_at(),
    "ledger.answers": lambda it: it.store.ledger.answers(),
    "ledger.complete_bookyears": lambda it: it.store.ledger.complete_bookyears(),
    "ledger.doubt": lambda it: it.store.ledger.doubt([CHUNK]),
    "openings.candidates": lambda it: it.store.openings.candidates(YEAR),
    "openings.journal_names": lambda it: it.store.openings.journal_names(ONE),
    "openings.carried_forward": lambda it: it.store.openings.carried_forward(YEAR, None),
    "reconciliation.amount_cells": lambda it: it.store.reconciliation.amount_cells([YEAR]),
    "reconciliation.amount_cells without the missing": lambda it: it.store.reconciliation.amount_cells(
        [YEAR], without_missing=True
    ),
    "reconciliation.missing_chunks": lambda it: it.store.reconciliation.missing_chunks(),
    "reconciliation.repeated_lines": lambda it: it.store.reconciliation.repeated_lines([ONE]),
    "matchings.are_known": lambda it: it.store.matchings.are_known(),
    "matchings.unexplained": lambda it: it.store.matchings.unexplained(),
    "open_items.control_total": lambda it: it.store.open_items.control_total(RECEIVABLE),
    "verification.checks": lambda it: it.store.verification.checks(),
    "verification.derive_fixed_assets": lambda it: it.store.verification.derive_fixed_assets(),
    "ledger.stage of a known answer": lambda it: publish(it, CHUNK, answer="a", is_known=True),
    "ledger.stage of a chunk that differs": lambda it: publish(it, CHUNK, *LINES, answer="b"),
    "ledger.stage of the same chunk": lambda it: publish(it, CHUNK_OF_DIVERS, *EQUAL_LINES, answer="b"),
    "ledger.stage of an unbalanced booking": lambda it: publish(it, CHUNK, LINES[0]),
    "ledger.stage of a new chunk": lambda it: publish(
        it, Chunk(2, 2), *lines_of(BookingKey(2, 2, 1, 1), (400000, "1.00"), (700000, "-1.00"), day=DAY, period=1)
    ),
    "ledger.stage of special types": lambda it: publish(it, Chunk(ONE, -1)),
    "ledger.stage of changes": lambda it: publish(it, EVERYTHING, *LINES, deleted=[ANOTHER]),
    "openings.save": lambda it: it.store.openings.save(YEAR, [YearOpening(OPENED, Evidence.CONTENT)]),
    "openings.save none": lambda it: it.store.openings.save(YEAR, []),
    "open_items.stage": lambda it: renew(it, RECEIVABLE, [ITEM]),
    "matchings.stage": lambda it: tell_matchings(it, [MATCHING], []),
    "matchings.stage of all": lambda it: tell_matchings(it, [MATCHING], [], is_whole=True),
    "matchings.stage of removed": lambda it: tell_matchings(it, [], [MATCHING.pair]),
    "matchings.judge": judging(is_whole=False),
    "matchings.judge of all": judging(is_whole=True),
    "reconciliation.resolve_missing by forgetting": lambda it: it.store.reconciliation.resolve_missing(
        CHUNK, delete=False
    ),
    "reconciliation.resolve_missing by deletion": lambda it: it.store.reconciliation.resolve_missing(
        CHUNK, delete=True
    ),
    "record.finish": lambda it: it.store.record.finish(
        it.run, it.administration, {Dataset.ACCOUNTS: LastRead(NOON, NOON)}
    ),
}
"""What an import does with the store. A name begins with that of the port and of its method."""


def test_every_method_of_every_port_is_tried() -> None:
    methods = {
        f"{port.name}.{method}" for port in fields(ImportStore) for method in vars(port.type) if method[0] != "_"
    }
    assert {name.split()[0] for name in DEEDS} == methods


@dataclass(frozen=True)
class Imports:
    """Of tenants whose rows have the same numbers, and are noted with the same run: that of ``me``."""

    engine: AsyncEngine
    looking: AsyncEngine
    """Keeps the belts' conditions, and is bound by no policy."""
    me: Tenant

    async def outcomes(self, of: Tenant) -> dict[str, str]:
        """Of everything that ``me`` does with the administration ``of``, whose id he has got hold of."""
        return {name: await self.outcome(of, deed) for name, deed in DEEDS.items()}

    async def outcome(self, of: Tenant, deed: Deed) -> str:
        try:
            return repr(await deed(self.place(self.me, of))).replace(str(self.me.organisation), "me")
        except (DBAPIError, NoResultFound, LeaseLost) as refused:
            return type(refused).__name__

    async def another(self) -> Tenant:
        """With what the other's imports have left: rows in every table, an opening, a complete bookyear."""
        other = Tenant(amount=Decimal("7.00"))
        await self.fill(other)
        its = self.place(other, other)
        for type in FIRST_LOAD_TYPES[1:]:
            await publish(its, Chunk(ONE, int(type)), *(EQUAL_LINES if type == 4 else ()), answer="a")
        async with self.looking.begin() as connection:
            for name in ("ledger_chunk", "import_note", "import_change", "import_first_seen"):
                table = metadata.tables[name]
                await connection.execute(update(table).where(other.owns(table)).values(run_id=self.me.run))
        return other

    async def fill(self, tenant: Tenant) -> None:
        async with self.looking.begin() as connection:
            await tenant.fill(connection)
            await connection.execute(insert(journal).values({**tenant.row(journal), "type": "D", "number": 2}))

    async def rows(self, tenant: Tenant) -> object:
        async with self.looking.connect() as connection:
            return await tenant.rows(connection)

    def place(self, who: Tenant, of: Tenant) -> InPostgres:
        administration = an_administration(
            id=of.administration, organisation_id=who.organisation, integration_id=who.integration
        )
        place = InPostgres(self.engine, administration)
        place.run = a_run(replace(administration, id=who.administration), id=who.run)
        place.store = open_import_store(self.engine, FakeClaim(who.run, who.organisation, ONE, ONE), administration)
        return place


@pytest_asyncio.fixture
async def imports(fresh_database: str) -> AsyncIterator[Imports]:
    imports = Imports(create_engine(fresh_database), create_engine(fresh_database), Tenant())
    await imports.fill(imports.me)
    yield imports
    await imports.engine.dispose()
    await imports.looking.dispose()


@pytest.fixture
def unheld(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever holds a run has shown that it is his: without it, each statement has to look after itself."""

    async def nothing(fence: Fence, own: OwnTransaction) -> None:
        pass

    monkeypatch.setattr(Fence, "hold", nothing)


@contextmanager
def only(belt: str, engine: AsyncEngine) -> Iterator[None]:
    with (
        without_row_security() if belt == "conditions" else nullcontext(),
        without_conditions(engine) if belt == "row security" else nullcontext(),
    ):
        yield


BELTS = pytest.mark.parametrize("belt", ["both", "conditions", "row security"])


@BELTS
@pytest.mark.usefixtures("unheld")
async def test_nothing_of_another_tenant_is_found_or_changed(imports: Imports, belt: str) -> None:
    other, nobody = await imports.another(), Tenant()
    before = await imports.rows(other)

    with only(belt, imports.engine):
        assert await imports.outcomes(other) == await imports.outcomes(nobody)
    assert await imports.rows(other) == before


@BELTS
async def test_an_import_finds_and_leaves_what_it_would_alone(imports: Imports, belt: str) -> None:
    alone = await imports.outcomes(imports.me)
    other = await imports.another()
    before = await imports.rows(other)
    me = replace(imports, me=Tenant())
    await me.fill(me.me)

    with only(belt, imports.engine):
        assert await me.outcomes(me.me) == alone
    assert await imports.rows(other) == before


@pytest.mark.usefixtures("unheld")
async def test_without_both_belts_every_deed_succeeds(imports: Imports) -> None:
    """So each of them can do what it must not, and the belts come off in the tests above."""
    harmless = []
    with without_row_security(), without_conditions(imports.engine):
        for name, deed in DEEDS.items():
            other = await imports.another()
            before = await imports.rows(other)
            found = await imports.outcome(other, deed) != await imports.outcome(Tenant(), deed)
            if not found and await imports.rows(other) == before:
                harmless.append(name)
    assert harmless == []


async def test_whoever_does_not_hold_the_run_writes_nothing(imports: Imports) -> None:
    other = await imports.another()
    with without_row_security(), pytest.raises(LeaseLost):
        await imports.place(imports.me, other).store.record.note([Sentence.verbatim("mine")])


async def test_every_statement_of_an_import_names_its_organisation(engine: AsyncEngine) -> None:
    with SandboxServer(SandboxSettings(lines=2_000)) as sandbox:
        async with a_world(engine, sandbox) as world:
            (selected,) = await world.select(await world.connect(), 49001)
            with unscoped(engine) as found:
                await world.work(selected.id)
                await world.sync(selected.id)
    assert found == set()
