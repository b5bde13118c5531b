"""What each role sees, asked of PostgreSQL itself: the repositories' own conditions play no part here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import Table, delete, func, insert, literal, select, text, true, union_all, update
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from monitr.adapters.sql.database.engine import create_engine, sqlalchemy_url
from monitr.adapters.sql.database.migration import SchemaState, current_state, migrate
from monitr.adapters.sql.database.tables import (
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
from monitr.adapters.sql.repositories.integrations import ensure_organisation
from monitr.adapters.sql.repositories.rows import administration_values, import_run_values, values_of
from monitr.domain.administration import Administration
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import OrganisationId
from tests.integration.tenants import OWNED, Tenant
from tests.unit.fakes import NOON, a_run, an_administration, an_integration


async def a_tenant(engine: AsyncEngine) -> Administration:
    """Another organisation's administration, with a row of imported data and a run."""
    owner = OrganisationId(uuid4())
    selected = an_administration(organisation_id=owner, integration_id=IntegrationId(uuid4()))
    async with transaction(engine, owner) as connection:
        await ensure_organisation(connection, owner)
        its_login = an_integration(id=selected.integration_id, organisation_id=owner)
        await connection.execute(insert(integration).values(values_of(its_login)))
        await connection.execute(insert(administration).values(administration_values(selected)))
        await connection.execute(insert(dataset_state).values(_a_state(selected.id)))
        await connection.execute(insert(import_run).values(import_run_values(a_run(selected))))
    return selected


def _a_state(administration_id: UUID) -> dict[str, object]:
    return {"administration_id": administration_id, "dataset": "ACCOUNTS", "rows": 1}


