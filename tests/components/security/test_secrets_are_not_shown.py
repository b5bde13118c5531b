"""What holds a secret does not print it: a ``repr`` ends up in a log, a traceback or an error report."""

import dataclasses
import importlib
import logging
import pkgutil
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
import structlog

import monitr
from monitr.adapters.octopus.answers.wire import DossierToken, TokenAnswer
from monitr.adapters.sql.database.engine import create_engine
from monitr.entrypoints.cli.logs import configure_logs

HIDDEN = "hidden-secret"
OF_SECRETS = ("secret", "password", "token", "verifier", "ticket", "browser", "authorize_url", "authorization_url")
OF_ADDRESSES = ("database", "url")
"""Those of the database and the broker hold passwords."""
NO_SECRETS = {
    "OctopusSettings.token_url",
    "OctopusSettings.authorize_url",
    "OctopusSettings.api_url",
    "HttpSettings.public_url",
    "Services.public_url",
    "Jwks.url",
    "SignIn.token_endpoint",
    "WebhookTarget.url",
    "CreateWebhookTargetInput.url",
    "CreateWebhookTarget.new_secret",  # how to make one
    "RotateWebhookSecret.new_secret",
    "BeginRound.new_secret",
    "ConnectIntegration.new_secret",
    "Reconnect.new_secret",
    "StartAuthorization.new_secret",
    "WebhookTarget.previous_secret_until",
    "WebhookTarget.previous_secret_valid_until",
    "WebhookUseCases.rotate_secret",
    "WebhookMutations.rotate_webhook_secret",
    "Mutation.rotate_webhook_secret",
    "Authorization.ticket",  # digests
    "Authorization.browser",
    "HttpDependencies.verify_token",
    "Reads.tokens",  # holds them in turn, and is held to it itself
    "_Bucket.tokens",
}
"""Names that sound like one."""


def dataclasses_of_the_program() -> Iterator[type[Any]]:
    for module in pkgutil.walk_packages(monitr.__path__, "monitr."):
        if "migrations" in module.name or module.name == "monitr.__main__":
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and dataclasses.is_dataclass(value) and value.__module__ == module.name:
                yield value


def sounds_secret(owner: type[Any], name: str) -> bool:
    words = (*OF_SECRETS, *OF_ADDRESSES)
    return any(word in name for word in words) and f"{owner.__name__}.{name}" not in NO_SECRETS


def with_a_secret_in(owner: type[Any], name: str) -> object:
    """An instance that is not made by its constructor, so that any field can hold anything."""
    instance: object = object.__new__(owner)
    for each in dataclasses.fields(owner):
        object.__setattr__(instance, each.name, HIDDEN if each.name == name else None)
    return instance


def test_no_dataclass_shows_what_sounds_like_a_secret() -> None:
    fields = [
        (owner, field.name)
        for owner in dict.fromkeys(dataclasses_of_the_program())
        for field in dataclasses.fields(owner)
        if sounds_secret(owner, field.name)
    ]
    shown = [f"{owner.__name__}.{name}" for owner, name in fields if HIDDEN in repr(with_a_secret_in(owner, name))]

    assert len(fields) > 15
    assert shown == []


@pytest.mark.parametrize(
    "holder",
    [
        msgspec.convert({"Dossiertoken": HIDDEN}, DossierToken),
        msgspec.convert({"access_token": HIDDEN, "refresh_token": HIDDEN}, TokenAnswer),
        create_engine(f"postgresql://monitr:{HIDDEN}@127.0.0.1/monitr"),
        create_engine(f"postgresql://monitr:{HIDDEN}@127.0.0.1/monitr").url,
        httpx.Request("GET", "http://octopus.test", headers={"authorization": HIDDEN}),
        httpx.Headers({"authorization": f"Bearer {HIDDEN}"}),
    ],
    ids=lambda holder: type(holder).__name__,
)
def test_what_others_have_made_shows_none(holder: object) -> None:
    assert HIDDEN not in f"{holder!r} {holder}"


@pytest.fixture
def _own_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, configuration = root.handlers[:], root.level, structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**configuration)
    structlog.contextvars.clear_contextvars()


@pytest.mark.usefixtures("_own_logging")
@pytest.mark.parametrize("quiet", [True, False], ids=["for people", "as JSON"])
def test_a_traceback_in_the_log_shows_no_local_variable(quiet: bool, capsys: pytest.CaptureFixture[str]) -> None:
    def fails(secret: Any) -> None:
        kept = {"token": secret}
        raise RuntimeError("it went wrong" if kept else "")

    configure_logs("test", quiet=quiet)
    try:
        fails("".join(["hid", "den-", "secret"]))
    except RuntimeError:
        structlog.get_logger("monitr.test").exception("failed")
        logging.getLogger("library").exception("failed too")
    told = capsys.readouterr().err

    assert told.count("it went wrong") >= 2
    assert HIDDEN not in told
