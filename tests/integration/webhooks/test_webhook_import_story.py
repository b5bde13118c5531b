"""A whole story against the sandbox, as the front end's backend is told it."""

import json
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.application.delete_integration import DeleteIntegration
from monitr.domain.import_run import Dataset, ImportMode
from monitr.domain.integration import IntegrationId
from octopus_sandbox import SandboxSettings
from octopus_sandbox.testing import SandboxServer
from tests.integration.importing.world import World, a_world
from tests.integration.webhooks.outgoing import Outgoing
from tests.integration.webhooks.receivers import Received, a_receiver

ALL = sorted(dataset.value for dataset in Dataset)


def told(received: Sequence[Received], *names: str) -> list[tuple[str, ...]]:
    """The type of each event, and the named parts of its data."""
    payloads = [json.loads(request.body) for request in received]
    return [(payload["type"], *(payload["data"].get(name) or "" for name in names)) for payload in payloads]


async def test_a_receiver_is_told_of_a_connection_its_imports_and_its_end(
    engine: AsyncEngine, outgoing: Outgoing
) -> None:
    with SandboxServer(SandboxSettings(lines=1_000)) as sandbox:
        async with a_world(engine, sandbox) as world, a_receiver() as receiver:
            world.principal = outgoing.principal
            _, secret = await outgoing.target(receiver.url)

            integration = await world.connect()
            (administration,) = await world.select(integration, 49001)
            first = await world.work(administration.id)
            await outgoing.round()
            begun = list(receiver.received)
            second = await world.sync(administration.id, ImportMode.FULL)
            await outgoing.round()
            repeated = receiver.received[len(begun) :]
            await _delete(world, integration)
            await outgoing.round()
            end = receiver.received[len(begun) + len(repeated) :]

    assert told(begun, "dataset") == [
        ("integration.configured", ""),
        ("administration.selected", ""),
        ("import.queued", ""),
        ("import.started", ""),
        *(("dataset.changed", dataset) for dataset in ALL),
        ("import.succeeded", ""),
    ]
    assert told(repeated, "importId", "status") == [
        ("import.queued", str(second.id), "QUEUED"),
        ("import.started", str(second.id), "RUNNING"),
        ("import.succeeded", str(second.id), "SUCCEEDED"),
    ]
    assert told(end, "integrationId", "status") == [
        ("integration.deleted", str(integration), "DELETED"),
        ("administration.removed", str(integration), "DELETED"),
    ]
    success = begun[-1].verified(secret)["data"]
    assert success == {
        "importId": str(first.id),
        "administrationId": str(administration.id),
        "status": "SUCCEEDED",
        "previousStatus": "RUNNING",
        "reason": None,
        "verification": "PASSED",
    }
    everything = " ".join(request.body for request in receiver.received)
    assert administration.name not in everything
    assert str(administration.dossier) not in everything


async def _delete(world: World, integration: IntegrationId) -> None:
    delete = DeleteIntegration(world.transactions, world.clock, timedelta(days=30))
    (await delete(world.principal, integration)).unwrap()
