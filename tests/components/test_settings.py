"""Settings: the defaults of the contract, and one sentence for each wrong value."""

import os
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from monitr.settings import Settings, SettingsError, unknown_settings

A_KEY = urlsafe_b64encode(bytes(range(32))).decode()
A_SECRET = "a hidden secret of 32 characters"

Load = Callable[..., Settings]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    """Settings from exactly the given variables, without their prefix."""
    for name in [name for name in os.environ if name.startswith("MONITR_")]:
        monkeypatch.delenv(name)

    def loaded(**variables: str) -> Settings:
        for name, value in variables.items():
            monkeypatch.setenv(f"MONITR_{name}", value)
        return Settings.load()

    return loaded


def test_without_any_variable_the_defaults_of_the_contract_hold(load: Load) -> None:
    settings = load()

    assert settings.is_embedded
    assert settings.broker_url is None
    assert (settings.http_host, settings.http_port) == ("127.0.0.1", 8000)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.frontend_origins == {"http://127.0.0.1:8000"}
    assert settings.octopus_client_id is None
    assert settings.octopus_pkce
    assert settings.octopus_daily_limits
    assert settings.sync_cooldown == 3600
    assert settings.schedule == "5 0,5 * * *"
    assert settings.rate_limit == 6000
    assert settings.retention_days == 30
    assert settings.audit_kept_days == 3650
    assert settings.changes_remembered_days == 30
    assert not settings.graphiql
    assert not settings.trusted_documents


@pytest.mark.parametrize(
    ("name", "value", "must"),
    [
        ("DATABASE_URL", "mysql://user:secret@host/books", "PostgreSQL"),
        ("DATABASE_URL", "nonsense-secret", "PostgreSQL"),
        ("DATABASE_MIGRATION_URL", "sqlite:///secret.db", "PostgreSQL"),
        ("BROKER_URL", "http://user:secret@host", "redis://"),
        ("FRONTEND_HEADERS", "x-ours, *", "names of request headers"),
        ("HTTP_HOST", "http://127.0.0.1", "host name"),
        ("TRUSTED_DOCUMENTS", "on", "only or off"),
        ("HTTP_PORT", "abc", "whole number from 1 to 65535, not 'abc'"),
        ("HTTP_PORT", "0", "whole number"),
        ("METRICS_TOKEN", "secret", "16 characters"),
        ("HTTP_PORT", "65536", "whole number"),
        ("HTTP_PORT", "-1", "whole number"),
        ("HTTP_PORT", "80.5", "whole number"),
        ("WORKER_PORT", "0", "whole number from 1 to 65535 or off"),
        ("SCHEDULER_PORT", "many", "whole number from 1 to 65535 or off"),
        ("PUBLIC_URL", "ftp://example.org", "http://"),
        ("PUBLIC_URL", "https://example.org/?a=b", "query"),
        ("PUBLIC_URL", "https:///nowhere", "address"),
        ("FRONTEND_ORIGINS", "https://a.example/app", "without a path"),
        ("FRONTEND_ORIGINS", "*", "address"),
        ("OCTOPUS_API_URL", "octopus", "address"),
        ("OCTOPUS_AUTHORIZE_URL", "octopus", "address"),
        ("OCTOPUS_TOKEN_URL", "octopus", "address"),
        ("OCTOPUS_PKCE", "maybe", "on or off"),
        ("OCTOPUS_DAILY_LIMITS", "2", "on or off"),
        ("GRAPHIQL", "sometimes", "on or off"),
        ("ENCRYPTION_KEYS", "secret", "32 bytes"),
        ("ENCRYPTION_KEYS", f"{A_KEY},secret", "32 bytes"),
        ("ENCRYPTION_KEYS", urlsafe_b64encode(bytes(32)).decode(), "chance"),
        ("ENCRYPTION_KEYS", urlsafe_b64encode(b"0123456789abcdef" * 2).decode(), "chance"),
        ("AUTH_JWKS_URL", "keys", "address"),
        ("SYNC_COOLDOWN", "soon", "whole number"),
        ("SCHEDULE", "every day", "cron"),
        ("SCHEDULE", "0 5 * * * *", "cron expression of five fields"),
        ("SCHEDULE", "0 5 30 2 *", "cron"),  # 30 February
        ("RATE_LIMIT", "0", "whole number from 1 to 1000000 or off"),
        ("RETENTION_DAYS", "-1", "whole number"),
        ("AUDIT_KEPT_DAYS", "364", "whole number from 365"),
        ("AUDIT_KEPT_DAYS", "off", "whole number"),
    ],
)
def test_a_wrong_value_is_named_with_what_it_must_be(load: Load, name: str, value: str, must: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(**{name: value})

    sentence = str(refused.value)
    assert sentence.startswith(f"MONITR_{name} must ")
    assert must in sentence
    assert "secret" not in sentence
    assert "\n" not in sentence


def test_a_password_in_a_public_address_is_not_repeated(load: Load) -> None:
    with pytest.raises(SettingsError) as refused:
        load(PUBLIC_URL="https://user:secret@example.org")

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("missing", "variables"),
    [
        ("MONITR_DATABASE_URL", {"DATABASE_MIGRATION_URL": "postgresql://owner@host/books"}),
        ("MONITR_AUTH_ISSUER", {"AUTH_JWKS_URL": "https://login.example/keys", "AUTH_AUDIENCE": "monitr"}),
        ("MONITR_AUTH_AUDIENCE", {"AUTH_JWKS_URL": "https://login.example/keys", "AUTH_ISSUER": "us"}),
        ("MONITR_AUTH_JWKS_URL", {"AUTH_ISSUER": "us"}),
    ],
)
def test_a_setting_that_others_need_is_named_when_it_is_missing(
    load: Load, missing: str, variables: dict[str, str]
) -> None:
    with pytest.raises(SettingsError, match=f"^{missing} must be set where "):
        load(**variables)


