"""``monitr serve`` and its parts: ``monitr api``, ``monitr worker``, ``monitr scheduler``."""

from typing import Annotated

import typer

from monitr.entrypoints.cli.leash import leash, leashed_option
from monitr.entrypoints.cli.logs import configure_logs
from monitr.entrypoints.cli.outcome import refusing, settings_or_refuse
from monitr.settings import SettingsError

quiet_option = Annotated[bool, typer.Option("--quiet", help="Log only warnings, in a form for people.")]


def serve(quiet: quiet_option = False) -> None:
    """Run the API, a worker and the scheduler, and end them together.

    Against the configured database and broker, or the embedded ones. Migrates the embedded database by itself; a
    configured one needs `monitr migrate`, and until then /readyz says so.
    """
    settings = settings_or_refuse()
    configure_logs("api", quiet=quiet)
    from monitr.entrypoints.cli.serving import serve_all
    from monitr.installation import CannotStart, bring_up_to_date, database, encryption_keys

    with refusing(CannotStart, SettingsError), database(settings) as address:
        encryption_keys(settings)  # made here, or missing: before there are children that would each complain
        if settings.is_embedded:
            bring_up_to_date(settings, address)
        serve_all(settings, address, quiet=quiet)


def api(quiet: quiet_option = False) -> None:
    """Run the API alone: GraphQL, the OAuth callback, health, metrics and the console."""
    settings = settings_or_refuse()
    configure_logs("api", quiet=quiet)
    from monitr.entrypoints.cli.serving import serve_api_alone
    from monitr.installation import CannotStart, database

    with refusing(CannotStart, SettingsError), database(settings) as address:
        serve_api_alone(settings, address)


def worker(quiet: quiet_option = False, leashed: leashed_option = False) -> None:
    """Run a worker alone: it imports dossiers, two at a time. Run as many as you like, on any number of machines."""
    settings = settings_or_refuse()
    configure_logs("worker", quiet=quiet)
    from monitr.entrypoints.worker.process import run_worker
    from monitr.installation import CannotStart, database, refuse_unless_current

    with refusing(CannotStart, SettingsError), database(settings) as address:
        leash(leashed)  # not sooner: whoever uses the embedded database last has to stop it
        refuse_unless_current(address)
        run_worker(settings, address)


def scheduler(quiet: quiet_option = False, leashed: leashed_option = False) -> None:
    """Run the scheduler alone: it queues the imports of the schedule, and clears away what is over.

    Several schedulers do no harm: each import is queued once.
    """
    settings = settings_or_refuse()
    configure_logs("scheduler", quiet=quiet)
    from monitr.entrypoints.worker.scheduler import run_scheduler
    from monitr.installation import CannotStart, database, refuse_unless_current

    with refusing(CannotStart, SettingsError), database(settings) as address:
        leash(leashed)
        refuse_unless_current(address)
        run_scheduler(settings, address)
