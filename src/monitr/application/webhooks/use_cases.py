"""What an organisation can do about its webhooks, put together by the composition root."""

from dataclasses import dataclass

from monitr.application.webhooks.create_webhook_target import CreateWebhookTarget
from monitr.application.webhooks.delete_webhook_target import DeleteWebhookTarget
from monitr.application.webhooks.ports import WebhookTargets
from monitr.application.webhooks.replay_webhook_events import ReplayWebhookEvents
from monitr.application.webhooks.rotate_webhook_secret import RotateWebhookSecret


@dataclass(frozen=True, slots=True)
class WebhookUseCases:
    """``targets`` for what is only read."""

    targets: WebhookTargets
    create: CreateWebhookTarget
    delete: DeleteWebhookTarget
    rotate_secret: RotateWebhookSecret
    replay: ReplayWebhookEvents
