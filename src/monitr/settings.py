"""Every setting of the program (``docs/operating.md``): environment variables with the prefix ``MONITR_``.

A wrong value stops the start with one sentence that names the setting, the value and what is allowed; a secret is never
part of that sentence.
"""

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from croniter import CroniterError, croniter
from platformdirs import user_data_path
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import BeforeValidator, Field, SecretBytes, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from monitr.domain.audit import SHORTEST_KEPT_DAYS

PREFIX = "MONITR_"
NEW_KEY = "python3 -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
OCTOPUS = "https://service.inaras.be"
ENCRYPTION_KEY_BYTES = 32
NEW_SECRET = "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"  # noqa: S105  # how to make one
SHORTEST_AUTH_SECRET = 32
"""Bytes: as many as the digest has (RFC 7518, section 3.2)."""
FEWEST_DIFFERENT = 8
"""Of the characters of a secret, and of the bytes of a key. Chance gives 32 of them fewer once in a long life."""


class SettingsError(Exception):
    """One sentence that names the setting and says what it must be."""


def _on_or_off(value: object) -> object:
    spoken = {"on": True, "off": False, "true": True, "false": False, "1": True, "0": False}
    if isinstance(value, bool):
        return value
    if (text := str(value).strip().lower()) not in spoken:
        raise ValueError("must be on or off")
    return spoken[text]


def _only_or_off(value: object) -> object:
    if isinstance(value, bool):
        return value
    if (text := str(value).strip().lower()) not in ("only", "off"):
        raise ValueError("must be only or off")
    return text == "only"


def _log_format(value: object) -> object:
    if value is not None and (value := str(value).strip().lower()) not in ("json", "text"):
        raise ValueError("must be json or text")
    return value


def _whole_number(low: int, high: int, *, or_off: bool = False) -> Callable[[object], object]:
    def parse(value: object) -> object:
        text = str(value).strip()
        if or_off and (value is None or text.lower() == "off"):
            return None
        digits = text.lstrip("0") or text[-1:]
        if not (text.isascii() and text.isdigit() and len(digits) <= len(str(high)) and low <= int(digits) <= high):
            raise ValueError(f"must be a whole number from {low} to {high}" + (" or off" if or_off else ""))
        return int(digits)

    return parse


def _address(*schemes: str) -> Callable[[object], object]:
    """An absolute address without a slash at its end."""

    def parse(value: object) -> object:
        if value is None:
            return None
        text = str(value.get_secret_value() if isinstance(value, SecretStr) else value).strip()
        try:
            parts = urlsplit(text)
            usable = parts.scheme in schemes and bool(parts.hostname) and _is_one_word(text)
            _ = parts.port
        except ValueError:
            usable = False
        if not usable:
            raise ValueError(f"must be an address that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return text.rstrip("/")

    return parse


def _database_url(value: object) -> object:
    if value is None:
        return None
    text = str(value.get_secret_value() if isinstance(value, SecretStr) else value).strip()
    scheme, _, rest = text.partition("://")
    try:
        conninfo_to_dict(f"postgresql://{rest}")
        _ = urlsplit(f"postgresql://{rest}").port if "," not in rest else None  # libpq takes several hosts
        usable = bool(rest) and _is_one_word(text)
    except (ValueError, ProgrammingError):
        usable = False
    if scheme not in ("postgresql", "postgres", "postgresql+psycopg") or not usable:
        raise ValueError("must be a PostgreSQL address, such as postgresql://user:password@host:5432/monitr")
    return f"postgresql+psycopg://{rest}"


def _is_one_word(text: str) -> bool:
    """Without white space, control characters, and bytes that are no UTF-8."""
    return text.isprintable() and " " not in text


def _plain_web_address(value: object) -> object:
    text = str(_address("http", "https")(value))
    parts = urlsplit(text)
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError("must be an address without credentials, query or fragment")
    return text


def _origins(value: object) -> object:
    if not isinstance(value, str):
        return value
    origins = value.replace(",", " ").split()
    if any("*" in origin or urlsplit(str(_plain_web_address(origin))).path for origin in origins):
        raise ValueError("must be addresses of origins, such as https://app.example, without a path or a *")
    return frozenset(origin.rstrip("/").lower() for origin in origins)


def _header_names(value: object) -> object:
    if not isinstance(value, str):
        return value
    names = value.replace(",", " ").lower().split()
    if not all(re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name) for name in names):
        raise ValueError("must be names of request headers, such as x-datadog-trace-id, separated by commas")
    return frozenset(names)


