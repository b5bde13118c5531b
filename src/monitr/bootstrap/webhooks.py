"""Webhooks: what an organisation does about them, and the courier that sends."""

import secrets
from uuid import uuid4

from monitr.adapters.security.cipher import AesGcmCipher
from monitr.adapters.sql.webhooks.deliveries import SqlWebhookDeliveries
from monitr.adapters.sql.webhooks.targets import SqlWebhookTargets
from monitr.adapters.webhooks.courier import Courier
from monitr.adapters.webhooks.sending import WebhookSender
from monitr.adapters.webhooks.signing import new_webhook_secret, signed_headers
from monitr.adapters.webhooks.target_addresses import TargetAddresses
from monitr.application.webhooks import use_cases
from monitr.application.webhooks.deliver_webhooks import DeliverWebhooks
from monitr.bootstrap.ports import Ports
from monitr.installation import encryption_keys
from monitr.settings import Settings


def webhook_use_cases(of: Ports) -> use_cases.WebhookUseCases:
    targets = SqlWebhookTargets(of.engine, AesGcmCipher(encryption_keys(of.settings)))
    return use_cases.WebhookUseCases(
        use_cases.ListWebhookTargets(targets),
        use_cases.ReadWebhookEvents(targets),
        targets.cursor,
        use_cases.CreateWebhookTarget(targets, _webhook_addresses(of.settings), of.clock, uuid4, new_webhook_secret),
        use_cases.DeleteWebhookTarget(targets),
        use_cases.RotateWebhookSecret(targets, of.clock, new_webhook_secret),
        use_cases.ReplayWebhookEvents(targets),
    )


def _webhook_addresses(settings: Settings) -> TargetAddresses:
    return TargetAddresses(settings.webhooks_allow_loopback, settings.webhooks_ports)


def webhook_deliveries(of: Ports) -> SqlWebhookDeliveries:
    return SqlWebhookDeliveries(of.engine, AesGcmCipher(encryption_keys(of.settings)), of.clock)


def webhook_courier(of: Ports) -> Courier:
    deliveries, sender = webhook_deliveries(of), WebhookSender(_webhook_addresses(of.settings))
    chance = secrets.SystemRandom().random
    return Courier(deliveries, DeliverWebhooks(deliveries, sender, signed_headers, of.clock, chance), sender.close)
