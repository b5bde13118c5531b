"""Many processes that import, and chaos among them: what the test starts, kills, suspends, and writes down."""

import asyncio
import random
import signal
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from socket import gethostname
from urllib.parse import quote, urlsplit

import pika  # type: ignore[import-untyped]  # it has no stubs
import pika.exceptions  # type: ignore[import-untyped]  # as above
import psycopg
import redis

from monitr.adapters.jobs.broker import QUEUE
from monitr.adapters.sql.database.engine import libpq_url
from octopus_sandbox.testing import SandboxServer
from tests.integration.cli.processes import a_free_port, clean

SECRET = "a secret of at least 32 characters"
KEY = urlsafe_b64encode(bytes(range(32))).decode()
FINAL = ("SUCCEEDED", "FAILED", "CANCELLED")

# Written by the superuser of the test beside what the program writes, in the same transactions.
_FENCING_LOG = """
CREATE TABLE fencing_log (
    id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(),
    run_id uuid NOT NULL, kind text NOT NULL, fence bigint, owner text, writer text NOT NULL, status text
);
CREATE FUNCTION log_run() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF NEW.fence <> OLD.fence THEN
        INSERT INTO fencing_log (run_id, kind, fence, owner, writer, status)
        VALUES (NEW.id, 'claim', NEW.fence, NEW.lease_owner, current_setting('application_name'), NEW.status);
    ELSIF NEW.lease_owner IS DISTINCT FROM OLD.lease_owner THEN
        INSERT INTO fencing_log (run_id, kind, fence, owner, writer, status)
        VALUES (NEW.id, 'release', NEW.fence, OLD.lease_owner, current_setting('application_name'), NEW.status);
    ELSIF (NEW.status, NEW.progress, NEW.datasets) IS DISTINCT FROM (OLD.status, OLD.progress, OLD.datasets) THEN
        INSERT INTO fencing_log (run_id, kind, fence, owner, writer, status)
        VALUES (NEW.id, 'write', NEW.fence, NEW.lease_owner, current_setting('application_name'), NEW.status);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER log_run AFTER UPDATE ON import_run FOR EACH ROW EXECUTE FUNCTION log_run();
CREATE FUNCTION log_chunk() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO fencing_log (run_id, kind, fence, owner, writer)
    SELECT id, 'publish', fence, lease_owner, current_setting('application_name') FROM import_run WHERE id = NEW.run_id;
    RETURN NULL;
END $$;
CREATE TRIGGER log_chunk AFTER INSERT OR UPDATE ON ledger_chunk FOR EACH ROW EXECUTE FUNCTION log_chunk();
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the fencing log; ``at`` in seconds since 1970, by the database's clock."""

    at: float
    run: str
    kind: str
    fence: int
    owner: str | None
    writer: str
    status: str | None


@dataclass(frozen=True, slots=True)
class Interruption:
    """``owner``: the worker, as leases name it."""

    at: float
    owner: str


@dataclass(slots=True)
class Process:
    name: str
    process: subprocess.Popen[bytes]

    @property
    def owner(self) -> str:
        return f"{gethostname()}:{self.process.pid}"


