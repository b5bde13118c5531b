"""Imports by many processes while workers are killed and suspended and the broker forgets: issue 4's measure.

``make test`` runs a small form with a short lease; MONITR_SOAK=1 the full one, some minutes for each broker.
"""

import asyncio
import json
import os
import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from websockets.asyncio.client import connect

from monitr.adapters.security.development_tokens import sign
from monitr.bootstrap.ports import now
from monitr.domain.administration import Administration
from octopus_sandbox import SandboxSettings
from octopus_sandbox.switches import Switches
from octopus_sandbox.testing import SandboxServer
from tests.integration.importing.world import World
from tests.integration.jobs.imports_at_work import LEDGER_CALL, connected, equals_the_books
from tests.integration.jobs.soak import (
    SECRET,
    Fleet,
    claims_out_of_turn,
    fleet,
    takeovers,
    writes_by_others_than_the_holder,
)


@dataclass(frozen=True, slots=True)
class Form:
    """Times in seconds."""

    organisations: int
    administrations: int
    """Of all organisations together."""
    lines: int
    apis: int
    workers: int
    schedulers: int
    lease: int
    kill_every: float
    kills: int
    """At most."""
    suspend_for: float
    empty_at: tuple[float, ...]
    longest_takeover: float
    patience: float
    slow_chunks: int = 0
    """So many answers take a moment, so that the kills find something to interrupt."""


SMALL = Form(2, 6, 300, 1, 2, 2, 3, 2.0, 3, 8.0, (2.0, 6.0), 35, 120, slow_chunks=24)
FULL = Form(5, 200, 2_000, 2, 3, 2, 25, 2.0, 10_000, 60.0, (20.0, 60.0), 35, 3_000)
FORM = FULL if os.environ.get("MONITR_SOAK") == "1" else SMALL
SEED = int(os.environ.get("MONITR_TEST_SEED", "4"))
QUERY = "subscription ($id: ID!) { importProgress(administrationId: $id) { status progress } }"


async def followed(api: str, world: World, administration: Administration) -> list[str]:
    """The states of the run that a browser sees, up to its end."""
    token = sign(SECRET, world.principal, now(), timedelta(days=1), None, None)
    states: list[str] = []
    async with connect(f"{api.replace('http', 'ws')}/graphql", subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]  # websockets has a NewType for it
        await socket.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        operation = {"query": QUERY, "variables": {"id": str(administration.id)}}
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": operation}))
        while (message := json.loads(await socket.recv()))["type"] == "next":
            states.append(message["payload"]["data"]["importProgress"]["status"])
    return states


async def is_up(api: str) -> None:
    async with httpx.AsyncClient() as client, asyncio.timeout(60):
        while True:
            with suppress(httpx.HTTPError):
                if (await client.get(f"{api}/readyz", timeout=10)).status_code == 200:
                    return
            await asyncio.sleep(0.2)


async def all_ended(world: World) -> Counter[str]:
    """How many runs are in which state, once none is under way."""
    async with asyncio.timeout(FORM.patience):
        while True:
            async with world.engine.connect() as connection:
                rows = await connection.execute(text("SELECT status, count(*) FROM import_run GROUP BY status"))
                states = Counter({str(status): int(number) for status, number in rows})
            if not set(states) & {"QUEUED", "RUNNING", "WAITING"}:
                return states
            await asyncio.sleep(0.5)


@pytest.mark.parametrize("broker", ["redis_url", "rabbitmq_url"] if FORM is FULL else ["redis_url"])
async def test_every_import_succeeds_whatever_is_killed_suspended_or_forgotten(
    fresh_database: str, broker: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    address = str(request.getfixturevalue(broker))
    if broker == "redis_url":
        address = f"{address.rsplit('/', 1)[0]}/13"  # emptied by this test: nobody else's
    settings = SandboxSettings(dossiers=FORM.administrations, lines=FORM.lines, switches=Switches(daily_limits=False))
    share = FORM.administrations // FORM.organisations
    with SandboxServer(settings) as sandbox:
        numbers = sandbox.sandbox.generated_dossiers[: FORM.administrations]
        sandbox.faults.next(LEDGER_CALL, times=FORM.slow_chunks, kind="delay", seconds=0.25)
        lease = {"LEASE": str(FORM.lease)}
        processes = Fleet(fresh_database, address, sandbox, tmp_path, lease, random.Random(SEED))
        async with connected(fresh_database, sandbox) as first, asyncio.TaskGroup() as following:
            with fleet(processes):
                apis = processes.start(apis=FORM.apis, workers=FORM.workers, schedulers=FORM.schedulers)
                for api in apis:
                    await is_up(api)
                begun = time.monotonic()
                worlds = [first, *[of_another_organisation(first) for _ in range(FORM.organisations - 1)]]
                selected: list[tuple[World, Administration]] = []
                for position, world in enumerate(worlds):
                    chosen = numbers[position * share : (position + 1) * share]
                    selected += [(world, one) for one in await world.select(await world.connect(), *chosen)]
                browsers = [
                    following.create_task(followed(apis[number % len(apis)], *selected[number]))
                    for number in range(0, len(selected), max(1, len(selected) // 8))
                ]
                over = asyncio.Event()
                chaos = asyncio.create_task(
                    processes.chaos(
                        over,
                        every=FORM.kill_every,
                        at_most=FORM.kills,
                        suspend_for=FORM.suspend_for,
                        empty_at=FORM.empty_at,
                    )
                )
                states = await all_ended(first)
                took = time.monotonic() - begun
                over.set()
                await chaos
                seen = [await asyncio.wait_for(browser, 30) for browser in browsers]
            wrong = [
                administration.dossier
                for world, administration in selected
                if not await equals_the_books(world, administration.id, sandbox, administration.dossier)
            ]
        log = processes.log()
        delays = takeovers(log, processes.kills)
        suspended = [delay for delay in takeovers(log, processes.suspensions) if delay != float("inf")]
        print(
            f"\n{broker}, seed {SEED}: {FORM.administrations} administrations of {FORM.lines} lines in {took:.0f} s,"
            f" {len(processes.kills)} kills, {len(delays)} runs interrupted by them; taken over after"
            f" {max(delays, default=0):.1f} s at the latest; {len(suspended)} of the suspended worker after"
            f" {max(suspended, default=0):.1f} s; {sum(entry.kind == 'claim' for entry in log)} claims,"
            f" {sum(entry.kind == 'publish' for entry in log)} chunks published; states {dict(states)}"
        )

        assert states == {"SUCCEEDED": FORM.administrations}
        assert writes_by_others_than_the_holder(log, processes.owners) == []
        assert claims_out_of_turn(log) == []
        assert wrong == []
        assert max(delays, default=0) <= FORM.longest_takeover
        assert {states[-1] for states in seen} == {"SUCCEEDED"}


def of_another_organisation(world: World) -> World:
    return World(world.engine, world.sandbox, world.adapter, world.clock, world.counter)
