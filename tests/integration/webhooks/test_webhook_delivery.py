"""Events on their way to real receivers: in order, at least once, and each target for itself."""

import asyncio
import socket
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from standardwebhooks import WebhookVerificationError

from monitr.adapters.sql.database.tables import webhook_target
from monitr.adapters.sql.database.tenancy import transaction
from monitr.application.webhooks.deliver_webhooks import LEASE
from monitr.domain.webhooks import ATTEMPTS, TargetStatus, WebhookTarget
from tests.integration.webhooks.outgoing import Outgoing, elsewhere
from tests.integration.webhooks.receivers import CUT, HANG, a_receiver

NOBODY = "http://127.0.0.1:9/hooks"
"""Nothing listens on the discard port."""


async def test_events_arrive_in_order_signed_and_on_one_connection(outgoing: Outgoing) -> None:
    async with a_receiver() as receiver:
        target, secret = await outgoing.target(receiver.url)
        await outgoing.some_events(5)
        events = await outgoing.events()
        await outgoing.round()

        assert [request.id for request in receiver.received] == [event.message_id for event in events]
        assert [request.verified(secret)["type"] for request in receiver.received] == [event.type for event in events]
        assert {request.headers["content-type"] for request in receiver.received} == {"application/json"}
        assert receiver.connections == 1
        seen = await outgoing.seen(target)
        assert (seen.status, seen.position) == (TargetStatus.ACTIVE, events[-1].position)


async def test_a_new_target_receives_only_what_happens_from_then_on(outgoing: Outgoing) -> None:
    administration = await outgoing.an_administration()
    async with a_receiver() as receiver:
        await outgoing.target(receiver.url)
        assert await outgoing.round() == 0
        await outgoing.some_events(1, administration)
        await outgoing.round()
        assert receiver.types == ["import.queued"]


async def test_what_has_arrived_is_not_sent_again(outgoing: Outgoing) -> None:
    async with a_receiver() as receiver:
        await outgoing.target(receiver.url)
        await outgoing.some_events(2)
        assert [await outgoing.round() for _ in range(3)] == [3, 0, 0]
        assert len(receiver.received) == 3


async def test_a_target_that_has_everything_is_left_alone(outgoing: Outgoing) -> None:
    async with a_receiver() as receiver:
        target, _ = await outgoing.target(receiver.url)
        await outgoing.some_events(1)
        await outgoing.round()
        assert target.id not in [claim.target_id for claim in await outgoing.deliveries.claim(LEASE, 32)]


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        (500, "WEBHOOK_NOT_ACCEPTED", "500"),
        (404, "WEBHOOK_NOT_ACCEPTED", "404"),
        (CUT, "WEBHOOK_UNREACHABLE", "could not be reached"),
        (HANG, "WEBHOOK_TIMEOUT", "did not answer"),
    ],
)
async def test_an_event_that_does_not_arrive_is_sent_again_before_the_next(
    outgoing: Outgoing, answer: int, code: str, says: str
) -> None:
    impatient = elsewhere(outgoing)
    impatient.timeout = timedelta(seconds=0.3)
    impatient.__post_init__()
    async with a_receiver(answer) as receiver:
        target, secret = await impatient.target(receiver.url)
        await impatient.some_events(1)
        first, second = await impatient.events()
        await impatient.round()
        failing = await impatient.seen(target)
        await impatient.round()  # too early
        arrived = await impatient.until_the_next_attempt(target)

        assert failing.status is TargetStatus.FAILING
        assert failing.last_failure is not None
        assert (failing.last_failure.code, says in failing.last_failure.message) == (code, True)
        assert [request.id for request in receiver.received][:3] == [
            first.message_id,
            first.message_id,
            second.message_id,
        ]
        assert all(request.verified(secret) for request in receiver.received[:1])
        assert (arrived.status, arrived.last_failure) == (TargetStatus.ACTIVE, None)


