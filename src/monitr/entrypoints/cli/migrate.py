"""``monitr migrate``: the newest schema."""

import typer

from monitr.entrypoints.cli.outcome import on_database, settings_or_refuse


def migrate() -> None:
    """Bring the configured database, or the embedded one, to the newest schema.

    Safe to run at any time and from several machines at once: what is done already is not done again.
    """
    settings = settings_or_refuse()

    from monitr.installation import bring_up_to_date

    with on_database(settings) as address:
        bring_up_to_date(settings, address)
    typer.echo("The database schema is up to date.")
