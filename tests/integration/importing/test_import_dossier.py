"""A dossier after its import, line by line against the sandbox's own truth."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.octopus.answers.elements import Elements
from monitr.adapters.octopus.answers.ledger import LedgerReading
from monitr.adapters.sql.database.tenancy import transaction
from monitr.domain.accounting.ledger import LedgerBatch
from monitr.domain.import_run import Dataset, ImportMode, ImportStatus
from octopus_sandbox import SandboxSettings, Switches
from octopus_sandbox.switches import OpeningVariant
from octopus_sandbox.testing import SandboxServer
from tests.integration.importing.edits import Sell
from tests.integration.importing.soak import SOAK
from tests.integration.importing.truth import assert_equals_the_books
from tests.integration.importing.world import a_world, checks

LEDGER = """
    SELECT l.bookyear, l.journal_type, l.journal_number, l.document_number, l.account, l.amount, l.document_date,
           l.period, l.effective_date, coalesce(l.relation, 0), coalesce(l.cost_centre, 0), y.evidence IS NOT NULL
    FROM ledger_line l LEFT JOIN year_opening y
    USING (administration_id, bookyear, journal_type, journal_number, document_number)
    WHERE l.administration_id = :id"""


@pytest.mark.parametrize("variant", list(OpeningVariant))
@pytest.mark.parametrize("dossier", [49001, 49002, 49003], ids=["monthly", "quarterly", "broken"])
async def test_every_line_equals_the_books(engine: AsyncEngine, variant: OpeningVariant, dossier: int) -> None:
    switches = Switches(opening=variant)
    with SandboxServer(SandboxSettings(lines=20_000 if SOAK else 2_000, switches=switches)) as sandbox:
        async with a_world(engine, sandbox) as world:
            (administration,) = await world.select(await world.connect(), dossier)
            run = await world.work(administration.id)
            assert run.status is ImportStatus.SUCCEEDED, run.error
            truth = sandbox.truth(dossier)
            ours = sorted(await world.rows(LEDGER, id=administration.id))
            theirs = sorted(
                (
                    line.bookyear,
                    line.journal_type,
                    line.journal_nr,
                    line.document_number,
                    line.account,
                    line.amount,
                    line.date,
                    line.period,
                    line.effective_date,
                    line.relation,
                    line.cost_centre,
                    line.opening,
                )
                for line in truth.ledger()
            )
            assert ours == theirs
            assert checks(run) == {}


async def test_a_full_import_again_decodes_only_the_chunks_that_differ_here_or_there(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: set[tuple[int, int]] = set()
    batch = LedgerReading.batch

    def noted(reading: LedgerReading, block: Elements) -> LedgerBatch:
        lines = batch(reading, block)
        decoded.update((line.bookyear, line.journal_type) for line in lines.lines)
        return lines

    with SandboxServer(SandboxSettings(lines=3_000, bookyears=3)) as sandbox:
        async with a_world(engine, sandbox) as world:
            (administration,) = await world.select(await world.connect(), 49001)
            id = administration.id
            await world.work(id)
            monkeypatch.setattr(LedgerReading, "batch", noted)

            run = await world.sync(id, ImportMode.FULL)
            counts = run.datasets[Dataset.GENERAL_LEDGER].counts
            assert (decoded, counts.written, counts.fetched) == (set(), 0, len(sandbox.truth(49001).ledger()))
            assert counts.unchanged == counts.fetched

            async with transaction(engine, world.organisation) as connection:
                spoil = "UPDATE ledger_line SET amount = amount + 1 WHERE administration_id = :id AND ordinal = 1"
                of_two_chunks = "AND bookyear = 2 AND journal_type IN (1, 2)"
                await connection.execute(text(f"{spoil} {of_two_chunks}"), {"id": id})
            books = sandbox.books(49001)
            Sell(which=2, day=40, cents=12_100).in_(books)
            run = await world.sync(id, ImportMode.FULL)

            newest = max(books.bookyears.values(), key=lambda year: year.start)
            assert decoded == {(2, 1), (2, 2), (newest.id, 2)}
            await assert_equals_the_books(world, id, sandbox.truth(49001))
            assert checks(run) == {}