async def test_redirects_are_not_followed(outgoing: Outgoing) -> None:
    async with a_receiver() as inside:
        moved = [f"{status} Moved\r\nLocation: {inside.url}" for status in (301, 302, 303, 307, 308)]
        async with a_receiver(*moved) as receiver:
            target, _ = await outgoing.target(receiver.url)
            await outgoing.some_events(1)
            await outgoing.round()
            for _ in moved[1:]:
                seen = await outgoing.until_the_next_attempt(target)

            assert seen.last_failure is not None
            assert "redirect (308)" in seen.last_failure.message
            assert (len(receiver.received), inside.connections) == (5, 0)


async def test_a_receiver_is_not_asked_before_the_time_it_asked_for(outgoing: Outgoing) -> None:
    async with a_receiver("429 Too Many\r\nRetry-After: 600") as receiver:
        target, _ = await outgoing.target(receiver.url)
        await outgoing.some_events(1)
        await outgoing.round()
        outgoing.later(timedelta(minutes=9))
        await outgoing.round()
        assert len(receiver.received) == 1
        outgoing.later(timedelta(minutes=2))
        await outgoing.round()
        assert (await outgoing.seen(target)).status is TargetStatus.ACTIVE


async def test_a_receiver_that_is_gone_is_sent_nothing_more(outgoing: Outgoing) -> None:
    async with a_receiver(410) as receiver:
        target, _ = await outgoing.target(receiver.url)
        await outgoing.some_events(2)
        await outgoing.round()
        outgoing.later(timedelta(days=2))
        await outgoing.round()
        assert (await outgoing.seen(target)).status is TargetStatus.DISABLED
        assert len(receiver.received) == 1


