from datetime import timedelta

from monitr.adapters.webhooks.signing import signed_headers
from monitr.application.webhooks.deliver_webhooks import BATCH, TURN, DeliverWebhooks
from monitr.domain.webhooks import TargetStatus, back_off
from tests.unit.fake_webhooks import FakeDeliveries, FakeReceiver, a_refusal, a_target, an_event


def deliver(deliveries: FakeDeliveries, receiver: FakeReceiver) -> DeliverWebhooks:
    return DeliverWebhooks(deliveries, receiver, signed_headers, receiver.clock, lambda: 0.5)


async def test_events_arrive_in_order_each_with_its_signature() -> None:
    events = [an_event(position) for position in (3, 7, 8)]
    deliveries, receiver = FakeDeliveries(a_target(), events), FakeReceiver()

    assert await deliver(deliveries, receiver)(deliveries.claim_of_it) == 3

    assert receiver.received == [event.message_id for event in events]
    assert [body for _, _, body in receiver.requests] == [event.body for event in events]
    assert all(headers["webhook-signature"].startswith("v1,") for _, headers, _ in receiver.requests)
    assert (deliveries.target.position, deliveries.released) == (8, 1)


async def test_no_event_is_sent_before_the_one_ahead_of_it_has_arrived() -> None:
    events = [an_event(position) for position in (1, 2, 3)]
    deliveries, receiver = FakeDeliveries(a_target(), events), FakeReceiver([None, a_refusal()])

    assert await deliver(deliveries, receiver)(deliveries.claim_of_it) == 1

    assert len(receiver.requests) == 2
    failing = deliveries.target
    assert (failing.status, failing.position, failing.failures) == (TargetStatus.FAILING, 1, 1)
    assert failing.next_attempt_at == receiver.now + back_off(1, 0.5)


async def test_a_repeated_attempt_is_the_same_message() -> None:
    deliveries, receiver = FakeDeliveries(a_target(), [an_event()]), FakeReceiver([a_refusal()])
    for _ in range(2):
        await deliver(deliveries, receiver)(deliveries.claim_of_it)
    (_, first, body), (_, second, again) = receiver.requests
    assert (first["webhook-id"], body) == (second["webhook-id"], again)


async def test_a_turn_ends_so_that_other_targets_have_theirs() -> None:
    events = [an_event(position) for position in range(1, 10)]
    deliveries, receiver = FakeDeliveries(a_target(), events), FakeReceiver(took=TURN / 3)
    assert await deliver(deliveries, receiver)(deliveries.claim_of_it) == 3


async def test_whoever_has_lost_the_claim_sends_no_more() -> None:
    events = [an_event(position) for position in (1, 2, 3)]
    deliveries, receiver = FakeDeliveries(a_target(), events, lost_after=1), FakeReceiver()
    assert await deliver(deliveries, receiver)(deliveries.claim_of_it) == 1
    assert len(receiver.requests) == 2
    assert deliveries.target.position == 1


async def test_a_target_that_was_deleted_meanwhile_is_sent_nothing() -> None:
    deliveries, receiver = FakeDeliveries(a_target(), [an_event()], lost_after=0), FakeReceiver()
    assert await deliver(deliveries, receiver)(deliveries.claim_of_it) == 0
    assert receiver.requests == []


async def test_a_long_queue_is_sent_in_batches() -> None:
    events = [an_event(position) for position in range(1, BATCH + 2)]
    deliveries, receiver = FakeDeliveries(a_target(), events), FakeReceiver(took=timedelta())
    assert await deliver(deliveries, receiver)(deliveries.claim_of_it) == BATCH