@pytest.mark.parametrize("value", ["on", "ON", "true", "1"])
def test_switches_are_on_or_off_in_the_usual_spellings(load: Load, value: str) -> None:
    assert load(GRAPHIQL=value).graphiql


def test_off_is_a_value_where_the_contract_says_so(load: Load) -> None:
    settings = load(SCHEDULE="off", RATE_LIMIT="off")

    assert settings.schedule is None
    assert settings.rate_limit is None


def test_an_empty_variable_is_one_that_is_not_set(load: Load) -> None:
    assert load(HTTP_PORT="", DATABASE_URL="").http_port == 8000


def test_several_keys_and_origins_are_separated_by_commas_or_spaces(load: Load) -> None:
    settings = load(ENCRYPTION_KEYS=f"{A_KEY}, {A_KEY}", FRONTEND_ORIGINS="https://a.example,https://b.example/")

    assert [key.get_secret_value() for key in settings.encryption_keys or ()] == [bytes(range(32))] * 2
    assert settings.frontend_origins == {"https://a.example", "https://b.example"}


def test_the_callback_lies_under_the_public_address(load: Load) -> None:
    settings = load(PUBLIC_URL="https://app.example/octopus/")

    assert settings.oauth_callback_url == "https://app.example/octopus/oauth/octopus/callback"
    assert settings.frontend_origins == {"https://app.example"}


@pytest.mark.parametrize(
    ("secret", "must"),
    [
        ("x", "at least 32 bytes"),
        ("ein sehr geheimes Wort, 31 Byte", "at least 32 bytes"),
        ("x" * 40, "no repetition"),
        ("password and such" * 4, "no repetition"),
        ("0123456789" * 5, "no repetition"),
        ("horse0horse0horse0horse0horse0horse", "no repetition"),
        ("abcabcacbbacabcacabbacabcbacabbca", "no repetition"),
    ],
)
def test_a_secret_that_is_short_or_guessable_is_refused(load: Load, secret: str, must: str) -> None:
    with pytest.raises(SettingsError, match=f"^MONITR_AUTH_SECRET must be .*{must}") as refused:
        load(AUTH_SECRET=secret)

    assert secret == "x" or secret not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("OCTOPUS_API_URL", "octopus.example"),
        ("OCTOPUS_AUTHORIZE_URL", "10.0.0.7"),
        ("OCTOPUS_TOKEN_URL", "localhost.example"),
    ],
)
def test_nothing_secret_is_sent_to_octopus_in_the_clear(load: Load, name: str, host: str) -> None:
    with pytest.raises(SettingsError, match=rf"^MONITR_{name} must begin with https://.*MONITR_ALLOW_INSECURE_HTTP=on"):
        load(**{name: f"http://{host}/api"})


SIGN_IN = {
    "AUTH_JWKS_URL": "https://login.example/keys",
    "AUTH_ISSUER": "https://login.example",
    "AUTH_AUDIENCE": "monitr",
    "AUTH_CLIENT_ID": "console",
}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            {"AUTH_JWKS_URL": "", "AUTH_SECRET": A_SECRET},
            "MONITR_AUTH_JWKS_URL must be set where MONITR_AUTH_CLIENT_ID is",
        ),
        ({"AUTH_ISSUER": "us"}, "MONITR_AUTH_ISSUER must be an https:// address"),
        ({"AUTH_ISSUER": "http://login.example"}, "MONITR_AUTH_ISSUER must be an https:// address"),
        ({"AUTH_SCOPES": "profile"}, "MONITR_AUTH_SCOPES must be scopes of your issuer, openid among them"),
    ],
)
def test_signing_in_at_an_issuer_needs_one_that_can_be_asked(
    load: Load, change: dict[str, str], complaint: str
) -> None:
    assert load(**SIGN_IN, AUTH_SCOPES="openid  offline_access").auth_scopes == "openid offline_access"
    with pytest.raises(SettingsError, match=f"^{complaint}"):
        load(**SIGN_IN | change)


