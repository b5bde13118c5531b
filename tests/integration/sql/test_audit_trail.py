"""The audit trail in PostgreSQL: nobody changes it, one function forgets what is old, and pages are stable."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from returns.result import Success
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from monitr.adapters.security.cipher import AesGcmCipher
from monitr.adapters.sql.database.engine import create_engine, sqlalchemy_url
from monitr.adapters.sql.database.migration import migrate
from monitr.adapters.sql.database.tables import administration, audit_entry, webhook_target
from monitr.adapters.sql.database.tenancy import enter, transaction
from monitr.adapters.sql.reading.reader import SqlReaders
from monitr.adapters.sql.repositories.unit_of_work import SqlTransactions
from monitr.adapters.sql.webhooks.targets import SqlWebhookTargets
from monitr.adapters.sql.work.audit_retention import forget_audit
from monitr.application.reading.audit import RecordedEntry
from monitr.application.remove_administration import RemoveAdministration
from monitr.application.start_imports import StartImports
from monitr.bootstrap.scheduler import scheduler_chores
from monitr.domain.audit import SHORTEST_KEPT_DAYS, AuditAction, AuditEntry
from monitr.domain.import_run import ImportMode
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Principal
from tests.integration.jobs.queued_runs import opened
from tests.unit.fake_webhooks import a_target
from tests.unit.fakes import an_administration, an_integration

CIPHER = AesGcmCipher([bytes(32)])


def now() -> datetime:
    return datetime.now(UTC)


@pytest_asyncio.fixture
async def own_engine(fresh_database: str) -> AsyncIterator[AsyncEngine]:
    """Of a login that is a superuser, whom no policy binds."""
    engine = create_engine(fresh_database)
    yield engine
    await engine.dispose()


async def written(engine: AsyncEngine, organisation: OrganisationId, **values: object) -> None:
    """An entry as no program could write it: at any moment."""
    row = {"organisation_id": organisation, "actor": "anna", "action": "EXPORTED", **values}
    async with engine.begin() as connection:
        await connection.execute(insert(audit_entry).inline().values(row))


async def trail(engine: AsyncEngine, organisation: OrganisationId, subject: UUID | None = None) -> list[RecordedEntry]:
    """Newest first, in pages of two."""
    found: list[RecordedEntry] = []
    async with SqlReaders(engine, now)(organisation) as reader:
        page = await reader.audit_trail(subject, 2, None)
        found += page.rows
        while page.has_next:
            page = await reader.audit_trail(subject, 2, page.cursors[-1])
            found += page.rows
    return found


async def actions(engine: AsyncEngine, organisation: OrganisationId) -> list[tuple[str, str]]:
    return [(each.entry.actor, each.entry.action.value) for each in await trail(engine, organisation)]


async def executed(connection: AsyncConnection, *statements: str) -> None:
    for statement in statements:
        await connection.execute(text(statement))


# --- append-only ----------------------------------------------------------------------------------------------------

ATTACKS = {
    "UPDATE": "UPDATE audit_entry SET actor = 'nobody'",
    "DELETE": "DELETE FROM audit_entry",
    "DELETE of what is old": "DELETE FROM audit_entry WHERE at < now() - interval '9 years'",
    "TRUNCATE": "TRUNCATE audit_entry",
    "TRUNCATE without triggers of its own": "SET LOCAL session_replication_role = replica; TRUNCATE audit_entry",
    "DELETE as a replica": "SET LOCAL session_replication_role = replica; DELETE FROM audit_entry",
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("role", ["monitr_tenant", "monitr_worker", "superuser"])
async def test_no_role_changes_deletes_or_empties_the_trail(own_engine: AsyncEngine, role: str, attack: str) -> None:
    organisation = OrganisationId(uuid4())
    await written(own_engine, organisation)
    await written(own_engine, organisation, at=now() - timedelta(days=3649))
    before = await trail(own_engine, organisation)

    async with own_engine.connect() as connection:
        if role != "superuser":
            await enter(connection, organisation if role == "monitr_tenant" else None)
        with pytest.raises(DBAPIError, match=r"permission denied|append-only"):
            await executed(connection, *ATTACKS[attack].split("; "))

    assert await trail(own_engine, organisation) == before


async def test_the_roles_of_the_program_have_no_right_to_it_but_to_read_and_to_append(own_engine: AsyncEngine) -> None:
    async with own_engine.connect() as connection:
        rights = await connection.execute(
            text("""
                SELECT role, privilege, has_table_privilege(role, 'audit_entry', privilege) AS granted
                FROM unnest(ARRAY['monitr_tenant', 'monitr_worker']) AS role,
                     unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS privilege
            """)
        )
        granted = {(row.role, row.privilege) for row in rights if row.granted}
    assert granted == {("monitr_tenant", "SELECT"), ("monitr_tenant", "INSERT")}


async def _two_logins(administrator: AsyncEngine, database: str) -> tuple[str, str]:
    """The owner of everything and the program's own; neither is a superuser."""
    owner, program = (f"monitr_test_{kind}_{uuid4().hex[:8]}" for kind in ("owner", "program"))
    async with administrator.begin() as connection:
        await connection.execute(text(f"CREATE ROLE {owner} LOGIN CREATEROLE PASSWORD 'x'"))
        await connection.execute(text(f"CREATE ROLE {program} LOGIN PASSWORD 'x'"))
        await connection.execute(text(f"ALTER DATABASE {database} OWNER TO {owner}"))
        await connection.execute(text(f"GRANT monitr_tenant, monitr_worker TO {owner} WITH ADMIN OPTION"))
    return owner, program


