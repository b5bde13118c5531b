"""What an organisation can do about its webhooks, put together by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass

from monitr.application.webhooks.create_webhook_target import CreateWebhookTarget
from monitr.application.webhooks.delete_webhook_target import DeleteWebhookTarget
from monitr.application.webhooks.list_webhook_targets import ListWebhookTargets
from monitr.application.webhooks.read_webhook_events import ReadWebhookEvents
from monitr.application.webhooks.replay_webhook_events import ReplayWebhookEvents
from monitr.application.webhooks.rotate_webhook_secret import RotateWebhookSecret


@dataclass(frozen=True, slots=True)
class WebhookUseCases:
    """``cursor`` is that of the event at a position, as in ``events``."""

    targets: ListWebhookTargets
    events: ReadWebhookEvents
    cursor: Callable[[int], str]
    create: CreateWebhookTarget
    delete: DeleteWebhookTarget
    rotate_secret: RotateWebhookSecret
    replay: ReplayWebhookEvents
