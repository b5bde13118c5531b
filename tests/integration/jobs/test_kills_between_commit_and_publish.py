"""Whatever dies between the commit and the broker: no run is lost, and no message does harm."""

import asyncio
import os
import random
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from monitr.adapters.jobs.broker import WakeUps, make_broker
from monitr.adapters.sql.database.tenancy import transaction
from monitr.adapters.sql.work.outbox import Message, Outbox
from monitr.bootstrap.ports import Ports
from tests.integration.jobs.dying_processes import reached
from tests.integration.jobs.queued_runs import Notebook, a_worker, opened, queue, selected
from tests.integration.jobs.test_workers import ROOT, _forget

KILLS = 1_000 if os.environ.get("MONITR_SOAK") == "1" else 15
SEED = int(os.environ.get("MONITR_TEST_SEED", "4"))


async def all_runs(of: Ports) -> list[str]:
    async with transaction(of.engine, None) as connection:
        return [str(id) for (id,) in await connection.execute(text("SELECT id FROM import_run"))]


async def test_whatever_is_killed_between_commit_and_publish_no_run_is_lost(
    fresh_database: str, tmp_path: Path
) -> None:
    log = tmp_path / "broker"
    dying = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.jobs.dying_processes"),
        *(fresh_database, str(SEED), str(KILLS), str(log)),
        cwd=ROOT,
    )
    assert await dying.wait() == 0

    async with opened(fresh_database) as of:
        runs = await all_runs(of)
        by_then = set(log.read_text().split())

        async def publish(message: Message) -> None:
            reached(log, message)

        while await Outbox(of.engine).publish_pending(publish):
            pass
        sent = Counter(log.read_text().split())

        assert 0 < len(runs) < KILLS  # those killed before their commit never were
        assert set(sent) == set(runs)
        print(
            f"{KILLS} kills (seed {SEED}): {len(runs)} runs committed, {len(by_then)} told to the broker in spite of"
            f" the kills, {len(set(runs) - by_then)} by the next relay, {sum(sent.values()) - len(sent)} told twice"
        )

        notebook = Notebook(of)
        async with a_worker(of, notebook.work_on, queue="unused", sweep_every=timedelta(seconds=0.5)):
            await notebook.holds(len(runs))
        assert sorted(map(str, notebook.worked)) == sorted(runs)


@pytest.mark.parametrize("broker", ["redis_url", "rabbitmq_url"])
async def test_messages_that_come_twice_late_or_in_any_order_change_nothing(
    fresh_database: str, broker: str, request: pytest.FixtureRequest
) -> None:
    address, name = str(request.getfixturevalue(broker)), f"monitr-test-{uuid4().hex[:12]}"
    async with opened(fresh_database, address) as of:
        notebook, administrations = Notebook(of), await selected(of, administrations=6)
        (old,) = await queue(of, administrations[:1])
        async with a_worker(of, notebook.work_on, queue=name):
            await notebook.holds(1)
        wake_ups = WakeUps(make_broker(address, queue=name), queue=name)
        messages = [str(old.id), str(uuid4()), "nonsense"] * 3
        random.Random(SEED).shuffle(messages)
        for message in messages:
            await wake_ups.publish(message)

        runs = await queue(of, administrations[1:])
        for run in [*reversed(runs), *runs]:
            await wake_ups.publish(str(run.id))
        async with a_worker(of, notebook.work_on, queue=name):
            await notebook.holds(6)
            await asyncio.sleep(0.5)
        wake_ups.close()
        _forget(make_broker(address, queue=name), name)

    assert Counter(notebook.worked) == Counter([old.id, *(run.id for run in runs)])