async def test_an_owner_that_is_no_superuser_forgets_what_is_old_and_changes_nothing_else(empty_database: str) -> None:
    """Row security is forced upon it: the function has to find what it forgets, and nobody anything else."""
    address, administrator = sqlalchemy_url(empty_database), create_engine(empty_database)
    owner, program = await _two_logins(administrator, str(address.database))
    as_owner, as_program = (
        address.set(username=name, password="x").render_as_string(hide_password=False) for name in (owner, program)
    )
    engines = [create_engine(as_owner), create_engine(as_program)]
    organisation = OrganisationId(uuid4())
    try:
        migrate(as_owner, runtime_url=as_program)
        await written(administrator, organisation)
        await written(administrator, organisation, at=now() - timedelta(days=400))
        for engine in engines:
            for attack in ("UPDATE", "DELETE", "TRUNCATE"):
                assert not await _changes(engine, ATTACKS[attack])
        assert len(await trail(engines[1], organisation)) == 2

        assert await forget_audit(engines[1], 365) == 1
        assert len(await trail(engines[1], organisation)) == 1
    finally:
        for engine in engines:
            await engine.dispose()
        async with administrator.begin() as connection:
            await connection.execute(text(f"REASSIGN OWNED BY {owner} TO CURRENT_USER"))
            await connection.execute(text(f"DROP OWNED BY {owner}, {program}"))
            await connection.execute(text(f"DROP ROLE {owner}, {program}"))
        await administrator.dispose()


async def _changes(engine: AsyncEngine, statement: str) -> bool:
    try:
        async with engine.begin() as connection:
            return (await connection.execute(text(statement))).rowcount > 0
    except DBAPIError:
        return False


# --- retention ------------------------------------------------------------------------------------------------------


async def test_what_is_older_than_the_setting_is_forgotten_and_nothing_else(own_engine: AsyncEngine) -> None:
    organisation = OrganisationId(uuid4())
    for days in (3649, 3651):
        await written(own_engine, organisation, at=now() - timedelta(days=days), actor=f"{days}")

    assert [await forget_audit(own_engine, 3650) for _ in range(2)] == [1, 0]
    assert [each.entry.actor for each in await trail(own_engine, organisation)] == ["3649"]


async def test_the_scheduler_forgets_what_is_older_than_its_setting(
    fresh_database: str, own_engine: AsyncEngine
) -> None:
    await written(own_engine, OrganisationId(uuid4()), at=now() - timedelta(days=401))
    async with opened(fresh_database, AUDIT_KEPT_DAYS="400") as of:
        (forget,) = [chore for chore in scheduler_chores(of) if chore.name == "forget old audit entries"]
        assert await forget.do() == 1


@pytest.mark.parametrize("days", [SHORTEST_KEPT_DAYS - 1, 0, -36_500])
async def test_the_database_itself_refuses_to_forget_what_is_young(own_engine: AsyncEngine, days: int) -> None:
    organisation = OrganisationId(uuid4())
    await written(own_engine, organisation, at=now() - timedelta(days=days))
    with pytest.raises(DBAPIError, match="365 days at least"):
        await forget_audit(own_engine, days)
    assert len(await trail(own_engine, organisation)) == 1


