"""Signatures after Standard Webhooks, by the specification's own library."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from secrets import token_bytes

from standardwebhooks import Webhook

from monitr.domain.webhooks import WebhookEvent

_SECRET_BYTES = 32
"""The specification asks for 24 to 64."""


def new_webhook_secret() -> str:
    return f"whsec_{b64encode(token_bytes(_SECRET_BYTES)).decode()}"


def signed_headers(event: WebhookEvent, secrets: Sequence[str], now: datetime) -> Mapping[str, str]:
    """The port ``SignWebhook``. While a secret is being replaced, there are two signatures, the new one first."""
    signatures = [Webhook(secret).sign(event.message_id, now, event.body) for secret in secrets]
    return {
        "webhook-id": event.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
