"""Signatures after Standard Webhooks, by the specification's own library."""

import secrets
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime

from standardwebhooks import Webhook

from monitr.domain.webhooks import WebhookEvent

_SECRET_BYTES = 32
"""The specification asks for 24 to 64."""


def new_webhook_secret() -> str:
    return f"whsec_{b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}"


def signed_headers(event: WebhookEvent, keys: Sequence[str], now: datetime) -> Mapping[str, str]:
    """The port ``SignWebhook``. While a secret is being replaced, there are two signatures, the new one first."""
    signatures = [Webhook(key).sign(event.message_id, now, event.body) for key in keys]
    return {
        "webhook-id": event.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