async def test_tenants_forget_nothing(own_engine: AsyncEngine) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with transaction(own_engine, OrganisationId(uuid4())) as connection:
            await connection.execute(text("SELECT monitr_forget_audit(3650)"))


async def test_after_the_function_the_trail_is_closed_again_in_the_same_transaction(own_engine: AsyncEngine) -> None:
    await written(own_engine, OrganisationId(uuid4()), at=now() - timedelta(days=400))
    async with own_engine.connect() as connection:
        await executed(connection, "SELECT monitr_forget_audit(3650)")
        with pytest.raises(DBAPIError, match="append-only"):
            await executed(connection, "DELETE FROM audit_entry")


# --- pages ----------------------------------------------------------------------------------------------------------


async def test_entries_of_one_moment_keep_their_order_over_pages(own_engine: AsyncEngine) -> None:
    organisation, moment = OrganisationId(uuid4()), now()
    for number in range(5):
        await written(own_engine, organisation, at=moment, actor=f"{number}")
    assert [each.entry.actor for each in await trail(own_engine, organisation)] == ["4", "3", "2", "1", "0"]


async def test_a_page_is_not_shifted_by_what_is_written_meanwhile(own_engine: AsyncEngine) -> None:
    organisation = OrganisationId(uuid4())
    for number in range(4):
        await written(own_engine, organisation, actor=f"{number}")
    async with SqlReaders(own_engine, now)(organisation) as reader:
        page = await reader.audit_trail(None, 2, None)
    await written(own_engine, organisation, actor="newer")
    async with SqlReaders(own_engine, now)(organisation) as reader:
        rest = await reader.audit_trail(None, 2, page.cursors[-1])
    assert [each.entry.actor for each in (*page.rows, *rest.rows)] == ["3", "2", "1", "0"]


async def test_a_page_costs_one_descent_of_an_index(own_engine: AsyncEngine) -> None:
    """Row security lets a condition into the index only where its operator leaks nothing."""
    organisation, subject = OrganisationId(uuid4()), uuid4()
    async with own_engine.begin() as connection:
        await connection.execute(
            text("""
                INSERT INTO audit_entry (organisation_id, actor, action, subject_id)
                SELECT CASE WHEN n % 2 = 0 THEN CAST(:organisation AS uuid) ELSE gen_random_uuid() END,
                       'anna', 'EXPORTED', CASE WHEN n % 4 = 0 THEN CAST(:subject AS uuid) END
                FROM generate_series(1, 5000) n
            """),
            {"organisation": organisation, "subject": subject},
        )
        await connection.execute(text("ANALYZE audit_entry"))
    for wanted, index in ((None, "organisation_id_at_recorded"), (subject, "organisation_id_subject_id_at_recorded")):
        plan = await _plan(own_engine, organisation, wanted)
        assert f"Index Scan Backward using ix_audit_entry_{index}" in plan
        (condition,) = [line for line in plan.splitlines() if "Index Cond" in line and "organisation_id" in line]
        assert "ROW(at, recorded) <" in condition
        assert "Sort" not in plan


async def _plan(engine: AsyncEngine, organisation: OrganisationId, subject: UUID | None) -> str:
    asked: list[tuple[str, Any]] = []

    def note(connection, cursor, statement, parameters, context, executemany):
        asked.append((statement, parameters))

    async with SqlReaders(engine, now)(organisation) as reader:
        page = await reader.audit_trail(subject, 2, None)
        event.listen(engine.sync_engine, "before_cursor_execute", note)
        await reader.audit_trail(subject, 2, page.cursors[-1])
        event.remove(engine.sync_engine, "before_cursor_execute", note)
        statement, parameters = asked[-1]
        rows = await reader.snapshot.connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        return "\n".join(str(line) for line in rows.scalars())


# --- one transaction with the deed ----------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def books(own_engine: AsyncEngine) -> tuple[Principal, AdministrationId]:
    """An administration of an organisation of its own, and its administrator."""
    organisation = OrganisationId(uuid4())
    integration = an_integration(organisation_id=organisation)
    mine = an_administration(organisation_id=organisation, integration_id=integration.id)
    async with SqlTransactions(own_engine, CIPHER, now)(organisation) as work:
        await work.integrations.save(integration)
        await work.administrations.save(mine)
        await work.commit()
    return Principal.administrator(organisation, "anna"), mine.id