@dataclass
class Fleet:
    """The processes of one soak."""

    database: str
    broker: str
    sandbox: SandboxServer
    folder: Path
    settings: dict[str, str]
    chance: random.Random
    workers: list[Process] = field(default_factory=list)
    others: list[Process] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)
    """The owner that each worker's name stands for."""
    kills: list[Interruption] = field(default_factory=list)
    suspensions: list[Interruption] = field(default_factory=list)
    suspended: Process | None = None

    def start(self, *, apis: int, workers: int, schedulers: int) -> list[str]:
        """The addresses of the APIs."""
        with psycopg.connect(libpq_url(self.database), autocommit=True) as connection:
            connection.execute(_FENCING_LOG)
        ports = [a_free_port() for _ in range(apis)]
        for port in ports:
            self.others.append(self._process("api", f"api-{port}", HTTP_PORT=str(port)))
        for number in range(schedulers):
            self.others.append(self._process("scheduler", f"scheduler-{number}"))
        for _ in range(workers):
            self._hire()
        return [f"http://127.0.0.1:{port}" for port in ports]

    def _hire(self) -> None:
        worker = self._process("worker", f"worker-{len(self.owners)}")
        self.owners[worker.name] = worker.owner
        self.workers.append(worker)

    def _process(self, part: str, name: str, **more: str) -> Process:
        # the last of several options wins, so that the log tells who has written
        own_name = quote(f"-c application_name={name}")
        environment = {
            "DATABASE_URL": f"{self.database}{'&' if '?' in self.database else '?'}options={own_name}",
            "BROKER_URL": self.broker,
            "ENCRYPTION_KEYS": KEY,
            "AUTH_SECRET": SECRET,
            "OCTOPUS_API_URL": self.sandbox.api_url,
            "OCTOPUS_AUTHORIZE_URL": self.sandbox.authorize_url,
            "OCTOPUS_TOKEN_URL": self.sandbox.token_url,
            "OCTOPUS_CLIENT_ID": self.sandbox.client_id,
            "OCTOPUS_DAILY_LIMITS": "off",  # what is killed asks again
            **self.settings,
            **more,
        }
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "monitr", part], stdout=log, stderr=log, env=clean(environment)
            )
        return Process(name, process)

    def kill_one(self) -> None:
        """Any worker but the suspended one; another is hired at once."""
        victim = self.chance.choice([worker for worker in self.workers if worker is not self.suspended])
        victim.process.kill()
        self.kills.append(Interruption(time.time(), victim.owner))
        victim.process.wait()
        self.workers.remove(victim)
        self._hire()

    def suspend_one(self) -> None:
        """One that is at work, where there is one."""
        busy = {entry.owner for entry in self.under_way()}
        worker = next((worker for worker in self.workers if worker.owner in busy), self.workers[0])
        worker.process.send_signal(signal.SIGSTOP)
        self.suspensions.append(Interruption(time.time(), worker.owner))
        self.suspended = worker

    def resume(self) -> None:
        if self.suspended is not None:
            self.suspended.process.send_signal(signal.SIGCONT)
            self.suspended = None

    def under_way(self) -> list[Entry]:
        """The last claim of each run that has an owner now."""
        last: dict[str, Entry] = {}
        for entry in self.log():
            if entry.kind in ("claim", "release"):
                last[entry.run] = entry
        return [entry for entry in last.values() if entry.kind == "claim"]

    def log(self) -> list[Entry]:
        with psycopg.connect(libpq_url(self.database), autocommit=True) as connection:
            rows = connection.execute(
                "SELECT extract(epoch FROM at)::float8, run_id::text, kind, fence, owner, writer, status"
                " FROM fencing_log ORDER BY id"
            ).fetchall()
        return [Entry(*row) for row in rows]

    def empty_the_broker(self) -> None:
        if urlsplit(self.broker).scheme.startswith("redis"):
            with redis.Redis.from_url(self.broker) as client:
                client.flushdb()
            return
        connection = pika.BlockingConnection(pika.URLParameters(self.broker))
        for queue in (QUEUE, f"{QUEUE}.DQ"):
            with suppress(pika.exceptions.AMQPChannelError):
                connection.channel().queue_purge(queue)
        connection.close()

    async def chaos(
        self, over: asyncio.Event, *, every: float, at_most: int, suspend_for: float, empty_at: Sequence[float]
    ) -> None:
        """Until ``over``: a kill each time, one suspension, and the broker emptied at those moments (seconds)."""
        begun, left = time.monotonic(), list(empty_at)
        resume_at: float | None = None
        while not over.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), every)
            passed = time.monotonic() - begun
            if over.is_set():
                break
            if len(self.kills) < at_most:
                await asyncio.to_thread(self.kill_one)
            if not self.suspensions:
                await asyncio.to_thread(self.suspend_one)
                resume_at = passed + suspend_for
            if resume_at is not None and passed >= resume_at:
                self.resume()
            if left and passed >= left[0]:
                left.pop(0)
                await asyncio.to_thread(self.empty_the_broker)
        self.resume()

    def stop(self) -> None:
        self.resume()
        family = [*self.workers, *self.others]
        for one in family:
            one.process.terminate()
        for one in family:
            try:
                one.process.wait(15)
            except subprocess.TimeoutExpired:
                one.process.kill()
                one.process.wait()


@contextmanager
def fleet(fleet: Fleet) -> Iterator[Fleet]:
    try:
        yield fleet
    finally:
        fleet.stop()


def writes_by_others_than_the_holder(log: Sequence[Entry], owners: dict[str, str]) -> list[Entry]:
    """What a worker wrote while the run was not its own."""
    return [
        entry
        for entry in log
        if entry.kind in ("write", "publish") and entry.writer in owners and owners[entry.writer] != entry.owner
    ]


def claims_out_of_turn(log: Sequence[Entry]) -> list[Entry]:
    """Claims whose fencing token is not one more than that of the claim before."""
    newest: dict[str, int] = {}
    wrong = []
    for entry in log:
        if entry.kind == "claim":
            if entry.fence != newest.get(entry.run, 0) + 1:
                wrong.append(entry)
            newest[entry.run] = entry.fence
    return wrong


def takeovers(log: Sequence[Entry], interruptions: Sequence[Interruption]) -> list[float]:
    """Seconds from each kill to the next claim of each run that the killed worker had."""
    delays = []
    for one in interruptions:
        held: dict[str, Entry] = {}
        for entry in log:
            if entry.at < one.at and (entry.kind in ("claim", "release") or entry.status in FINAL):
                held[entry.run] = entry
        mine = [entry for entry in held.values() if entry.kind == "claim" and entry.owner == one.owner]
        for claim in mine:
            later = [
                entry.at for entry in log if entry.kind == "claim" and entry.run == claim.run and entry.at > one.at
            ]
            delays.append(min(later) - one.at if later else float("inf"))
    return delays
