"""``monitr keys rotate``, beneath the command: everything encrypted anew while others read and write it."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import LargeBinary, Table, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

import monitr.adapters.sql
from monitr.adapters.security.cipher import AesGcmCipher, Undecipherable
from monitr.adapters.sql.database.engine import create_engine
from monitr.adapters.sql.database.migration import bind_secrets
from monitr.adapters.sql.database.secrets_at_rest import SECRET_COLUMNS
from monitr.adapters.sql.database.tables import authorization, credential, integration, metadata, webhook_target
from monitr.adapters.sql.repositories.credentials import SqlCredentials
from monitr.adapters.sql.repositories.unit_of_work import SqlTransactions
from monitr.adapters.sql.webhooks.targets import SqlWebhookTargets
from monitr.adapters.sql.work import encrypting_anew as module
from monitr.adapters.sql.work.encrypting_anew import EncryptedAnew, encrypt_anew
from monitr.domain.authorization import Tokens
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import OrganisationId
from monitr.domain.webhooks import WebhookTarget, WebhookTargetId
from tests.unit.fakes import NOON, an_authorization, an_integration

OLD, NEW = os.urandom(32), os.urandom(32)
BEFORE, BOTH, AFTER = AesGcmCipher([OLD]), AesGcmCipher([NEW, OLD]), AesGcmCipher([NEW])
SOON = NOON + timedelta(minutes=10)

DIGESTS = {authorization.c.ticket, authorization.c.browser, authorization.c.state}
"""Of one-time secrets: nothing to decrypt."""


def test_every_column_of_bytes_is_encrypted_anew_or_holds_a_digest() -> None:
    bytes_in = {
        column for table in metadata.tables.values() for column in table.c if isinstance(column.type, LargeBinary)
    }

    assert bytes_in == {secret.column for secret in SECRET_COLUMNS} | DIGESTS


def test_the_cipher_is_asked_in_one_place_only() -> None:
    """So that what is encrypted is in the list that a rotation goes through."""
    folder = Path(monitr.adapters.sql.__path__[0])
    asking = {
        file.name
        for file in folder.rglob("*.py")
        for call in ("cipher.encrypt(", "cipher.decrypt(")
        if call in file.read_text()
    }

    assert asking == {"secrets_at_rest.py", "encrypting_anew.py"}


class World:
    """A database of before with the secrets of an organisation: tokens, a round under way, a webhook rotated once."""

    def __init__(self, engine: AsyncEngine, url: str) -> None:
        self.engine, self.url = engine, url
        self.organisation = OrganisationId(uuid4())
        self.integration = IntegrationId(uuid4())
        self.target = WebhookTargetId(uuid4())

    async def filled(self, cipher: AesGcmCipher = BEFORE) -> "World":
        async with SqlTransactions(self.engine, cipher, lambda: NOON)(self.organisation) as work:
            mine = an_integration(id=self.integration, organisation_id=self.organisation)
            await work.integrations.save(mine)
            await work.integrations.store_tokens(
                mine.id, Tokens("access-0", SOON, "refresh-0"), NOON + timedelta(days=10)
            )
            underway = an_authorization(str(uuid4()), integration_id=mine.id, organisation_id=self.organisation)
            await work.authorizations.save(replace(underway, verifier="verifier-0"))
            await work.commit()
        targets = SqlWebhookTargets(self.engine, cipher)
        target = WebhookTarget(self.target, self.organisation, "https://hook.example/", None, NOON)
        assert await targets.add(target, "whsec-0", 10, "anna")
        assert await targets.rotate(self.organisation, self.target, "whsec-1", SOON, "anna")
        return self

    async def opened(self, cipher: AesGcmCipher) -> list[str]:
        """Everything that is stored, past row security."""
        async with self.engine.connect() as connection:
            return [
                secret.opened(cipher, sealed, row, owner)
                for secret in SECRET_COLUMNS
                for row, owner, sealed in await connection.execute(
                    select(secret.key, secret.table.c.organisation_id, secret.column)
                )
            ]

    async def formats(self) -> set[bytes]:
        async with self.engine.connect() as connection:
            return {
                sealed[:1]
                for secret in SECRET_COLUMNS
                for sealed in (
                    await connection.execute(select(secret.column).where(secret.column.is_not(None)))
                ).scalars()
            }

    async def change(self, table: Table, **values: object) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(update(table).values(**values))


SECRETS = ["refresh-0", "access-0", "verifier-0", "whsec-1", "whsec-0"]


@pytest_asyncio.fixture
async def world(fresh_database: str) -> AsyncIterator[World]:
    engine = create_engine(fresh_database, pool_size=5)
    yield World(engine, fresh_database)
    await engine.dispose()


def counted(done: EncryptedAnew) -> dict[str, tuple[int, int, int, int]]:
    return {each.name: (each.anew, each.already, each.left, len(each.unreadable)) for each in done.columns}


ALL = [
    *("credential.refresh_token", "credential.access_token", "oauth_authorization.verifier"),
    *("webhook_target.secret", "webhook_target.previous_secret"),
]


async def test_everything_is_encrypted_with_the_first_key_and_the_other_is_not_needed_any_more(world: World) -> None:
    await world.filled()

    done = await encrypt_anew(world.engine, BOTH)

    assert counted(done) == dict.fromkeys(ALL, (1, 0, 0, 0))
    assert done.unneeded == [2]
    assert await world.opened(AFTER) == SECRETS


async def test_a_second_time_there_is_nothing_to_do(world: World) -> None:
    await world.filled()
    await encrypt_anew(world.engine, BOTH)

    assert counted(await encrypt_anew(world.engine, BOTH)) == dict.fromkeys(ALL, (0, 1, 0, 0))


async def test_it_goes_through_more_rows_than_it_reads_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 2)
    await world.filled()
    for _ in range(4):
        other = World(world.engine, world.url)
        other.organisation = world.organisation
        await other.filled()
    await World(world.engine, world.url).filled()

    assert {anew for anew, *_ in counted(await encrypt_anew(world.engine, BOTH)).values()} == {6}
    assert len(await world.opened(AFTER)) == 30


async def test_what_cannot_be_decrypted_is_left_and_named_and_the_rest_is_done(world: World) -> None:
    await world.filled()
    await world.change(credential, access_token=AesGcmCipher([os.urandom(32)]).encrypt("lost", "elsewhere", None))

    done = await encrypt_anew(world.engine, BOTH)

    assert counted(done)["credential.access_token"] == (0, 0, 0, 1)
    assert {column.name: column.unreadable for column in done.columns if column.unreadable} == {
        "credential.access_token": {world.integration}
    }
    assert {anew for name, (anew, *_) in counted(done).items() if name != "credential.access_token"} == {1}
    assert done.unneeded == [2]


async def test_an_old_key_that_an_unreadable_secret_names_is_still_needed(world: World) -> None:
    await world.filled()
    await world.change(credential, access_token=BEFORE.encrypt("moved", "elsewhere", None))

    assert (await encrypt_anew(world.engine, BOTH)).unneeded == []


async def test_a_token_that_was_refreshed_meanwhile_is_not_overwritten_with_the_older_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.filled()
    original = module._replaced

    async def refreshed_first(*arguments: object) -> int:
        if "access-0" in arguments:
            async with SqlTransactions(world.engine, BEFORE, lambda: NOON)(world.organisation) as work:
                await work.integrations.store_tokens(world.integration, Tokens("access-1", SOON, "refresh-1"), SOON)
                await work.commit()
        return await original(*arguments)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(module, "_replaced", refreshed_first)
    await encrypt_anew(world.engine, BOTH)

    assert await world.opened(AFTER) == ["refresh-1", "access-1", *SECRETS[2:]]


async def test_an_answer_of_octopus_is_stored_although_the_keys_were_rotated_while_it_was_asked(world: World) -> None:
    """A refresh token that it has rotated exists nowhere else."""
    await world.filled()
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def refresh(_: str) -> Tokens:
        asked.set()
        await may_answer.wait()
        return Tokens("access-1", SOON + timedelta(hours=1), "refresh-1")

    credentials = SqlCredentials(world.engine, BOTH, lambda: SOON, refresh)
    refreshing = asyncio.create_task(credentials.access_token(world.integration))
    await asked.wait()
    await encrypt_anew(world.engine, BOTH)
    may_answer.set()

    assert await refreshing == "access-1"
    assert (await world.opened(AFTER))[:2] == ["refresh-1", "access-1"]


async def test_a_process_that_still_has_the_old_key_in_front_is_noticed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.filled()
    original = module._replaced

    async def undone(*arguments: object) -> int:
        written = await original(*arguments)  # type: ignore[arg-type]  # as they came
        async with SqlTransactions(world.engine, BEFORE, lambda: NOON)(world.organisation) as work:
            await work.integrations.store_tokens(world.integration, Tokens("access-1", SOON, "refresh-1"), SOON)
            await work.commit()
        return written

    monkeypatch.setattr(module, "_replaced", undone)
    done = await encrypt_anew(world.engine, BOTH)

    assert counted(done)["credential.refresh_token"][2] == 1
    assert done.unneeded == []


# --- bound to the organisation ---


async def given_to_another(world: World) -> None:
    """What somebody who may write to the database, and has no key, could do."""
    thief = OrganisationId(uuid4())
    async with world.engine.begin() as connection:
        await connection.execute(text("INSERT INTO organisation VALUES (:id, now())"), {"id": thief})
    for table in (integration, credential, authorization, webhook_target):
        await world.change(table, organisation_id=thief)


async def test_in_a_new_database_a_row_that_is_given_to_another_organisation_does_not_decrypt(world: World) -> None:
    await world.filled()
    assert await world.formats() == {b"\x02"}
    await given_to_another(world)

    with pytest.raises(Undecipherable):
        await world.opened(BOTH)


async def test_until_an_operator_says_so_a_database_of_before_gets_what_the_program_before_reads(world: World) -> None:
    async with world.engine.begin() as connection:
        await connection.execute(text("COMMENT ON TABLE alembic_version IS NULL"))
    await world.filled()
    assert await world.formats() == {b"\x01"}

    assert bind_secrets(world.url)
    await encrypt_anew(world.engine, BEFORE)

    assert await world.formats() == {b"\x02"}
    await World(world.engine, world.url).filled()
    assert await world.formats() == {b"\x02"}
    await given_to_another(world)
    with pytest.raises(Undecipherable):
        await world.opened(BOTH)
