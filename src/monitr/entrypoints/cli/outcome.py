"""How a command ends: 0 for success, 1 for failure with one sentence, 2 for wrong usage (Typer's own)."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Never

import typer

from monitr.settings import Settings, SettingsError, unknown_settings


def refuse(sentence: str) -> Never:
    """End with exit code 1 and the sentence on standard error."""
    typer.secho(sentence, err=True, fg="red" if sys.stderr.isatty() else None)
    raise typer.Exit(1)


def settings_or_refuse() -> Settings:
    """The settings; unknown variables are warned about, a wrong one ends the command."""
    for warning in unknown_settings(os.environ):
        typer.secho(warning, err=True, fg="yellow" if sys.stderr.isatty() else None)
    with refusing(SettingsError):
        return Settings.load()


@contextmanager
def refusing(*expected: type[Exception]) -> Iterator[None]:
    """What these exceptions say is meant for the user: one sentence, no traceback."""
    try:
        yield
    except expected as problem:
        refuse(_words_of(problem))


def _words_of(problem: Exception) -> str:
    if not isinstance(problem, OSError) or problem.strerror is None:
        return str(problem)
    return f"{problem.filename or 'It'} cannot be used: {problem.strerror.lower()}."


@contextmanager
def on_database(settings: Settings, *, current: bool = False) -> Iterator[str]:
    """The address of the database, for as long as the context is open; ``current``: where its schema is the newest."""
    from monitr.installation import CannotStart, database, refuse_unless_current

    with refusing(CannotStart, SettingsError), database(settings) as address:
        if current:
            refuse_unless_current(address)
        yield address
