import json
import shutil
import subprocess
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from monitr.adapters.webhooks.signing import new_webhook_secret, signed_headers
from monitr.domain.webhooks import WebhookEvent
from tests.unit.fake_webhooks import an_event

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class PublishedEvent(WebhookEvent):
    """The message of the specification's published test vector."""

    @property
    def message_id(self) -> str:
        return "msg_p5jXN8AQM9LWM0D4loKWxJek"

    @property
    def body(self) -> str:
        return '{"test": 2432232314}'


def test_the_signature_is_the_one_of_the_published_vector() -> None:
    published = PublishedEvent(*(getattr(an_event(), name) for name in WebhookEvent.__slots__))
    headers = signed_headers(published, [SECRET], datetime.fromtimestamp(1614265330, UTC))
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_while_a_secret_is_replaced_receivers_with_either_are_served() -> None:
    event, new, old = an_event(), new_webhook_secret(), new_webhook_secret()
    headers = dict(signed_headers(event, [new, old], datetime.now(UTC)))
    for secret in (new, old):
        assert Webhook(secret).verify(event.body, headers)["type"] == "import.failed"
    with pytest.raises(WebhookVerificationError):
        Webhook(new_webhook_secret()).verify(event.body, headers)


def test_another_body_or_an_old_time_is_not_accepted_by_the_specifications_own_verification() -> None:
    event, secret = an_event(), new_webhook_secret()
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(an_event().body, dict(signed_headers(event, [secret], datetime.now(UTC))))
    long_ago = dict(signed_headers(event, [secret], datetime.now(UTC) - timedelta(minutes=6)))
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(secret).verify(event.body, long_ago)


VERIFY = """
const { Webhook } = require("standardwebhooks");
const told = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(told.map(({ secret, body, headers }) => {
  try { return new Webhook(secret).verify(body, headers).type; } catch (error) { return error.message; }
})));
"""


def in_javascript(program: str, told: object) -> str:
    """What the program prints. Skips where Node.js or the specification's own library for it is not installed (npm; it
    is found by NODE_PATH)."""
    node = shutil.which("node")
    if node is None or subprocess.run([node, "-e", "require('standardwebhooks')"], capture_output=True).returncode:
        pytest.skip("Node.js with the npm package standardwebhooks is not installed, or NODE_PATH does not lead to it.")
    done = subprocess.run([node, "-e", program], input=json.dumps(told), capture_output=True, text=True, check=True)
    return done.stdout


def test_the_javascript_library_of_the_specification_accepts_the_same() -> None:
    event, new, old = an_event(), new_webhook_secret(), new_webhook_secret()
    headers = dict(signed_headers(event, [new, old], datetime.now(UTC)))
    told = [
        {"secret": new, "body": event.body, "headers": headers},
        {"secret": old, "body": event.body, "headers": headers},
        {"secret": new_webhook_secret(), "body": event.body, "headers": headers},
        {"secret": new, "body": event.body + " ", "headers": headers},
    ]
    accepted, also, *refused = json.loads(in_javascript(VERIFY, told))
    assert accepted == also == "import.failed"
    assert refused == ["No matching signature found"] * 2


def test_a_secret_is_256_random_bits_in_the_form_of_the_specification() -> None:
    secrets = {new_webhook_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(len(b64decode(secret.removeprefix("whsec_"), validate=True)) == 32 for secret in secrets)


def test_the_header_of_an_event_names_its_id() -> None:
    assert an_event(id=UUID(int=5)).message_id == "msg_00000000000000000000000000000005"
