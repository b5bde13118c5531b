"""A worker process that is about to commit a chunk when it is suspended; then it tries.

``python -m tests.integration.jobs.suspended_worker DATABASE LEASE_SECONDS``: claims a run, stages lines, says so, waits
for a line on standard input, commits, and says what came of it.
"""

import asyncio
import sys
from datetime import date, timedelta
from decimal import Decimal

from monitr.adapters.sql.importing.import_store import open_import_store
from monitr.adapters.sql.work.leases import SqlLeases
from monitr.application.importing.ledger.chunk import Chunk
from monitr.application.importing.ports import LeaseLost
from monitr.domain.accounting.ledger import LedgerLine
from tests.integration.jobs.queued_runs import opened


def a_line(amount: str) -> LedgerLine:
    """Of a booking that no books of the sandbox hold."""
    day = date(2026, 1, 1)
    booking = (4, 1, 1, 999_999, 1, 202601, day, day, None, 400000, Decimal(amount), "EUR")
    return LedgerLine(*booking, None, None, None, None, "written by a ghost", None, None, None)


async def main(database: str, lease: float) -> None:
    async with opened(database) as of:
        claim = await SqlLeases(of.engine).claim(None, "to be suspended", timedelta(seconds=lease))
        assert claim is not None
        async with of.transactions(claim.organisation_id) as unit:
            run = await unit.imports.find(claim.organisation_id, claim.run_id)
            assert run is not None
            administration = await unit.administrations.find(claim.organisation_id, run.administration_id)
            await unit.imports.save(run.begin(of.clock()))
            await unit.commit()
        assert administration is not None
        try:
            async with open_import_store(of.engine, claim, administration).ledger.stage() as stage:
                await stage.add([a_line("100.00"), a_line("-100.00")])
                await stage.complete(Chunk(4, 1))
                await stage.publish_chunk(run)
                print("about to commit a chunk of 2 lines", flush=True)
                sys.stdin.readline()
                await stage.commit(run.begin(of.clock()))
        except LeaseLost:
            print("LeaseLost", flush=True)
        else:
            print("published", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
