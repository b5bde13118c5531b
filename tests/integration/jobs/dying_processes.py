"""Processes that queue a run, relay what the outbox holds, and are killed somewhere in between.

``python -m tests.integration.jobs.dying_processes DATABASE SEED KILLS LOG``: forks them one after the other, each dead
by SIGKILL at a point that the seed chooses. ``LOG`` gets the id of each run whose message reached the broker.
"""

import asyncio
import os
import random
import signal
import sys
from pathlib import Path

from monitr.adapters.security.cipher import AesGcmCipher
from monitr.adapters.sql.database.engine import create_engine
from monitr.adapters.sql.repositories.unit_of_work import SqlTransactions
from monitr.adapters.sql.work.outbox import Message, Outbox
from monitr.bootstrap.ports import now
from monitr.domain.integration import Integration
from tests.unit.fakes import a_run, an_administration, an_integration

POINTS = ("before the commit", "after the commit", "before publishing", "after publishing", "after noting")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def reached(log: Path, message: Message) -> None:
    """The broker has it: written by one call, so that the kill cannot tear it."""
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, f"{message.payload['run_id']}\n".encode())
    os.close(file)


async def prepare(database: str) -> Integration:
    engine = create_engine(database)
    integration = an_integration()
    async with SqlTransactions(engine, AesGcmCipher([bytes(range(32))]), now)(integration.organisation_id) as unit:
        await unit.integrations.save(integration)
        await unit.commit()
    await engine.dispose()
    return integration


async def live_and_die(database: str, integration: Integration, number: int, log: Path, point: str, nth: int) -> None:
    engine = create_engine(database, pool_size=2)
    administration = an_administration(
        organisation_id=integration.organisation_id, integration_id=integration.id, dossier=number
    )
    async with SqlTransactions(engine, AesGcmCipher([bytes(range(32))]), now)(integration.organisation_id) as unit:
        await unit.administrations.save(administration)
        await unit.imports.add(a_run(administration, queued_at=now()))
        if point == "before the commit":
            die()
        await unit.commit()
    if point == "after the commit":
        die()
    left = nth

    async def publish(message: Message) -> None:
        nonlocal left
        left -= 1
        if point == "before publishing" and left <= 0:
            die()
        reached(log, message)
        if point == "after publishing" and left <= 0:
            die()

    await Outbox(engine).publish_pending(publish)
    die()


def main(database: str, seed: int, kills: int, log: Path) -> None:
    chance = random.Random(seed)
    integration = asyncio.run(prepare(database))
    for number in range(1, kills + 1):
        point, nth = chance.choice(POINTS), chance.randint(1, 4)
        child = os.fork()
        if child == 0:
            asyncio.run(live_and_die(database, integration, number, log, point, nth))
            os._exit(1)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), f"kill {number}, {point}: it ended by itself"


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
