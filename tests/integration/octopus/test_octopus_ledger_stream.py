"""Reading a ledger over a real connection."""

from monitr.domain.accounting.ledger import LedgerLine
from tests.integration.octopus.scripted_octopus import (
    DOSSIER,
    INTEGRATION,
    LEDGER,
    World,
    a_bookyear,
    a_ledger,
    a_line,
    a_world,
    answer,
    chunked,
)


async def ledger_of(world: World) -> list[LedgerLine]:
    async with world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        return [line async for batch in dossier.ledger([a_bookyear()], 1, 1, None) for line in batch.lines]


async def test_a_ledger_of_many_batches_arrives_complete_and_in_order() -> None:
    body = a_ledger(*(a_line(documentSequenceNr=number, comment='a "quoted" },{ comment') for number in range(5000)))
    async with a_world() as world:
        world.server.answers(LEDGER, chunked(body, size=7000))

        lines = await ledger_of(world)

    assert [line.document_number for line in lines] == list(range(5000))


async def test_a_first_load_asks_for_everything_since_1980_with_the_dossier_token() -> None:
    async with a_world() as world:
        world.server.answers(LEDGER, answer(body=b"{}"))

        await ledger_of(world)

    [asked] = world.server.asked_for(LEDGER)
    assert asked.raw_query == "journalTypeId=1&modifiedTimeStamp=1980-01-01%2000%3A00%3A00.000"
    assert asked.headers["dossiertoken"] == "dossier-token"
    assert "token" not in asked.headers