def test_the_front_ends_but_our_own_may_frame_the_console(load: Load) -> None:
    assert load(PUBLIC_URL="https://api.example").embedding_origins == frozenset()
    settings = load(FRONTEND_ORIGINS="https://app.example https://api.example")
    assert settings.embedding_origins == {"https://app.example"}


IN_THE_CLEAR = {
    "AUTH_JWKS_URL": "http://login.example/keys",
    "AUTH_ISSUER": "us",
    "AUTH_AUDIENCE": "monitr",
    "OCTOPUS_API_URL": "http://octopus.example/api",
    "OCTOPUS_AUTHORIZE_URL": "http://octopus.example/authorize",
    "OCTOPUS_TOKEN_URL": "http://octopus.example/token",
}


def test_the_keys_of_the_issuer_are_not_fetched_in_the_clear(load: Load) -> None:
    with pytest.raises(SettingsError, match=r"^MONITR_AUTH_JWKS_URL must begin with https://"):
        load(**{name: value for name, value in IN_THE_CLEAR.items() if name.startswith("AUTH")})


def test_who_wants_addresses_in_the_clear_has_to_say_so(load: Load) -> None:
    assert load(**IN_THE_CLEAR, ALLOW_INSECURE_HTTP="on").auth_jwks_url == "http://login.example/keys"


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8090", "127.1.2.3", "[::1]:8090", "localhost", "a.localhost", "LOCALHOST."]
)
def test_what_stays_on_this_machine_may_be_in_the_clear(load: Load, host: str) -> None:
    assert load(OCTOPUS_TOKEN_URL=f"http://{host}/token").octopus_token_url == f"http://{host}/token"


def test_a_development_secret_is_refused_beside_the_keys_of_an_issuer(load: Load) -> None:
    production = {"AUTH_JWKS_URL": "https://login.example/keys", "AUTH_ISSUER": "us", "AUTH_AUDIENCE": "monitr"}
    with pytest.raises(SettingsError, match=r"^MONITR_AUTH_SECRET must not be set where MONITR_AUTH_JWKS_URL is"):
        load(**production, AUTH_SECRET=A_SECRET)


@pytest.mark.parametrize("secret", [A_SECRET, "ü" * 8 + "abcdefgh" + "ééàà" * 2, "0f1e2d3c4b5a69788796a5b4c3d2e1f0"])
def test_a_secret_that_is_long_and_various_enough_is_taken(load: Load, secret: str) -> None:
    settings = load(AUTH_SECRET=f" {secret} ")

    assert settings.auth_secret is not None
    assert settings.auth_secret.get_secret_value() == secret


def test_a_weak_key_may_decrypt_so_that_what_it_encrypted_can_be_rotated(load: Load) -> None:
    keys = load(ENCRYPTION_KEYS=f"{A_KEY},{urlsafe_b64encode(bytes(32)).decode()}").encryption_keys

    assert keys is not None
    assert len(keys) == 2


@pytest.mark.parametrize("origin", ["*", "null", "https://*.example", "file://"])
def test_no_origin_stands_for_everybody(load: Load, origin: str) -> None:
    with pytest.raises(SettingsError, match=r"^MONITR_FRONTEND_ORIGINS must be "):
        load(FRONTEND_ORIGINS=origin)


def test_secrets_are_not_in_the_representation(load: Load) -> None:
    settings = load(
        DATABASE_URL="postgresql://user:hidden@host/books",
        BROKER_URL="redis://:hidden@host",
        OCTOPUS_CLIENT_SECRET="hidden",
        AUTH_SECRET=A_SECRET,
        ENCRYPTION_KEYS=A_KEY,
    )

    assert "hidden" not in repr(settings)
    assert A_KEY not in repr(settings)


def test_the_data_folder_is_absolute_and_knows_home(load: Load) -> None:
    assert load(DATA_DIR="~/books").data_dir == Path.home() / "books"


def test_an_unknown_variable_is_warned_about_with_the_nearest_name() -> None:
    assert unknown_settings({"MONITR_HTPP_PORT": "1", "MONITR_TEST_DATABASE_URL": "", "HOME": "/"}) == [
        "MONITR_HTPP_PORT is no setting of Monitr and is ignored; the nearest one is MONITR_HTTP_PORT."
    ]
