"""The audit trail when what it speaks of is gone (decision 23)."""

from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.domain.import_run import ImportMode
from tests.integration.lifecycle.life import Life, a_life


async def trail(life: Life) -> list[tuple[str, str, str | None]]:
    """Actor, action and name of everything, oldest first."""
    async with life.readers(life.world.organisation) as reader:
        rows = (await reader.audit_trail(None, 500, None)).rows
    return [(each.entry.actor, each.entry.action.value, each.entry.subject_name) for each in rows][::-1]


async def test_who_imports_and_then_purges_stays_named(engine: AsyncEngine) -> None:
    """Three seconds later no row, event or log line had named the administrator."""
    async with a_life(engine) as life:
        integration = await life.connected()
        mine = await life.imported(integration)
        (await life.start_imports(life.principal, [mine.id], ImportMode.FULL)).unwrap()
        await life.removed(mine.id, purge=True)
        assert await life.purge() == 1
        assert await life.rows_of(mine.id) == {}

        him = life.principal.subject
        assert await trail(life) == [
            (him, "CONNECT_ASKED", "Octopus"),
            (him, "CONNECTED", "Octopus"),
            (him, "ADMINISTRATION_SELECTED", mine.name),
            (him, "IMPORT_STARTED", mine.name),
            (him, "IMPORT_STARTED", mine.name),
            (him, "ADMINISTRATION_REMOVED", mine.name),
            (him, "IMPORT_CANCELLED", mine.name),
            ("monitr", "ADMINISTRATION_PURGED", mine.name),
        ]
        async with life.readers(life.world.organisation) as reader:
            (purged, removed, selected) = (await reader.audit_trail(mine.id, 9, None)).rows
        assert f"as {him} had asked for" in str(purged.entry.detail)
        assert "erased at once" in str(removed.entry.detail)
        assert selected.entry.subject == mine.id


async def test_the_trail_of_a_deleted_integration_stays(engine: AsyncEngine) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        mine = await life.imported(integration)
        (await life.delete_integration(life.principal, integration, purge=True)).unwrap()
        assert await life.purge() == 1

        async with life.readers(life.world.organisation) as reader:
            rows = (await reader.audit_trail(integration, 9, None)).rows
        assert [each.entry.action.value for each in rows] == ["INTEGRATION_DELETED", "CONNECTED", "CONNECT_ASKED"]
        assert [action for _, action, _ in await trail(life)][-3:] == [
            "INTEGRATION_DELETED",
            "ADMINISTRATION_REMOVED",
            "ADMINISTRATION_PURGED",
        ]
        assert mine.name
