"""``monitr serve`` and its parts: ``monitr api``, ``monitr worker``, ``monitr scheduler``."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import structlog
import typer

from monitr.entrypoints.cli.ahead import import_ahead
from monitr.entrypoints.cli.leash import leash, leashed_option
from monitr.entrypoints.cli.logs import configure_logs
from monitr.entrypoints.cli.outcome import on_database, settings_or_refuse
from monitr.settings import Settings, not_set_up

quiet_option = Annotated[bool, typer.Option("--quiet", help="Log only warnings.")]
logger = structlog.get_logger(__name__)


@contextmanager
def _part(name: str, *, quiet: bool, current: bool = False) -> Iterator[tuple[Settings, str]]:
    """The settings and the address of the database, for as long as the part runs."""
    settings = settings_or_refuse()
    configure_logs(name, settings.log_format, quiet=quiet)
    if name == "api":
        import_ahead()
    with on_database(settings, current=current) as address:
        yield settings, address


def serve(quiet: quiet_option = False) -> None:
    """Run the API, a worker and the scheduler, and end them together.

    Against the configured database and broker, or the embedded ones. Migrates the embedded database by itself; a
    configured one needs `monitr migrate`, and until then /readyz says so.
    """
    with _part("api", quiet=quiet) as (settings, address):
        from monitr.entrypoints.cli.serving import serve_all
        from monitr.installation import bring_up_to_date, encryption_keys

        encryption_keys(settings)  # made here, or missing: before there are children that would each complain
        if settings.is_embedded:
            bring_up_to_date(settings, address)
        _say_what_is_missing(settings)
        serve_all(settings, address, quiet=quiet, on_ready=_saying_its_address(settings) if quiet else None)


def api(quiet: quiet_option = False) -> None:
    """Run the API alone: GraphQL, the OAuth callback, health, metrics and the console."""
    with _part("api", quiet=quiet) as (settings, address):
        from monitr.entrypoints.cli.serving import run_api, serve_api

        _say_what_is_missing(settings)
        run_api(serve_api(settings, address, on_ready=_saying_its_address(settings) if quiet else None))


def worker(quiet: quiet_option = False, leashed: leashed_option = False) -> None:
    """Run a worker alone: it imports dossiers, two at a time. Run as many as you like, on any number of machines."""
    with _part("worker", quiet=quiet, current=True) as (settings, address):
        from monitr.entrypoints.worker.process import run_worker

        if not leashed:
            _say_what_is_missing(settings, of_a_user=False)
        leash(leashed)  # not sooner: whoever uses the embedded database last has to stop it
        asyncio.run(run_worker(settings, address))


def scheduler(quiet: quiet_option = False, leashed: leashed_option = False) -> None:
    """Run the scheduler alone: it queues the imports of the schedule, and clears away what is over.

    Several schedulers do no harm: each import is queued once.
    """
    with _part("scheduler", quiet=quiet, current=True) as (settings, address):
        from monitr.entrypoints.worker.scheduler import run_scheduler

        leash(leashed)
        asyncio.run(run_scheduler(settings, address))


def _say_what_is_missing(settings: Settings, *, of_a_user: bool = True) -> None:
    """Once, at the start: what nobody can do with these settings, and a broker that does not answer. None of it keeps
    the program from running."""
    from monitr.bootstrap.worker import broker_fault

    missing = not_set_up(settings) if of_a_user else []
    if (fault := asyncio.run(broker_fault(settings))) is not None:
        missing.append(f"{fault} Imports run all the same, found by the sweep.")
    for sentence in missing:
        logger.warning(sentence)


def _saying_its_address(settings: Settings) -> Callable[[], Awaitable[None]]:
    async def say() -> None:
        typer.echo(f"Monitr is at {settings.public_url}.", err=True)

    return say
