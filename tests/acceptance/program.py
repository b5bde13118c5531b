"""The real program, started as a user would: ``monitr`` as child processes with settings in the environment."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import psycopg
from joserfc import jwt
from joserfc.jwk import OctKey
from psycopg import sql

SECRET = "a-secret-for-development-tokens-only-0123456789"
LOCAL_SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"


def command(settings: Mapping[str, str], *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """``monitr ARGUMENTS`` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "monitr", *arguments],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Nothing of the tester's own settings reaches the program."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MONITR_")} | dict(settings)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def database() -> Iterator[dict[str, str]]:
    """Settings for an empty database of our own; none (the embedded server) where no PostgreSQL is found."""
    server = os.environ.get("MONITR_TEST_DATABASE_URL") or (LOCAL_SERVER if _listens(LOCAL_SERVER) else None)
    if server is None:
        yield {}
        return
    name = f"monitr_acceptance_{uuid4().hex[:12]}"
    plain = server.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield {"MONITR_DATABASE_URL": urlsplit(plain)._replace(path=f"/{name}").geturl()}
    finally:
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    with suppress(OSError), socket.create_connection((parts.hostname or "", parts.port or 0), timeout=1):
        return True
    return False


@dataclass
class Program:
    """``monitr serve`` and what its user knows of it."""

    settings: dict[str, str]
    part: str = "serve"
    port: int = field(default_factory=free_port)
    log: Path = field(default_factory=lambda: Path(tempfile.mkstemp(prefix="monitr-serve-", suffix=".log")[1]))
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, migrated: bool = True) -> None:
        settings = self.settings | {"MONITR_HTTP_PORT": str(self.port)}
        if migrated and "MONITR_DATABASE_URL" in settings:
            done = command(settings, "migrate")
            assert done.returncode == 0, done.stderr
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "monitr", self.part],
                env=environment(settings),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self.wait_until_ready("/readyz" if migrated else "/livez")
        except AssertionError:
            self.process.kill()
            raise

    def wait_until_ready(self, path: str = "/readyz", seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()[-4000:]
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.url}{path}").status_code == 200:
                    return
            time.sleep(0.1)
        raise AssertionError(f"not ready after {seconds} s: {self.log.read_text()[-4000:]}")

    def stop(self) -> int:
        """As Ctrl-C does; the exit code."""
        assert self.process is not None
        self.process.terminate()
        try:
            code = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        shutil.rmtree(self.settings["MONITR_DATA_DIR"], ignore_errors=True)
        if code == 0:
            self.log.unlink()
        return code


def settings_for(octopus: Mapping[str, str], database: Mapping[str, str], **more: str) -> dict[str, str]:
    return {
        **octopus,
        **database,
        "MONITR_OCTOPUS_CLIENT_ID": "5b0c6e1e-house-of-software",
        "MONITR_AUTH_SECRET": SECRET,
        "MONITR_ENCRYPTION_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "MONITR_DATA_DIR": str(Path(tempfile.gettempdir()) / f"monitr-acceptance-{uuid4().hex}"),
        "MONITR_SCHEDULE": "off",
        "MONITR_SYNC_COOLDOWN": "0",
        "MONITR_RATE_LIMIT": "off",
        **more,
    }


def token(organisation: str, *roles: str, subject: str = "an", expires_in: int = 3600, **claims: object) -> str:
    """Signed as ``monitr token`` signs, with whatever claims a test needs."""
    now = int(time.time())
    body = {"sub": subject, "org": organisation, "roles": list(roles), "iat": now, "exp": now + expires_in, **claims}
    return jwt.encode({"alg": "HS256"}, body, OctKey.import_key(SECRET))
