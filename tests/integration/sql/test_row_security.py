"""What each role sees, asked of PostgreSQL itself: the repositories' own conditions play no part here."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Integer,
    Numeric,
    SmallInteger,
    Table,
    Text,
    Uuid,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.engine import create_engine, sqlalchemy_url
from monitr.adapters.sql.database.migration import SchemaState, current_state, migrate
from monitr.adapters.sql.database.tables import (
    IMPORTED_TABLES,
    administration,
    dataset_state,
    import_run,
    integration,
    ledger_line,
    metadata,
    octopus_call,
    outbox,
    relation,
)
from monitr.adapters.sql.database.tenancy import enter, transaction
from monitr.adapters.sql.repositories.administration_rows import administration_values
from monitr.adapters.sql.repositories.import_run_rows import import_run_values
from monitr.adapters.sql.repositories.integration_rows import integration_values
from monitr.adapters.sql.repositories.integrations import ensure_organisation
from monitr.domain.administration import Administration
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import OrganisationId
from tests.unit.fakes import NOON, a_run, an_administration, an_integration


async def a_tenant(engine: AsyncEngine) -> Administration:
    """Another organisation's administration, with a row of imported data and a run."""
    owner = OrganisationId(uuid4())
    selected = an_administration(organisation_id=owner, integration_id=IntegrationId(uuid4()))
    async with transaction(engine, owner) as connection:
        await ensure_organisation(connection, owner)
        its_login = an_integration(id=selected.integration_id, organisation_id=owner)
        await connection.execute(insert(integration).values(integration_values(its_login)))
        await connection.execute(insert(administration).values(administration_values(selected)))
        await connection.execute(insert(dataset_state).values(_a_state(selected.id)))
        await connection.execute(insert(import_run).values(import_run_values(a_run(selected))))
    return selected


def _a_state(administration_id: UUID) -> dict[str, object]:
    return {"administration_id": administration_id, "dataset": "ACCOUNTS", "rows": 1}


