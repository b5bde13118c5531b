"""Point 2: delete an integration; its tokens are nowhere left."""

from datetime import timedelta

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.domain.integration import IntegrationStatus
from tests.integration.lifecycle.life import Life, a_life


async def _tokens(life: Life) -> list[str]:
    """All that is kept of them: what Octopus gave, and as what it is stored."""
    given = [*life.octopus.sandbox.tokens._access, *life.octopus.sandbox.tokens._refresh]
    async with life.world.engine.connect() as connection:
        sealed = await connection.execute(
            text("SELECT encode(access_token, 'hex'), encode(refresh_token, 'hex') FROM credential")
        )
        return [*given, *(str(each) for row in sealed for each in row)]


async def _found(life: Life, secrets: list[str]) -> list[str]:
    """The tables that hold one of them, whatever the column."""
    tables = []
    async with life.world.engine.connect() as connection:
        names = await connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        for (name,) in names.all():
            query = text(
                f"SELECT EXISTS (SELECT FROM {name} t, unnest(CAST(:secrets AS text[])) AS one (secret)"
                " WHERE position(one.secret IN t::text) > 0)"
            )
            if (await connection.execute(query, {"secrets": secrets})).scalar_one():
                tables.append(str(name))
    return tables


async def test_its_tokens_are_in_no_table_and_in_no_log(
    engine: AsyncEngine, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    with structlog.testing.capture_logs() as logged:
        async with a_life(engine) as life:
            integration = await life.connected()
            await life.imported(integration)
            life.pass_by(timedelta(minutes=11))
            await life.world.credentials.access_token(integration)  # refreshed once
            secrets = await _tokens(life)
            before = await _found(life, secrets)

            deleted = await life.delete_integration(life.principal, integration)

            assert (before, await _found(life, secrets)) == (["credential"], [])
            written = str(logged) + caplog.text + "".join(capsys.readouterr())
            assert [secret for secret in secrets if secret in written] == []
            assert "Octopus offers no way to withdraw" in str(deleted.unwrap().notice)


async def test_what_postgresql_keeps_of_deleted_rows_goes_with_the_next_round_of_the_autovacuum(
    engine: AsyncEngine,
) -> None:
    """A deleted row stays in the file until it is vacuumed: of this table every single one is, within a minute."""
    async with a_life(engine) as life:
        integration = await life.connected()
        await life.delete_integration(life.principal, integration)
        async with engine.connect() as connection:
            options = await connection.execute(text("SELECT reloptions FROM pg_class WHERE relname = 'credential'"))
            assert set(options.scalar_one()) == {
                "autovacuum_vacuum_scale_factor=0",
                "autovacuum_vacuum_threshold=1",
            }


async def test_its_administrations_are_removed_and_can_be_restored_through_a_new_integration(
    engine: AsyncEngine,
) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        mine = await life.imported(integration)
        rows = await life.rows_of(mine.id)

        await life.delete_integration(life.principal, integration)
        assert await life.cards() == {}
        another = await life.connected()
        (restored,) = await life.selected(another, 49001)

        assert (restored.id, restored.integration_id) == (mine.id, another)
        assert await life.rows_of(mine.id) == rows
        assert await life.story(mine.id) == ["SELECTED", "REMOVED", "RESTORED"]
        assert (await life.integration(integration)).status is IntegrationStatus.DELETED


async def test_with_purge_all_its_data_goes_now_also_that_of_administrations_removed_before(
    engine: AsyncEngine,
) -> None:
    async with a_life(engine) as life:
        integration = await life.connected()
        removed, live = await life.imported(integration), await life.imported(integration, 49002)
        await life.removed(removed.id)

        await life.delete_integration(life.principal, integration, purge=True)

        assert await life.purge() == 2
        assert (await life.rows_of(removed.id), await life.rows_of(live.id)) == ({}, {})
