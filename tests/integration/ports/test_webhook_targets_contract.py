"""The port ``WebhookTargets``: the fake and PostgreSQL alike."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.security.cipher import AesGcmCipher
from monitr.adapters.sql.webhooks.targets import SqlWebhookTargets
from monitr.application.reading.pages import InvalidCursor
from monitr.application.webhooks.ports import WebhookTargets
from monitr.domain.organisation import OrganisationId
from monitr.domain.webhooks import TargetStatus, WebhookTarget, WebhookTargetId
from tests.unit.fake_webhooks import FakeWebhookTargets, a_target
from tests.unit.fakes import NOON

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture(params=["fake", "sql"])
def targets(request: pytest.FixtureRequest) -> WebhookTargets:
    if request.param == "fake":
        return FakeWebhookTargets()
    engine: AsyncEngine = request.getfixturevalue("engine")
    return SqlWebhookTargets(engine, AesGcmCipher([bytes(32)]))


@pytest.fixture
def organisation() -> OrganisationId:
    return OrganisationId(uuid4())


async def added(targets: WebhookTargets, organisation: OrganisationId, **changes: object) -> WebhookTarget:
    target = await targets.add(a_target(organisation_id=organisation, **changes), SECRET, 10, "anna")
    assert target is not None
    return target


async def test_targets_are_listed_oldest_first(targets: WebhookTargets, organisation: OrganisationId) -> None:
    young = await added(targets, organisation, created_at=NOON + timedelta(hours=1))
    old = await added(targets, organisation, description="Monitr")
    assert await targets.all_of(organisation) == [old, young]


async def test_there_are_no_more_than_the_most(targets: WebhookTargets, organisation: OrganisationId) -> None:
    await added(targets, organisation)
    assert await targets.add(a_target(organisation_id=organisation), SECRET, 1, "anna") is None
    assert len(await targets.all_of(organisation)) == 1


async def test_a_removed_target_is_gone(targets: WebhookTargets, organisation: OrganisationId) -> None:
    target = await added(targets, organisation)
    assert [await targets.remove(organisation, target.id, "anna") for _ in range(2)] == [True, False]
    assert await targets.all_of(organisation) == []


async def test_a_target_of_another_organisation_is_not_there(
    targets: WebhookTargets, organisation: OrganisationId
) -> None:
    target, other = await added(targets, organisation), OrganisationId(uuid4())
    assert await targets.all_of(other) == []
    assert not await targets.remove(other, target.id, "anna")
    assert await targets.rotate(other, target.id, SECRET, None, "anna") is None
    assert await targets.replay(other, target.id, None, "anna") is None
    assert await targets.all_of(organisation) == [target]


async def test_a_rotation_tells_until_when_the_old_secret_signs(
    targets: WebhookTargets, organisation: OrganisationId
) -> None:
    target, until = await added(targets, organisation), NOON + timedelta(days=1)
    both = await targets.rotate(organisation, target.id, SECRET, until, "anna")
    one = await targets.rotate(organisation, target.id, SECRET, None, "anna")
    assert both is not None
    assert one is not None
    assert (both.previous_secret_until, one.previous_secret_until) == (until, None)


async def test_a_replay_begins_behind_its_cursor(targets: WebhookTargets, organisation: OrganisationId) -> None:
    target = await added(targets, organisation)
    replayed = await targets.replay(organisation, target.id, targets.cursor(2**40), "anna")
    assert replayed is not None
    assert (replayed.position, replayed.status) == (2**40, TargetStatus.ACTIVE)
    assert await targets.all_of(organisation) == [replayed]
    everything = await targets.replay(organisation, target.id, None, "anna")
    assert everything is not None
    assert everything.position == 0


@pytest.mark.parametrize("cursor", ["", "nonsense", "WyJydW4iLDFd"])
async def test_what_is_no_cursor_is_refused(targets: WebhookTargets, organisation: OrganisationId, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        await targets.events(organisation, 10, cursor)
    with pytest.raises(InvalidCursor):
        await targets.replay(organisation, WebhookTargetId(uuid4()), cursor, "anna")


async def test_without_events_the_page_is_empty(targets: WebhookTargets, organisation: OrganisationId) -> None:
    page = await targets.events(organisation, 10, None)
    assert (list(page.rows), page.has_next, page.has_previous) == ([], False, False)