async def _count(engine: AsyncEngine, organisation: OrganisationId | None, table: Table) -> int:
    async with transaction(engine, organisation, read_only=True) as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def test_every_table_has_forced_row_security(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        query = text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity AND relkind = 'r'")
        protected = set((await connection.execute(query)).scalars())

    assert protected == set(metadata.tables)


# --- whose rows a tenant sees: every table holds some of another's --------------------------------------------------

SEEN = [table for table in OWNED if table is not outbox]
"""What tenants may read: they write jobs only."""


@pytest_asyncio.fixture
async def connection(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """What is done on it, to rows and to policies, is undone."""
    async with engine.connect() as connection:
        yield connection
        await connection.rollback()


@asynccontextmanager
async def undone(connection: AsyncConnection) -> AsyncIterator[None]:
    """As for a connection of its own, so that the tenants need filling once for all tables."""
    async with connection.begin_nested() as nested:
        yield
        await nested.rollback()


@pytest_asyncio.fixture
async def tenants(connection: AsyncConnection) -> tuple[Tenant, Tenant]:
    """Two, each with rows in every table."""
    mine, theirs = Tenant(), Tenant()
    for tenant in (mine, theirs):
        await tenant.fill(connection)
        assert [name for name, rows in (await tenant.rows(connection)).items() if not rows] == []
    return mine, theirs


async def leaking(connection: AsyncConnection, mine: Tenant, theirs: Tenant) -> set[str]:
    """The tables of which one tenant sees rows of the other, or does not see its own."""
    own = {table: len(rows) for table, rows in (await mine.rows(connection)).items()}
    await enter(connection, mine.organisation)
    counted, theirs_seen = await _counted(connection), await _counted(connection, theirs)
    await connection.execute(text("SELECT set_config('role', 'none', true)"))
    return {table.name for table in SEEN if theirs_seen[table.name] or counted[table.name] != own[table.name]}


async def _counted(connection: AsyncConnection, of: Tenant | None = None) -> dict[str, int]:
    """The rows that are seen, by table, in one statement."""
    counts = [
        select(literal(table.name), func.count()).select_from(table).where(true() if of is None else of.owns(table))
        for table in SEEN
    ]
    return {str(name): int(rows) for name, rows in await connection.execute(union_all(*counts))}


async def test_a_tenant_sees_its_own_rows_only(connection: AsyncConnection, tenants: tuple[Tenant, Tenant]) -> None:
    assert await leaking(connection, *tenants) == set()


async def test_an_organisation_without_rows_sees_none_of_any_table(
    connection: AsyncConnection, tenants: tuple[Tenant, Tenant]
) -> None:
    await enter(connection, OrganisationId(uuid4()))
    assert await _counted(connection) == dict.fromkeys([table.name for table in SEEN], 0)


async def test_a_row_cannot_be_written_for_another_organisation(
    connection: AsyncConnection, tenants: tuple[Tenant, Tenant]
) -> None:
    mine, theirs = tenants
    privileged = text("SELECT has_table_privilege('monitr_tenant', :table, 'INSERT')")
    for table in OWNED:
        assert (await connection.execute(privileged, {"table": table.name})).scalar_one(), table.name
        async with undone(connection):
            await enter(connection, mine.organisation)
            with pytest.raises(ProgrammingError, match="row-level security"):
                await connection.execute(insert(table).values(theirs.row(table)).inline())


# --- the policies are their templates -------------------------------------------------------------------------------

_FIRST = import_module("monitr.adapters.sql.database.migrations.versions.0001_first_schema")
"""Where the templates are."""
_AUDIT = import_module("monitr.adapters.sql.database.migrations.versions.0005_audit_trail")
_WORKERS = {"import_run", "outbox", "oauth_authorization", "webhook_event", "webhook_target"}
_WORKERS_READ = {"administration", "integration", "credential"}


def templates_of(table: Table) -> list[str]:
    """What follows CREATE POLICY. A tenant reaches what is its organisation's, or of an administration that is."""
    of_worker = f"TO monitr_worker USING ({_FIRST.AS_WORKER})"
    worker = [f"worker ON {{}} {of_worker} WITH CHECK ({_FIRST.AS_WORKER})"] if table.name in _WORKERS else []
    worker += [f"worker ON {{}} FOR SELECT {of_worker}"] if table.name in _WORKERS_READ else []
    match table.name:
        case "outbox":
            return [*worker, f"tenant ON {{}} FOR INSERT TO monitr_tenant WITH CHECK ({_FIRST.OWN})"]
        case "timeline_event":
            of_removed = "subject_id IN (SELECT id FROM administration WHERE status = 'DELETED')"
            return [
                f"tenant_reads ON {{}} FOR SELECT TO monitr_tenant USING ({_FIRST.OWN})",
                f"tenant_appends ON {{}} FOR INSERT TO monitr_tenant WITH CHECK ({_FIRST.OWN})",
                f"tenant_purges ON {{}} FOR DELETE TO monitr_tenant USING ({_FIRST.OWN} AND {of_removed})",
            ]
        case "audit_entry":
            return [
                f"tenant_reads ON {{}} FOR SELECT TO monitr_tenant USING ({_FIRST.OWN})",
                f"tenant_appends ON {{}} FOR INSERT TO monitr_tenant WITH CHECK ({_FIRST.OWN})",
                f"owner_finds_old ON {{}} FOR SELECT USING ({_AUDIT.FORGETTABLE})",
                f"owner_forgets_old ON {{}} FOR DELETE USING ({_AUDIT.FORGETTABLE})",
            ]
        case "octopus_call":
            selected = f"SELECT 'dossier:' || dossier_number FROM administration WHERE {_FIRST.OWN}"
            return [
                f"worker ON {{}} {of_worker} WITH CHECK ({_FIRST.AS_WORKER})",
                f"tenant ON {{}} FOR SELECT TO monitr_tenant USING (scope IN ({selected} AND status <> 'DELETED'))",
            ]
        case "organisation":
            own = f"id = {_FIRST.CURRENT}"
        case _:
            own = _FIRST.OWN if "organisation_id" in table.c else _FIRST.OWN_ADMINISTRATION
    return [*worker, f"tenant ON {{}} TO monitr_tenant USING ({own}) WITH CHECK ({own})"]


Policies = set[tuple[str, ...]]


@pytest_asyncio.fixture
async def wanted(connection: AsyncConnection) -> Policies:
    """What PostgreSQL makes of the templates, on a copy of each table."""
    async with undone(connection):
        await connection.execute(text("CREATE SCHEMA template"))
        for table in (*OWNED, octopus_call):
            await connection.execute(text(f"CREATE TABLE template.{table.name} (LIKE {table.name})"))
            for template in templates_of(table):
                await connection.execute(text("CREATE POLICY " + template.format(f"template.{table.name}")))
        return await _policies(connection, "template")


async def unlike(wanted: Policies, connection: AsyncConnection) -> set[str]:
    """The tables whose policies are not those that are wanted."""
    return {table for table, *_ in wanted ^ await _policies(connection, "public")}


async def _policies(connection: AsyncConnection, schema: str) -> Policies:
    """As PostgreSQL writes them, the table's name first."""
    query = text("""
        SELECT tablename, policyname, permissive, array_to_string(roles, ','), cmd, qual, with_check
        FROM pg_policies WHERE schemaname = :schema
    """)
    return {tuple(policy) for policy in await connection.execute(query, {"schema": schema})}


async def test_every_policy_is_its_template(connection: AsyncConnection, wanted: Policies) -> None:
    assert await unlike(wanted, connection) == set()


async def test_a_policy_that_is_too_wide_is_noticed(
    connection: AsyncConnection, tenants: tuple[Tenant, Tenant], wanted: Policies
) -> None:
    """By the rows that it shows, and by its words."""
    special = {
        "outbox": ("tenant", "WITH CHECK (true)"),
        "timeline_event": ("tenant_reads", "USING (true)"),
        "audit_entry": ("tenant_reads", "USING (true)"),
    }
    for table in OWNED:
        policy, wide = special.get(table.name, ("tenant", "USING (true)"))
        async with undone(connection):
            await connection.execute(text(f"ALTER POLICY {policy} ON {table.name} {wide}"))
            assert await leaking(connection, *tenants) == {table.name} - {outbox.name}
            assert await unlike(wanted, connection) == {table.name}


async def test_a_table_without_its_policy_or_with_one_more_is_noticed(
    connection: AsyncConnection, wanted: Policies
) -> None:
    for table, policy, *_ in await _policies(connection, "public"):
        async with undone(connection):
            await connection.execute(text(f"DROP POLICY {policy} ON {table}"))
            assert await unlike(wanted, connection) == {table}
    for owned in OWNED:
        async with undone(connection):
            await connection.execute(text(f"CREATE POLICY more ON {owned.name} USING (true)"))
            assert await unlike(wanted, connection) == {owned.name}


async def test_a_tenant_sees_the_calls_of_the_dossiers_that_it_has_and_can_count_none(engine: AsyncEngine) -> None:
    mine = await a_tenant(engine)
    calls = [(f"dossier:{mine.dossier}", 3), (f"dossier:{mine.dossier}0", 4), (f"integration:{mine.integration_id}", 5)]
    day = {"operation": f"of {mine.id}", "day": NOON.date()}
    async with transaction(engine, None) as connection:
        await connection.execute(insert(octopus_call), [{"scope": scope, "calls": n, **day} for scope, n in calls])

    async with transaction(engine, mine.organisation_id) as connection:
        counted = select(octopus_call.c.calls).where(octopus_call.c.operation == day["operation"])
        seen = (await connection.execute(counted)).scalars().all()
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with transaction(engine, mine.organisation_id) as connection:
            await connection.execute(update(octopus_call).values(calls=0))

    assert seen == [3]


# --- what a tenant cannot do, and what workers see ------------------------------------------------------------------


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