async def _refuse_entries(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE audit_entry ADD CONSTRAINT none CHECK (false) NOT VALID"))


async def test_a_deed_whose_entry_cannot_be_written_did_not_happen(
    own_engine: AsyncEngine, books: tuple[Principal, AdministrationId]
) -> None:
    (anna, mine), transactions = books, SqlTransactions(own_engine, CIPHER, now)
    await _refuse_entries(own_engine)

    with pytest.raises(DBAPIError):
        await RemoveAdministration(transactions, now, timedelta())(anna, mine)

    async with own_engine.connect() as connection:
        status = select(administration.c.status).where(administration.c.id == mine)
        assert (await connection.execute(status)).scalar_one() == "ACTIVE"


async def test_nothing_is_done_about_webhooks_without_an_entry(own_engine: AsyncEngine) -> None:
    organisation = OrganisationId(uuid4())
    targets = SqlWebhookTargets(own_engine, CIPHER)
    target = await targets.add(a_target(organisation_id=organisation), "secret", 9, "anna")
    assert target is not None
    before = await _stored_targets(own_engine)
    await _refuse_entries(own_engine)

    for deed in (
        targets.add(a_target(organisation_id=organisation), "secret", 9, "anna"),
        targets.remove(organisation, target.id, "anna"),
        targets.rotate(organisation, target.id, "another", None, "anna"),
        targets.replay(organisation, target.id, None, "anna"),
    ):
        with pytest.raises(DBAPIError):
            await deed
    assert await _stored_targets(own_engine) == before


async def _stored_targets(engine: AsyncEngine) -> list[object]:
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(select(webhook_target))]


async def test_what_is_done_about_webhooks_is_in_the_trail(own_engine: AsyncEngine) -> None:
    organisation = OrganisationId(uuid4())
    targets = SqlWebhookTargets(own_engine, CIPHER)
    target = await targets.add(a_target(organisation_id=organisation), "secret", 9, "anna")
    assert target is not None
    await targets.rotate(organisation, target.id, "another", None, "bert")
    await targets.replay(organisation, target.id, None, "carla")
    for other in (organisation, organisation, OrganisationId(uuid4())):  # the second time there is nothing to remove
        await targets.remove(other, target.id, "dirk")

    assert await actions(own_engine, organisation) == [
        ("dirk", "WEBHOOK_DELETED"),
        ("carla", "WEBHOOK_REPLAYED"),
        ("bert", "WEBHOOK_SECRET_ROTATED"),
        ("anna", "WEBHOOK_CREATED"),
    ]
    assert len(await trail(own_engine, organisation, target.id)) == 4


async def test_of_two_who_click_at_once_the_trail_names_who_did_it(
    own_engine: AsyncEngine, books: tuple[Principal, AdministrationId]
) -> None:
    """Both start an import, and both remove the administration: one run is queued, one removal done."""
    (anna, mine), transactions = books, SqlTransactions(own_engine, CIPHER, now)
    bert = Principal.administrator(anna.organisation, "bert")
    start = StartImports(transactions, now, uuid4, timedelta())
    remove = RemoveAdministration(transactions, now, timedelta(days=30))

    started = await asyncio.gather(*(start(each, [mine], ImportMode.FULL) for each in (anna, bert)))
    removed = await asyncio.gather(*(remove(each, mine) for each in (anna, bert)))

    (remover,) = [name for name, it in zip(("anna", "bert"), removed, strict=True) if isinstance(it, Success)]
    (starter,) = [name for name, it in zip(("anna", "bert"), started, strict=True) if not it.unwrap().joined]
    assert await actions(own_engine, anna.organisation) == [
        (remover, "IMPORT_CANCELLED"),
        (remover, "ADMINISTRATION_REMOVED"),
        (starter, "IMPORT_STARTED"),
    ]


async def test_what_belongs_to_no_organisation_is_not_written(own_engine: AsyncEngine) -> None:
    async with SqlTransactions(own_engine, CIPHER, now)() as work:
        with pytest.raises(LookupError):
            await work.audit.append(AuditEntry("anna", AuditAction.EXPORTED))


async def test_a_tenant_without_the_code_of_the_program_writes_for_itself_alone(own_engine: AsyncEngine) -> None:
    async def foist(connection: AsyncConnection) -> None:
        row = {"organisation_id": uuid4(), "actor": "bert", "action": "EXPORTED"}
        await connection.execute(insert(audit_entry).inline().values(row))

    with pytest.raises(DBAPIError, match="row-level security"):
        async with transaction(own_engine, OrganisationId(uuid4())) as connection:
            await foist(connection)
