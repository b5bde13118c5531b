"""A dossier after its import, line by line against the sandbox's own truth."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.domain.import_run import ImportStatus
from octopus_sandbox import SandboxSettings, Switches
from octopus_sandbox.switches import OpeningVariant
from octopus_sandbox.testing import SandboxServer
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
    with SandboxServer(SandboxSettings(lines=20_000, switches=switches)) as sandbox:
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
