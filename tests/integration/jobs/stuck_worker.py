"""A worker process that claims a run and never comes to an end; killed by the test that started it.

``python -m tests.integration.jobs.stuck_worker DATABASE QUEUE LEASE_SECONDS``
"""

import asyncio
import sys
from datetime import timedelta

from monitr.application.ports import Claim
from monitr.entrypoints.cli.logs import configure_logs
from tests.integration.jobs.queued_runs import a_worker, opened


async def main(database: str, queue: str, lease_seconds: float) -> None:
    forever = asyncio.Event()

    async def get_stuck(claim: Claim) -> None:
        print("claimed", claim.run_id, flush=True)
        await forever.wait()

    async with opened(database) as of, a_worker(of, get_stuck, queue=queue, lease=timedelta(seconds=lease_seconds)):
        await forever.wait()


if __name__ == "__main__":
    configure_logs("stuck worker", quiet=True)  # standard output is the test's
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