async def test_a_dead_target_is_disabled_with_the_reason_after_about_a_day_and_misses_nothing_by_a_replay(
    outgoing: Outgoing,
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as reserved:
        port = reserved.getsockname()[1]
    target, _ = await outgoing.target(f"http://127.0.0.1:{port}/hooks")
    await outgoing.some_events(2)
    events = await outgoing.events()
    began = outgoing.clock()
    await outgoing.round()
    for _ in range(ATTEMPTS - 1):
        seen = await outgoing.until_the_next_attempt(target)

    assert timedelta(hours=20) < outgoing.clock() - began < timedelta(hours=28)
    assert (seen.status, seen.failures, seen.next_attempt_at) == (TargetStatus.DISABLED, ATTEMPTS, None)
    assert seen.last_failure is not None
    assert seen.last_failure.code == "WEBHOOK_UNREACHABLE"
    outgoing.later(timedelta(days=3))
    assert await outgoing.round() == 0

    async with a_receiver() as receiver:
        # the receiver is repaired, on another port: only a test has to move the target for it
        await _move(outgoing, target, receiver.url)
        await outgoing.replay(target, seen.position)
        await outgoing.round()
        assert [request.id for request in receiver.received] == [event.message_id for event in events]
        assert (await outgoing.seen(target)).status is TargetStatus.ACTIVE
        assert receiver.received[0].headers["webhook-signature"].startswith("v1,")


async def _move(outgoing: Outgoing, target: WebhookTarget, url: str) -> None:
    async with transaction(outgoing.engine, outgoing.organisation) as connection:
        await connection.execute(
            text("UPDATE webhook_target SET url = :url WHERE id = :id"), {"url": url, "id": target.id}
        )


async def test_a_replay_sends_what_comes_after_the_cursor_with_its_old_ids(outgoing: Outgoing) -> None:
    async with a_receiver() as receiver:
        target, _ = await outgoing.target(receiver.url)
        await outgoing.some_events(3)
        events = await outgoing.events()
        await outgoing.round()
        await outgoing.replay(target, events[1].position)
        await outgoing.round()
        await outgoing.replay(target, None)
        await outgoing.round()

        first, again, everything = receiver.received[:4], receiver.received[4:6], receiver.received[6:]
        assert [request.id for request in again] == [request.id for request in first[2:]]
        assert [request.body for request in everything] == [request.body for request in first]


async def test_a_replay_while_an_event_is_being_sent_is_not_undone_by_its_outcome(outgoing: Outgoing) -> None:
    async with a_receiver() as receiver:
        target, _ = await outgoing.target(receiver.url)
        await outgoing.some_events(2)
        (claim,) = await outgoing.deliveries.claim(LEASE, 1)
        queue = await outgoing.deliveries.queue(claim, 10)
        assert queue is not None
        await outgoing.replay(target, None)

        assert not await outgoing.deliveries.save(claim, target.delivered(queue.events[-1], outgoing.clock()), LEASE)
        await outgoing.round()
        assert len(receiver.received) == 3


async def test_after_a_rotation_both_secrets_verify_for_a_day_then_only_the_new_one(outgoing: Outgoing) -> None:
    async with a_receiver() as receiver:
        administration = await outgoing.an_administration()
        target, old = await outgoing.target(receiver.url)
        new = await outgoing.rotate(target)
        await outgoing.some_events(1, administration)
        await outgoing.round()
        (request,) = receiver.received
        assert request.verified(old) == request.verified(new)

        outgoing.later(timedelta(hours=25))
        await outgoing.replay(target, None)
        await outgoing.round()
        late = receiver.received[-1]
        assert len(late.headers["webhook-signature"].split()) == 1


async def test_a_secret_that_leaked_signs_no_more_at_once(outgoing: Outgoing) -> None:
    async with a_receiver() as receiver:
        target, old = await outgoing.target(receiver.url)
        new = await outgoing.rotate(target, at_once=True)
        await outgoing.some_events(1)
        await outgoing.round()
        assert receiver.received[0].verified(new)
        with pytest.raises(WebhookVerificationError):
            receiver.received[0].verified(old)


async def test_secrets_are_stored_encrypted_and_bound_to_their_target(outgoing: Outgoing) -> None:
    first, secret = await outgoing.target(NOBODY)
    second, _ = await outgoing.target(NOBODY)
    async with transaction(outgoing.engine, outgoing.organisation) as connection:
        stored = select(webhook_target.c.secret).where(webhook_target.c.id == first.id)
        sealed = (await connection.execute(stored)).scalar_one()
        await connection.execute(
            text("UPDATE webhook_target SET secret = :secret WHERE id = :id"), {"secret": sealed, "id": second.id}
        )
    await outgoing.some_events(1)
    await outgoing.order_events()
    claims = {claim.target_id: claim for claim in await outgoing.deliveries.claim(LEASE, 5)}

    assert secret.encode() not in sealed
    queue = await outgoing.deliveries.queue(claims[first.id], 1)
    assert queue is not None
    assert list(queue.secrets) == [secret]
    assert secret not in repr(queue)
    with pytest.raises(Exception, match="altered or moved"):
        await outgoing.deliveries.queue(claims[second.id], 1)


async def test_two_couriers_do_not_send_to_the_same_target(outgoing: Outgoing) -> None:
    async with a_receiver() as receiver:
        await outgoing.target(receiver.url)
        await outgoing.some_events(4)
        await asyncio.gather(*(outgoing.round() for _ in range(4)))
        assert len(receiver.received) == 5


async def test_what_a_courier_that_died_had_claimed_is_sent_by_another(outgoing: Outgoing) -> None:
    async with a_receiver() as receiver:
        await outgoing.target(receiver.url)
        await outgoing.some_events(1)
        await outgoing.order_events()
        (dead,) = await outgoing.deliveries.claim(timedelta(seconds=0.2), 1)
        assert await outgoing.round() == 0
        await asyncio.sleep(0.3)
        assert await outgoing.round() == 2

        queue = await outgoing.deliveries.queue(dead, 1)
        assert (queue, len(receiver.received)) == (None, 2)


async def test_a_target_of_one_organisation_receives_no_event_of_another(outgoing: Outgoing) -> None:
    theirs = elsewhere(outgoing)
    async with a_receiver() as receiver, a_receiver() as other:
        await outgoing.target(receiver.url)
        await theirs.target(other.url)
        await outgoing.some_events(2)
        await theirs.some_events(1)
        mine, their_events = await outgoing.events(), await theirs.events()
        await outgoing.round()

        assert [request.id for request in receiver.received] == [event.message_id for event in mine]
        assert [request.id for request in other.received] == [event.message_id for event in their_events]
