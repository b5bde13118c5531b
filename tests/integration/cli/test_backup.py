"""``monitr backup``, ``restore``, ``erasures`` and ``administrations``, with PostgreSQL's own programs and three logins
that are no superusers: the owner of the tables, the program's, and the one that reads everything. The embedded server
has its turn in ``test_drill.py``."""

import asyncio
import json
import resource
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from monitr.adapters.sql.backup.dumping import BACKUP_LOGIN
from monitr.adapters.sql.database.engine import create_engine, libpq_url, sqlalchemy_url
from monitr.adapters.sql.database.migration import known_revisions, migrate
from monitr.adapters.sql.work.purgeable_administrations import SqlPurgeableAdministrations
from monitr.bootstrap.ports import now
from tests.integration.cli.conftest import Command
from tests.integration.cli.processes import monitr
from tests.integration.tenants import CIPHER, OWNED, Tenant

KEY = bytes(32)
"""The tenants' (``tenants.CIPHER``). It only decrypts here: nothing begins with a key that can be guessed."""
KEYS = ",".join(urlsafe_b64encode(key).decode() for key in (bytes(range(32)), KEY))


@dataclass(frozen=True)
class Cluster:
    """Of one server, as the login that may do everything."""

    url: str
    owner: str = field(default_factory=lambda: f"monitr_test_owner_{uuid4().hex[:8]}")
    program: str = field(default_factory=lambda: f"monitr_test_program_{uuid4().hex[:8]}")
    reader: str = field(default_factory=lambda: f"monitr_test_reader_{uuid4().hex[:8]}")

    def run(self, *statements: str, database: str | None = None) -> None:
        with psycopg.connect(libpq_url(database or self.url), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def given_to_the_owner(self, database: str) -> str:
        self.run(f"ALTER DATABASE {sqlalchemy_url(database).database} OWNER TO {self.owner}")
        return database

    def as_login(self, login: str, database: str) -> str:
        return sqlalchemy_url(database).set(username=login, password="x").render_as_string(hide_password=False)

    def settings(self, database: str) -> dict[str, str]:
        return {
            "DATABASE_URL": self.as_login(self.program, database),
            "DATABASE_MIGRATION_URL": self.as_login(self.owner, database),
            "DATABASE_BACKUP_URL": self.as_login(self.reader, database),
            "ENCRYPTION_KEYS": KEYS,
        }


@pytest.fixture(scope="module")
def cluster(server_url: str, template: str) -> Iterator[Cluster]:
    """``template`` has made the two roles."""
    made = Cluster(server_url)
    made.run(
        f"CREATE ROLE {made.owner} LOGIN CREATEROLE PASSWORD 'x'",
        f"CREATE ROLE {made.program} LOGIN PASSWORD 'x'",
        f"GRANT monitr_tenant, monitr_worker TO {made.owner} WITH ADMIN OPTION",
        *BACKUP_LOGIN.replace("monitr_backup", made.reader).replace("…", "x").split("; "),
    )
    yield made
    made.run(f"DROP OWNED BY {made.owner}, {made.program}, {made.reader}")
    made.run(f"DROP ROLE {made.owner}, {made.program}, {made.reader}")


@pytest.fixture
def empty(cluster: Cluster, empty_database: str) -> str:
    return cluster.given_to_the_owner(empty_database)


@dataclass(frozen=True)
class Held:
    """A database of three organisations, each with a row in every table; ``file``: its backup, ``said``: as JSON."""

    url: str
    tenants: Sequence[Tenant]
    rows: Sequence[dict[str, list[str]]]
    file: Path
    said: str


@pytest.fixture(scope="module")
def held(cluster: Cluster, server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    name = f"monitr_test_{uuid4().hex}"
    cluster.run(f"CREATE DATABASE {name} TEMPLATE template0 OWNER {cluster.owner}")
    url = sqlalchemy_url(server_url).set(database=name).render_as_string(hide_password=False)
    migrate(cluster.as_login(cluster.owner, url), cluster.as_login(cluster.program, url))
    tenants = [Tenant(), Tenant(), Tenant()]
    cluster.run("ALTER ROLE " + cluster.reader + " SET timezone = 'Asia/Tokyo'")  # texts do not depend on it
    asyncio.run(filled(url, tenants))
    cluster.run("UPDATE import_run SET lease_until = now() + interval '1 day'", database=url)
    rows = rows_of(url, tenants)
    file = tmp_path_factory.mktemp("backup") / "monitr.dump"
    done = monitr("backup", str(file), "--json", **cluster.settings(url))
    assert done.returncode == 0, done.stderr
    yield Held(url, tenants, rows, file, done.stdout)
    cluster.run(f"DROP DATABASE {name} WITH (FORCE)")


async def filled(url: str, tenants: Sequence[Tenant]) -> None:
    engine = create_engine(url)
    async with engine.begin() as connection:
        for tenant in tenants:
            await tenant.fill(connection)
    await engine.dispose()


def rows_of(url: str, tenants: Sequence[Tenant]) -> list[dict[str, list[str]]]:
    async def read() -> list[dict[str, list[str]]]:
        engine = create_engine(url)
        async with engine.connect() as connection:
            found = [await tenant.rows(connection) for tenant in tenants]
        await engine.dispose()
        return found

    return asyncio.run(read())


SETTLED = ("import_run", "webhook_target")
"""What the dead machine had in hand."""


def test_a_backup_holds_what_row_security_hides_and_comes_back_whole_and_free_of_the_dead_machine(
    cluster: Cluster, held: Held, empty: str, in_process: Command
) -> None:
    written = json.loads(held.said)
    restored = in_process("restore", str(held.file), "--json", **cluster.settings(empty))
    examined = in_process("doctor", "--json", **cluster.settings(empty))

    assert restored.exit_code == 0, restored.output
    assert (held.file.stat().st_mode & 0o777, written["bytes"]) == (0o600, held.file.stat().st_size)
    report = json.loads(restored.stdout)
    assert report["rows"] == written["rows"]
    assert all(written["rows"][f"public.{table.name}"] >= len(held.tenants) for table in OWNED)
    assert (report["administrations"], report["unfinishedImports"], report["keysMissing"]) == (3, 3, [])
    rows = rows_of(empty, held.tenants)
    for before, after in zip(held.rows, rows, strict=True):
        assert {name: of for name, of in after.items() if name not in SETTLED} == {
            name: of for name, of in before.items() if name not in SETTLED
        }
    with psycopg.connect(libpq_url(empty)) as connection:
        leases = connection.execute(
            "SELECT lease_until <= clock_timestamp(), fence FROM import_run UNION ALL"
            " SELECT lease_until IS NULL, fence FROM webhook_target"
        ).fetchall()
        next_position = connection.execute("SELECT nextval('webhook_position') > 1000000000").fetchone()
    assert (leases, next_position) == ([(True, 2)] * 6, (True,))
    found = json.loads(examined.stdout)
    assert [part for part, finding in found.items() if not finding["ok"]] == ["octopus"]


def objects(url: str) -> int:
    with psycopg.connect(libpq_url(url)) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace)"
            " + (SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace)"
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_where_the_restoration_fails_the_database_is_empty_again(
    cluster: Cluster, held: Held, empty: str, in_process: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other_rows(*_: object) -> dict[str, object]:
        return {}

    monkeypatch.setattr("monitr.adapters.sql.backup.restoring.rows_of", other_rows)
    refused = in_process("restore", str(held.file), **cluster.settings(empty))

    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert "what was restored is not what it holds: public.account is missing" in refused.stderr
    assert objects(empty) == 0


def test_rights_of_a_role_that_is_not_here_are_refused_with_the_statement_that_makes_it(
    cluster: Cluster, held: Held, empty: str, tmp_path: Path, in_process: Command
) -> None:
    role, file = f"monitr_test_{uuid4().hex[:8]}", tmp_path / "with-rights.dump"
    cluster.run(f"CREATE ROLE {role}")
    cluster.run(f"GRANT SELECT ON account TO {role}", database=held.url)
    written = in_process("backup", str(file), **cluster.settings(held.url))
    cluster.run(f"DROP OWNED BY {role}", database=held.url)
    cluster.run(f"DROP ROLE {role}")
    refused = in_process("restore", str(file), **cluster.settings(empty))

    assert written.exit_code == 0, written.output
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert f'CREATE ROLE "{role}"' in refused.stderr
    assert objects(empty) == 0


def test_a_backup_that_would_miss_what_row_security_hides_is_refused_with_the_statement_that_makes_its_login(
    cluster: Cluster, held: Held, tmp_path: Path, in_process: Command
) -> None:
    settings = cluster.settings(held.url)
    del settings["DATABASE_BACKUP_URL"]
    refused = in_process("backup", str(tmp_path / "half.dump"), **settings)

    assert (refused.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert refused.stderr == (
        f"Nothing was written: row security hides rows from the login {cluster.owner}, and row security hides rows from"
        f" the login {cluster.program}. Have an administrator run: {BACKUP_LOGIN}; then set MONITR_DATABASE_BACKUP_URL"
        " to that login.\n"
    )


def test_a_disk_that_is_full_leaves_nothing_behind(
    cluster: Cluster, held: Held, tmp_path: Path, in_process: Command
) -> None:
    """By the limit of a file's size, which ends pg_dump in the middle as well."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        refused = in_process("backup", str(tmp_path / "monitr.dump"), **cluster.settings(held.url))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert (refused.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert "nothing is left of it: raise the limit of a file's size" in refused.stderr


Spoil = Callable[[Held, Path], Sequence[str]]


def spoilt(change: Callable[[bytes], bytes]) -> Spoil:
    def spoil(held: Held, folder: Path) -> Sequence[str]:
        (folder / "spoilt.dump").write_bytes(change(held.file.read_bytes()))
        return ["restore", str(folder / "spoilt.dump")]

    return spoil


def with_list(text: str) -> Spoil:
    def write(held: Held, folder: Path) -> Sequence[str]:
        (folder / "erasures").write_text(text)
        return ["restore", str(held.file), "--erasures", str(folder / "erasures")]

    return write


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (lambda held, _: ["backup", str(held.file)], "exists already, and a backup overwrites nothing"),
        (lambda _, folder: ["backup", str(folder / "no" / "a.dump")], "There is no folder "),
        (lambda _, folder: ["restore", str(folder / "a.dump")], "There is no file "),
        (lambda _, folder: ["restore", str(folder)], "cannot be read: Is a directory."),
        (spoilt(lambda whole: b"-- SQL" + whole), "it is not in pg_dump's custom format"),
        (spoilt(lambda whole: whole[: len(whole) * 3 // 4]), "is damaged or cut off"),
        (spoilt(lambda whole: whole[:9000]), "is damaged or cut off"),
        (spoilt(lambda whole: whole[:5] + b"\x01\x63" + whole[7:]), "newer than every pg_restore of this machine"),
        (with_list("administration x 2026-01-01T00:00:00Z\n"), "is not whole"),
        (with_list("administration x 2026-01-01T00:00:00Z\nend 1 2026-01-01T00:00:00Z\n"), "Line 1 of the list"),
        (with_list("end 0 2020-01-01T00:00:00Z\n"), "before the backup was made"),
    ],
    ids=[
        "exists",
        "folder",
        "file",
        "is a folder",
        "text",
        "cut",
        "cut early",
        "format",
        "list cut",
        "list",
        "old list",
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    cluster: Cluster, held: Held, empty: str, tmp_path: Path, in_process: Command, arguments: Spoil, said: str
) -> None:
    given = arguments(held, tmp_path)
    refused = in_process(*given, **cluster.settings(held.url if given[0] == "backup" else empty))

    assert (refused.exit_code, refused.stderr.count("\n"), refused.stdout) == (1, 1, "")
    assert said in refused.stderr
    assert objects(empty) == 0


def test_a_backup_of_a_newer_program_a_full_database_and_a_wrong_login_are_refused(
    cluster: Cluster, held: Held, empty: str, tmp_path: Path, in_process: Command
) -> None:
    newer = tmp_path / "newer.dump"
    cluster.run("UPDATE alembic_version SET version_num = '9999'", database=held.url)
    in_process("backup", str(newer), **cluster.settings(held.url))
    cluster.run(f"UPDATE alembic_version SET version_num = '{max(known_revisions())}'", database=held.url)
    wrong = cluster.settings(empty)
    wrong["DATABASE_MIGRATION_URL"] = (
        wrong["DATABASE_MIGRATION_URL"].replace(":x@", ":hidden@").replace("owner_", "nobody_")
    )
    refusals = [
        in_process("restore", str(newer), **cluster.settings(empty)),
        in_process("restore", str(held.file), **cluster.settings(held.url)),
        in_process("restore", str(held.file), **wrong),
    ]

    for refused, said in zip(refusals, ("made by a newer Monitr", "is not empty", "does not answer"), strict=True):
        assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
        assert said in refused.stderr
        assert "hidden" not in refused.stderr


def test_administrations_are_listed_with_their_states_and_last_imports(
    cluster: Cluster, held: Held, in_process: Command
) -> None:
    other = held.tenants[1]
    settings = cluster.settings(held.url)
    several = in_process("administrations", **settings)
    one = in_process("administrations", "--organisation", str(other.organisation), **settings)
    as_json = in_process("administrations", "--organisation", str(other.organisation), "--json", **settings)

    assert (several.exit_code, several.stderr.count("\n")) == (1, 1)
    assert several.stderr.startswith("There are 3 organisations: name one by --organisation")
    assert one.stdout.split()[:4] == [str(other.administration), "1", "ACTIVE", "RUNNING"]
    (listed,) = json.loads(as_json.stdout)
    assert (listed["id"], listed["lastImport"]["status"]) == (str(other.administration), "RUNNING")


async def purged(url: str, tenant: Tenant) -> bool:
    """As the scheduler does."""
    engine = create_engine(url)
    done = await SqlPurgeableAdministrations(engine).erase(tenant.organisation, tenant.administration, now())
    await engine.dispose()
    return done


def test_what_was_erased_since_the_backup_is_erased_again_as_the_purge_does_and_the_trail_tells(
    cluster: Cluster, held: Held, empty: str, tmp_path: Path, in_process: Command
) -> None:
    """The last of these tests, since it erases in the database that it says was lost."""
    gone, other, known = held.tenants
    deeds = {
        other.administration: "ADMINISTRATION_REMOVED",
        other.integration: "INTEGRATION_DELETED",
        other.target: "WEBHOOK_DELETED",
    }
    with psycopg.connect(libpq_url(held.url)) as connection:
        for id, action in deeds.items():
            connection.execute(
                "INSERT INTO audit_entry (organisation_id, actor, action, subject_id) VALUES (%s, 'ann', %s, %s)",
                [other.organisation, action, id],
            )
        connection.execute("UPDATE import_run SET lease_until = NULL")
        connection.execute(
            "UPDATE administration SET status = 'DELETED', purge_after = now() + CASE id WHEN %s THEN interval '0'"
            " ELSE interval '30 days' END WHERE id <> %s",
            [gone.administration, known.administration],
        )
    assert asyncio.run(purged(held.url, gone))
    listed = tmp_path / "erasures"
    listed.write_text(in_process("erasures", **cluster.settings(held.url)).stdout)
    restored = in_process(
        *("restore", str(held.file), "--erasures", str(listed), "--forget", str(known.administration), "--json"),
        **(cluster.settings(empty) | {"ENCRYPTION_KEYS": KEYS.partition(",")[0]}),
    )

    assert restored.exit_code == 0, restored.output
    report = json.loads(restored.stdout)
    assert set(report["erasedAgain"]) == {str(gone.administration), str(known.administration)}
    assert set(report["removedAgain"]) == {str(id) for id in deeds}
    assert report["keysMissing"] == list(report["keysNeeded"]) == [CIPHER.key_ids[0].hex()]
    of_gone, of_other, of_known = rows_of(empty, held.tenants)
    left_by_the_purge = {name for name, rows in rows_of(held.url, [gone])[0].items() if rows}
    assert {name for name, rows in of_gone.items() if rows} == left_by_the_purge
    assert {name for name, rows in of_known.items() if rows} == left_by_the_purge
    assert (of_other["credential"], of_other["webhook_target"]) == ([], [])
    assert all('"status": "DELETED"' in of_other[table][0] for table in ("integration", "administration"))
    assert '"status": "CANCELLED"' in of_other["import_run"][0]
    assert any('"ADMINISTRATION_PURGED"' in row and '"operator"' in row for row in of_gone["audit_entry"])
