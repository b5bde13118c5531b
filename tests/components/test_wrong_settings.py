"""Every setting with values that cannot be: a sentence names it, the value and what is allowed, in our own words."""

import os
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitr.settings import LONGEST_SHOWN, PREFIX, SECRETS, Settings, SettingsError

NUMBER = ("must be a whole number from ", ["-1", "x", "1.5", "1e3", "0x10", "9" * 5000, "٣", "²", "1 2"])
SWITCH = ("must be on or off", ["yes please", "2", "ön"])
ADDRESS = (
    "must be an address that begins with http:// or https://",
    [
        "nowhere",
        "http://",
        "ftp://a.example",
        "http://a.example:port",
        "http://[::1",
        "http://a.example/\nb",
        "http://a b",
    ],
)
CRON = (
    "must be a cron expression of five fields",
    ["daily", "* * * *", "61 * * * *", "0 0 31 2 *", "*/0 * * * *", "@x"],
)
DATABASE = (
    "must be a PostgreSQL address",
    [
        "mysql://h/d",
        "postgresql://",
        "postgresql://h:port/d",
        "postgresql://h/d?colour=red",
        "postgresql://[::1/d",
        "x",
    ],
)
WRONG: dict[str, tuple[str, list[str]]] = {
    **dict.fromkeys(["database_url", "database_migration_url", "database_backup_url"], DATABASE),
    "broker_url": ("must be an address that begins with redis://", ["kafka://h", "redis:", "amqp://h:port"]),
    "data_dir": ("must be a folder that can be made or written", ["/dev/null", "/" + "a" * 5000, "~nobody-here/x"]),
    "http_host": ("must be a host name or an IP address", ["http://h", "a b", "h/x", "a@b"]),
    **dict.fromkeys(["http_port", "worker_port", "scheduler_port", "sync_cooldown", "rate_limit"], NUMBER),
    **dict.fromkeys(["request_deadline", "retention_days", "audit_kept_days", "changes_remembered_days"], NUMBER),
    **dict.fromkeys(["imports_per_worker", "import_step", "lease", "concurrent_imports"], NUMBER),
    **dict.fromkeys(["concurrent_imports_per_organisation", "concurrent_imports_per_login"], NUMBER),
    **dict.fromkeys(
        ["public_url", "octopus_api_url", "octopus_authorize_url", "octopus_token_url", "auth_jwks_url"], ADDRESS
    ),
    "frontend_origins": ("must be addresses of origins", ["https://a.example/x", "https://*.example"]),
    "frontend_headers": ("must be names of request headers", ["a b*", "é"]),
    **dict.fromkeys(
        [
            "octopus_pkce",
            "octopus_daily_limits",
            "allow_insecure_http",
            "compiled_plans",
            "graphiql",
            "webhooks_allow_loopback",
        ],
        SWITCH,
    ),
    **dict.fromkeys(
        [
            *("octopus_issuer", "octopus_client_id", "octopus_client_secret"),
            *("auth_issuer", "auth_audience", "auth_client_id", "auth_resource"),
        ],
        ("must be a text of one line", ["two\nlines", "\x1b[31mred"]),
    ),
    "auth_scopes": ("must be scopes of your issuer, openid among them", ["profile", 'openid "x"', "openid é"]),
    "encryption_keys": ("must be one or more keys of 32 bytes, base64url", ["short", "é" * 43, "A" * 5000]),
    "auth_secret": ("must be at least 32 bytes long", ["short"]),
    **dict.fromkeys(["schedule", "deep_read"], CRON),
    "metrics_token": ("must be a token of 16 characters or more", ["short", "é" * 20, "with spaces in between"]),
    "log_format": ("must be json or text", ["xml"]),
    "trusted_documents": ("must be only or off", ["on"]),
    "webhooks_ports": ("must be one or more ports", ["0", "https", "65536", ","]),
}
WORDS_OF_LIBRARIES = ("pydantic", "Input should", "validation error", "Traceback", "invalid literal", "croniter", "URI")


def sentence_about(name: str, value: str) -> str | None:
    """What is said where nothing else is set; None where the value will do."""
    with patch.dict(os.environ, {f"{PREFIX}{name.upper()}": value}):
        for other in [other for other in os.environ if other.startswith(PREFIX) and other != f"{PREFIX}{name.upper()}"]:
            del os.environ[other]
        try:
            Settings.load()
        except SettingsError as wrong:
            return str(wrong)
    return None


def test_every_setting_is_tried() -> None:
    assert set(WRONG) == set(Settings.model_fields)


@pytest.mark.parametrize("name", sorted(WRONG))
def test_a_wrong_value_is_told_with_its_setting_and_what_is_allowed(name: str) -> None:
    allowed, values = WRONG[name]
    for value in values:
        said = sentence_about(name, value) or ""
        assert said.startswith(f"{PREFIX}{name.upper()} {allowed}"), (value, said)
        assert (f"not {value!r}." in said) is (name not in SECRETS and len(value) <= LONGEST_SHOWN and "@" not in value)


nearly = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=120),
    st.sampled_from([value for _, values in WRONG.values() for value in values]),
    st.from_regex(r"\A(https?|postgresql|redis|amqp)://[a-z@:?#\[\]%/ ,.0-9=&\\-]{0,30}\Z"),
    st.from_regex(r"\A([0-9*/,L#W?-]{1,6} ){4}[0-9*/,-A-Z]{1,4}\Z"),
)


@given(name=st.sampled_from(sorted(WRONG)), value=nearly)
@example(name="schedule", value="0 0 1 1 *-")
def test_whatever_stands_in_a_setting_is_taken_or_told_in_one_line_of_our_own(name: str, value: str) -> None:
    said = sentence_about(name, value)
    if said is None:
        return
    assert said.startswith("MONITR_")
    assert name.upper() in said
    assert said.isprintable()
    assert len(said) < 400
    assert not [word for word in WORDS_OF_LIBRARIES if word in said.replace(repr(value), "")]
    if name in SECRETS and len(value) > 8:
        assert value not in said