async def _count(engine: AsyncEngine, organisation: OrganisationId | None, table: Table) -> int:
    async with transaction(engine, organisation, read_only=True) as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def test_every_table_has_forced_row_security_but_the_calls_to_octopus(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        query = text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity AND relkind = 'r'")
        protected = set((await connection.execute(query)).scalars())

    assert protected == set(metadata.tables) - {octopus_call.name}


async def test_a_tenant_sees_its_own_rows_only(engine: AsyncEngine) -> None:
    mine, _ = await a_tenant(engine), await a_tenant(engine)

    for table in (integration, administration, dataset_state, import_run):
        assert await _count(engine, mine.organisation_id, table) == 1


async def test_an_organisation_without_rows_sees_none_of_any_table(engine: AsyncEngine) -> None:
    await a_tenant(engine)
    nobody = OrganisationId(uuid4())

    readable = [table for table in metadata.sorted_tables if table not in (outbox, octopus_call)]
    assert {table.name: await _count(engine, nobody, table) for table in readable} == dict.fromkeys(
        [table.name for table in readable], 0
    )


@pytest.mark.parametrize("table", IMPORTED_TABLES, ids=lambda table: table.name)
async def test_imported_rows_cannot_be_written_into_another_organisations_administration(
    engine: AsyncEngine, table: Table
) -> None:
    mine, theirs = await a_tenant(engine), await a_tenant(engine)
    columns = [column for column in table.columns if not column.nullable and column.identity is None]
    row = {column.name: _EXAMPLES[type(column.type)] for column in columns}

    async with transaction(engine, mine.organisation_id) as connection:
        await connection.execute(insert(table).values({**row, "administration_id": mine.id}))
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with transaction(engine, mine.organisation_id) as connection:
            await connection.execute(insert(table).values({**row, "administration_id": theirs.id}))


_EXAMPLES: dict[type, object] = {
    Integer: 1, SmallInteger: 1, BigInteger: 1, Numeric: 1, Text: "1", Boolean: True, Uuid: uuid4(), JSONB: [],
    Date: date(2026, 1, 1), DateTime: NOON,
}  # fmt: skip


async def test_another_organisations_rows_cannot_be_changed_deleted_or_taken_over(engine: AsyncEngine) -> None:
    mine, theirs = await a_tenant(engine), await a_tenant(engine)
    async with transaction(engine, mine.organisation_id) as connection:
        changed = await connection.execute(
            update(dataset_state).where(dataset_state.c.administration_id == theirs.id).values(rows=0)
        )
        deleted = await connection.execute(delete(administration).where(administration.c.id == theirs.id))
    gift = update(administration).where(administration.c.id == mine.id).values(organisation_id=theirs.organisation_id)
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with transaction(engine, mine.organisation_id) as connection:
            await connection.execute(gift)

    assert (changed.rowcount, deleted.rowcount) == (0, 0)


async def test_without_an_organisation_only_runs_and_rounds_are_seen_and_of_administrations_no_names(
    engine: AsyncEngine,
) -> None:
    tenant = await a_tenant(engine)
    async with transaction(engine, None) as connection:
        runs = select(import_run.c.administration_id).where(import_run.c.administration_id == tenant.id)
        states = select(administration.c.status).where(administration.c.id == tenant.id)
        assert (await connection.execute(runs)).scalar_one() == tenant.id
        assert (await connection.execute(states)).scalar_one() == "ACTIVE"

    for secret in (select(administration.c.name), select(integration.c.last_error), select(ledger_line.c.amount),
                   select(relation.c.name), text("SELECT refresh_token FROM credential")):  # fmt: skip
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with transaction(engine, None) as connection:
                await connection.execute(secret)


async def test_a_tenant_can_write_jobs_and_not_read_them(engine: AsyncEngine) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        await _count(engine, OrganisationId(uuid4()), outbox)


async def test_the_role_and_the_organisation_end_with_the_transaction(engine: AsyncEngine) -> None:
    tenant = await a_tenant(engine)
    async with engine.connect() as connection:
        async with connection.begin():
            await enter(connection, tenant.organisation_id)
        query = text("SELECT current_user = session_user, current_setting('app.organisation', true)")
        assert (await connection.execute(query)).one() == (True, "")


async def test_a_transaction_that_only_reads_cannot_write(engine: AsyncEngine) -> None:
    tenant = await a_tenant(engine)
    with pytest.raises(DBAPIError, match="read-only"):
        async with transaction(engine, tenant.organisation_id, read_only=True) as connection:
            await connection.execute(delete(dataset_state))


async def test_the_policy_of_imported_rows_is_evaluated_once_a_statement(engine: AsyncEngine) -> None:
    tenant = await a_tenant(engine)
    async with transaction(engine, tenant.organisation_id) as connection:
        sums = select(func.sum(ledger_line.c.amount)).where(ledger_line.c.administration_id == tenant.id)
        explained = text(f"EXPLAIN {sums.compile(engine, compile_kwargs={'literal_binds': True})}")
        plan = "\n".join((await connection.execute(explained)).scalars())

    assert "hashed SubPlan" in plan
    assert "Index" in plan


async def test_a_login_that_owns_nothing_works_after_the_owner_has_migrated(empty_database: str) -> None:
    """DATABASE_MIGRATION_URL: two ordinary logins, neither of them a superuser."""
    owner, program = (f"monitr_test_{kind}_{uuid4().hex[:8]}" for kind in ("owner", "program"))
    address = sqlalchemy_url(empty_database)
    administrator = create_engine(empty_database)
    async with administrator.begin() as connection:
        await connection.execute(text(f"CREATE ROLE {owner} LOGIN CREATEROLE PASSWORD 'owner'"))
        await connection.execute(text(f"CREATE ROLE {program} LOGIN PASSWORD 'program'"))
        await connection.execute(text(f"ALTER DATABASE {address.database} OWNER TO {owner}"))
        # since PostgreSQL 16 only members with ADMIN may grant a role that somebody else has made
        await connection.execute(text(f"GRANT monitr_tenant, monitr_worker TO {owner} WITH ADMIN OPTION"))
    as_owner, as_program = (
        address.set(username=name, password=password).render_as_string(hide_password=False)
        for name, password in ((owner, "owner"), (program, "program"))
    )
    try:
        migrate(as_owner)
        before = current_state(as_program)
        migrate(as_owner, runtime_url=as_program)

        assert (before, current_state(as_program)) == (SchemaState.BEHIND, SchemaState.UP_TO_DATE)
        engine = create_engine(as_program)
        tenant = await a_tenant(engine)
        assert await _count(engine, tenant.organisation_id, administration) == 1
        assert await _seen_without_a_role(engine) == 0
        await engine.dispose()
    finally:
        async with administrator.begin() as connection:
            await connection.execute(text(f"REASSIGN OWNED BY {owner} TO CURRENT_USER"))
            await connection.execute(text(f"DROP OWNED BY {owner}, {program}"))
            await connection.execute(text(f"DROP ROLE {owner}, {program}"))
        await administrator.dispose()


async def _seen_without_a_role(engine: AsyncEngine) -> int:
    """Since PostgreSQL 16 nothing is inherited, and permission is denied; before, the policies leave no row."""
    async with engine.connect() as connection:
        try:
            return int((await connection.execute(select(func.count()).select_from(administration))).scalar_one())
        except ProgrammingError:
            return 0


async def test_rows_are_inserted_in_bulk_by_a_tenant(engine: AsyncEngine) -> None:
    tenant = await a_tenant(engine)
    async with transaction(engine, tenant.organisation_id) as connection:
        await connection.execute(text("CREATE TEMP TABLE stage ON COMMIT DROP AS SELECT generate_series(1, 1000) n"))
        inserted = await connection.execute(
            text("""INSERT INTO relation (administration_id, number, name, is_client, is_supplier, active)
                    SELECT :id, n, n::text, true, false, true FROM stage"""),
            {"id": tenant.id},
        )

    assert inserted.rowcount == 1000
