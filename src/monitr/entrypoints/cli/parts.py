"""``monitr serve`` and its parts: ``monitr api``, ``monitr worker``, ``monitr scheduler``."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from monitr.entrypoints.cli.leash import leash, leashed_option
from monitr.entrypoints.cli.logs import configure_logs
from monitr.entrypoints.cli.outcome import on_database, settings_or_refuse
from monitr.settings import Settings

quiet_option = Annotated[bool, typer.Option("--quiet", help="Log only warnings, in a form for people.")]


@contextmanager
def _part(name: str, *, quiet: bool, current: bool = False) -> Iterator[tuple[Settings, str]]:
    """The settings and the address of the database, for as long as the part runs."""
    settings = settings_or_refuse()
    configure_logs(name, quiet=quiet)
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
        serve_all(settings, address, quiet=quiet)


def api(quiet: quiet_option = False) -> None:
    """Run the API alone: GraphQL, the OAuth callback, health, metrics and the console."""
    with _part("api", quiet=quiet) as (settings, address):
        from monitr.entrypoints.cli.serving import run_api, serve_api

        run_api(serve_api(settings, address))


def worker(quiet: quiet_option = False, leashed: leashed_option = False) -> None:
    """Run a worker alone: it imports dossiers, two at a time. Run as many as you like, on any number of machines."""
    with _part("worker", quiet=quiet, current=True) as (settings, address):
        from monitr.entrypoints.worker.process import run_worker

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