def _keys(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        keys = [decoded_key(text) for text in value.replace(",", " ").split()]
    except (ValueError, binascii.Error):
        keys = []
    if not keys or any(len(key) != ENCRYPTION_KEY_BYTES for key in keys):
        raise ValueError(f"must be one or more keys of 32 bytes, base64url, separated by commas (try {NEW_KEY})")
    if _is_guessable(keys[0]):  # those behind it only decrypt: what they have encrypted has to be read to be rotated
        raise ValueError(f"must begin with a key that chance has made (try {NEW_KEY})")
    return tuple(SecretBytes(key) for key in keys)


def decoded_key(text: str) -> bytes:
    """One key, base64url, with or without its padding. Raises ValueError."""
    padded = text + "=" * (-len(text) % 4)
    if not set(text.rstrip("=")) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"):
        raise ValueError("not base64url")
    return urlsafe_b64decode(padded)


def _auth_secret(value: object) -> object:
    if value is None:
        return None
    text = str(value.get_secret_value() if isinstance(value, SecretStr) else value).strip()
    if len(text.encode()) < SHORTEST_AUTH_SECRET:
        raise ValueError(f"must be at least {SHORTEST_AUTH_SECRET} bytes long (try {NEW_SECRET})")
    if _is_guessable(text):
        raise ValueError(f"must be a secret that chance has made, and no repetition (try {NEW_SECRET})")
    return text


def _is_guessable(secret: str | bytes) -> bool:
    """What somebody typed to be done with it: few different characters, or a short piece again and again."""
    repeats = any(secret[piece:] == secret[:-piece] for piece in range(1, len(secret) // 2 + 1))
    return len(set(secret)) < FEWEST_DIFFERENT or repeats


def _schedule(value: object) -> object:
    text = str(value).strip()
    if value is None or text.lower() == "off":
        return None
    try:
        # croniter would take six and seven fields too
        fires = len(text.split()) == 5 and bool(croniter(text).get_next())
    except (CroniterError, ValueError, KeyError, IndexError, OverflowError):
        fires = False  # no expression, or one without a date: 30 February
    if not fires:
        raise ValueError("must be a cron expression of five fields, such as '5 0,5 * * *', or off")
    return text


def _host(value: object) -> object:
    text = str(value).strip()
    if not text or not _is_one_word(text) or set(text) & set("/@?#,"):
        raise ValueError("must be a host name or an IP address to listen on")
    return text


def _folder(value: object) -> object:
    with suppress(OSError, RuntimeError):  # too long, out of reach; nobody's home
        path = Path(str(value)).expanduser().absolute()
        if str(value).isprintable() and (path.is_dir() or not path.exists()):
            return path
    raise ValueError("must be a folder that can be made or written")


def _ports(value: object) -> object:
    if not isinstance(value, str):
        return value
    texts = value.replace(",", " ").split()
    numbers = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) <= 5]
    if not texts or len(numbers) != len(texts) or not all(1 <= number <= 65535 for number in numbers):
        raise ValueError("must be one or more ports, such as 443, 8443")
    return frozenset(numbers)


def _scopes(value: object) -> object:
    names = str(value).split()
    if "openid" not in names or not all(re.fullmatch(r"[!#-\[\]-~]+", name) for name in names):  # RFC 6749, 3.3
        raise ValueError("must be scopes of your issuer, openid among them, separated by blanks")
    return " ".join(names)


def _text(value: object) -> object:
    if value is None or isinstance(value, SecretStr):
        return value
    if not (text := str(value).strip()).isprintable():
        raise ValueError("must be a text of one line")
    return text


def _token(value: object) -> object:
    text = str(value.get_secret_value() if isinstance(value, SecretStr) else value).strip()
    if value is not None and not (len(text) >= 16 and text.isascii() and text.isprintable() and " " not in text):
        raise ValueError("must be a token of 16 characters or more, without spaces")
    return None if value is None else text


OnOff = Annotated[bool, BeforeValidator(_on_or_off)]
Text = Annotated[str, BeforeValidator(_text)]
WebAddress = Annotated[str, BeforeValidator(_plain_web_address)]


def _listening_address(data: dict[str, Any]) -> str:
    host = str(data["http_host"])
    with suppress(ValueError):  # a name
        host = f"[{host}]" if ip_address(host).version == 6 else host
    return f"http://{host}:{data['http_port']}"


class Settings(BaseSettings):
    """The environment, validated. Addresses have no slash at their end; ``None`` is "off" or "not set"."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    database_url: Annotated[SecretStr | None, BeforeValidator(_database_url)] = None
    database_migration_url: Annotated[SecretStr | None, BeforeValidator(_database_url)] = None
    database_backup_url: Annotated[SecretStr | None, BeforeValidator(_database_url)] = None
    broker_url: Annotated[SecretStr | None, BeforeValidator(_address("redis", "rediss", "amqp", "amqps"))] = None
    data_dir: Annotated[Path, BeforeValidator(_folder)] = Field(
        default_factory=lambda: user_data_path("monitr", appauthor=False)
    )
    http_host: Annotated[str, BeforeValidator(_host)] = "127.0.0.1"
    http_port: Annotated[int, BeforeValidator(_whole_number(1, 65535))] = 8000
    worker_port: Annotated[int | None, BeforeValidator(_whole_number(1, 65535, or_off=True))] = None
    scheduler_port: Annotated[int | None, BeforeValidator(_whole_number(1, 65535, or_off=True))] = None
    public_url: WebAddress = Field(default_factory=_listening_address)
    frontend_origins: Annotated[frozenset[str], NoDecode, BeforeValidator(_origins)] = Field(
        default_factory=lambda data: frozenset({_origin(data["public_url"])})
    )
    frontend_headers: Annotated[frozenset[str], NoDecode, BeforeValidator(_header_names)] = frozenset()
    octopus_api_url: WebAddress = f"{OCTOPUS}/octopus-rest-api/v1"
    octopus_authorize_url: WebAddress = f"{OCTOPUS}/octopus-oauth/authorize"
    octopus_token_url: WebAddress = f"{OCTOPUS}/octopus-oauth/token"
    octopus_issuer: Text | None = None
    octopus_client_id: Text | None = None
    octopus_client_secret: Annotated[SecretStr | None, BeforeValidator(_text)] = None
    octopus_pkce: OnOff = True
    octopus_daily_limits: OnOff = True
    encryption_keys: Annotated[tuple[SecretBytes, ...] | None, NoDecode, BeforeValidator(_keys)] = None
    auth_issuer: Text | None = None
    auth_audience: Text | None = None
    auth_jwks_url: WebAddress | None = None
    auth_client_id: Text | None = None
    auth_scopes: Annotated[str, BeforeValidator(_scopes)] = "openid"
    auth_resource: Text | None = None
    auth_secret: Annotated[SecretStr | None, BeforeValidator(_auth_secret)] = None
    allow_insecure_http: OnOff = False
    sync_cooldown: Annotated[int, BeforeValidator(_whole_number(0, 31_536_000))] = 3600
    schedule: Annotated[str | None, BeforeValidator(_schedule)] = "5 0,5 * * *"
    deep_read: Annotated[str | None, BeforeValidator(_schedule)] = "30 1 * * *"
    rate_limit: Annotated[int | None, BeforeValidator(_whole_number(1, 1_000_000, or_off=True))] = 6000
    request_deadline: Annotated[int, BeforeValidator(_whole_number(1, 600))] = 10
    retention_days: Annotated[int, BeforeValidator(_whole_number(0, 36_500))] = 30
    audit_kept_days: Annotated[int, BeforeValidator(_whole_number(SHORTEST_KEPT_DAYS, 36_500))] = 3650
    changes_remembered_days: Annotated[int, BeforeValidator(_whole_number(0, 36_500))] = 30
    log_format: Annotated[Literal["json", "text"] | None, BeforeValidator(_log_format)] = None
    graphiql: OnOff = False
    metrics_token: Annotated[SecretStr | None, BeforeValidator(_token)] = None
    trusted_documents: Annotated[bool, BeforeValidator(_only_or_off)] = False
    compiled_plans: OnOff = True
    webhooks_allow_loopback: OnOff = False
    webhooks_ports: Annotated[frozenset[int], NoDecode, BeforeValidator(_ports)] = frozenset({443})
    imports_per_worker: Annotated[int, BeforeValidator(_whole_number(1, 50))] = 2
    concurrent_imports: Annotated[int | None, BeforeValidator(_whole_number(1, 10_000, or_off=True))] = None
    concurrent_imports_per_organisation: Annotated[
        int | None, BeforeValidator(_whole_number(1, 10_000, or_off=True))
    ] = 4
    concurrent_imports_per_login: Annotated[int | None, BeforeValidator(_whole_number(1, 10_000, or_off=True))] = 2
    import_step: Annotated[int, BeforeValidator(_whole_number(1, 86_400))] = 60
    lease: Annotated[int, BeforeValidator(_whole_number(2, 300))] = 25

    @classmethod
    def load(cls) -> Self:
        """From the environment. Raises SettingsError for the first setting that is wrong."""
        try:
            return cls()
        except ValidationError as invalid:
            raise SettingsError(_sentence(invalid)) from None

    @model_validator(mode="after")
    def _together(self) -> Self:
        if self.database_migration_url and not self.database_url:
            raise ValueError("MONITR_DATABASE_URL must be set where MONITR_DATABASE_MIGRATION_URL is.")
        if self.database_backup_url and not self.database_url:
            raise ValueError("MONITR_DATABASE_URL must be set where MONITR_DATABASE_BACKUP_URL is.")
        if self.auth_jwks_url:
            for name in ("auth_issuer", "auth_audience"):
                if not getattr(self, name):
                    raise ValueError(f"{PREFIX}{name.upper()} must be set where MONITR_AUTH_JWKS_URL is.")
            if self.auth_secret:
                raise ValueError(
                    "MONITR_AUTH_SECRET must not be set where MONITR_AUTH_JWKS_URL is: whoever knows it could sign in"
                    " as anybody."
                )
        elif self.auth_client_id:
            raise ValueError("MONITR_AUTH_JWKS_URL must be set where MONITR_AUTH_CLIENT_ID is.")
        elif (self.auth_issuer or self.auth_audience) and not self.auth_secret:
            raise ValueError("MONITR_AUTH_JWKS_URL must be set where MONITR_AUTH_ISSUER or MONITR_AUTH_AUDIENCE is.")
        if self.auth_client_id and not self._is_asked(self.auth_issuer or ""):
            raise ValueError(
                "MONITR_AUTH_ISSUER must be an https:// address where MONITR_AUTH_CLIENT_ID is: people sign in there."
            )
        for name in () if self.allow_insecure_http else _NEVER_IN_THE_CLEAR:
            if is_in_the_clear(getattr(self, name) or ""):
                raise ValueError(
                    f"{PREFIX}{name.upper()} must begin with https://, since secrets travel there"
                    f" (or set {PREFIX}ALLOW_INSECURE_HTTP=on), not {_shown(getattr(self, name))}."
                )
        return self

    def _is_asked(self, address: str) -> bool:
        """Whether a document may be fetched from there."""
        safely = self.allow_insecure_http or not is_in_the_clear(address)
        return urlsplit(address).scheme in ("http", "https") and safely

    @property
    def metrics_bearer(self) -> str | None:
        """Who asks for metrics has to bring it."""
        return self.metrics_token.get_secret_value() if self.metrics_token else None

    @property
    def is_embedded(self) -> bool:
        """Whether the program brings its own PostgreSQL."""
        return self.database_url is None

    @property
    def export_deadline(self) -> timedelta:
        """Ten times that of a request (``tests/contract/operations.md``)."""
        return timedelta(seconds=10 * self.request_deadline)

    @property
    def embedding_origins(self) -> frozenset[str]:
        """Whose pages may show the console in a frame and hand it a token: the front ends' but our own."""
        return self.frontend_origins - {_origin(self.public_url)}

    @property
    def oauth_callback_url(self) -> str:
        return f"{self.public_url}/oauth/octopus/callback"


_NEVER_IN_THE_CLEAR = ("octopus_api_url", "octopus_authorize_url", "octopus_token_url", "auth_jwks_url")


def is_in_the_clear(address: str) -> bool:
    """Whether what is sent there can be read and changed on its way: http beyond this machine."""
    parts = urlsplit(address)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """By its name or number, without asking anybody."""
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host.lower().removesuffix(".").rpartition(".")[2] == "localhost"  # RFC 6761, section 6.3


def not_set_up(settings: Settings) -> list[str]:
    """What nobody can do as long as these settings are missing, a sentence each."""
    notes: list[str] = []
    if not settings.auth_secret and not settings.auth_jwks_url:
        notes.append(
            "Nobody can sign in: set MONITR_AUTH_JWKS_URL, MONITR_AUTH_ISSUER and MONITR_AUTH_AUDIENCE, or"
            " MONITR_AUTH_SECRET for development."
        )
    if not settings.octopus_client_id:
        notes.append("Nobody can connect Octopus: set MONITR_OCTOPUS_CLIENT_ID to the software house id.")
    return notes


def lowered_guards(settings: Settings) -> list[str]:
    """One note for each setting that lowers the guard of an installation that others than this machine reach."""
    public = not is_loopback(urlsplit(settings.public_url).hostname or "")
    in_the_clear = [name for name in _NEVER_IN_THE_CLEAR if is_in_the_clear(getattr(settings, name) or "")]
    insecure = ", ".join(f"{PREFIX}{name.upper()}" for name in in_the_clear)
    origins = sorted(origin for origin in settings.frontend_origins if is_in_the_clear(origin))
    guessable = [key for key in (settings.encryption_keys or ())[1:] if _is_guessable(key.get_secret_value())]
    notes: list[tuple[object, str]] = [
        (is_in_the_clear(settings.public_url), "PUBLIC_URL begins with http://: tokens can be read on their way."),
        (origins, f"FRONTEND_ORIGINS has origins that anybody on the way can stand in for: {', '.join(origins)}."),
        (in_the_clear, f"ALLOW_INSECURE_HTTP is on: what goes to {insecure} can be read and changed on its way."),
        (public and settings.auth_secret, "AUTH_SECRET is set: whoever knows it can sign in as anybody."),
        (public and settings.graphiql, "GRAPHIQL is on: whoever can sign in is shown the whole schema."),
        (public and settings.rate_limit is None, "RATE_LIMIT is off: one user can keep all others waiting."),
        (
            public and settings.webhooks_allow_loopback,
            "WEBHOOKS_ALLOW_LOOPBACK is on: administrators can have requests sent to services of this machine.",
        ),
        (guessable, "ENCRYPTION_KEYS has a key that can be guessed: run `monitr keys rotate` and take it away."),
    ]
    return [f"{PREFIX}{note}" for applies, note in notes if applies]


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _sentence(invalid: ValidationError) -> str:
    """The first complaint, with the value where it is no secret."""
    error = next(error for error in invalid.errors() if error["type"] != "default_factory_not_called")
    reason = str(error.get("ctx", {}).get("error", "has a value that cannot be used"))
    if not error["loc"]:
        return reason
    name = str(error["loc"][0])
    given = str(error["input"])
    shown = "" if name in SECRETS or "@" in given else f", not {_shown(given)}"  # credentials in an address
    return f"{PREFIX}{name.upper()} {reason}{shown}."


def _shown(given: str) -> str:
    """On one line, and no longer than a line."""
    return repr(given if len(given) <= LONGEST_SHOWN else f"{given[:LONGEST_SHOWN]}…")


LONGEST_SHOWN = 80
"""Characters of a value in a sentence."""


SECRETS = frozenset(name for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation))
"""Those that are, or hold, a SecretStr or SecretBytes."""
TOKEN = PREFIX + "TOKEN"
"""Who ``monitr mcp`` acts as: of a user, where settings are of the installation."""
_OTHER_VARIABLES = (TOKEN, "MONITR_TEST_", "MONITR_REQUIRE_", "MONITR_SOAK")
"""The others are of the test suite."""


def unknown_settings(environment: Mapping[str, str]) -> list[str]:
    """One warning for each variable with our prefix that is no setting, with the name that was probably meant."""
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    strangers = sorted(
        name
        for name in environment
        if name.startswith(PREFIX) and name not in known and not name.startswith(_OTHER_VARIABLES)
    )
    return [f"{name} is no setting of Monitr and is ignored{_suggestion(name, known)}." for name in strangers]


def _suggestion(name: str, known: list[str]) -> str:
    nearest = get_close_matches(name, known, n=1, cutoff=0.75)
    return f"; the nearest one is {nearest[0]}" if nearest else ""
