"""``monitr token``: a bearer token for development."""

import re
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer

from monitr.application.bearer_tokens import LONGEST_LIFE
from monitr.domain.audit import is_nobodys
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Principal, Role
from monitr.entrypoints.cli.outcome import refuse, settings_or_refuse

_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def _duration(text: str) -> timedelta:
    """``45s``, ``30m``, ``12h``, ``1d``; a bare number counts seconds."""
    if not (match := re.fullmatch(r"(\d{1,9})([smhd]?)", text.strip().lower())) or int(match[1]) == 0:
        raise typer.BadParameter("give a time such as 45s, 30m, 12h or 1d; a bare number counts seconds")
    if (seconds := int(match[1]) * _UNIT_SECONDS[match[2] or "s"]) > LONGEST_LIFE.total_seconds():
        raise typer.BadParameter("a token that lives longer than a day (24h) is refused by Monitr: give 24h or less")
    return timedelta(seconds=seconds)


def token(
    organisation: Annotated[UUID, typer.Option(help="The id of the organisation that the token acts for.")],
    subject: Annotated[str, typer.Option(help="Who it acts as: any name or address of a user.")],
    role: Annotated[list[Role], typer.Option(help="A role of the user; give it several times for several roles.")],
    administration: Annotated[
        list[UUID] | None, typer.Option(help="Narrow the roles to this administration; may be given several times.")
    ] = None,
    expires: Annotated[
        timedelta,
        typer.Option(
            parser=_duration,
            metavar="TIME",
            help="How long it is valid, 1d at most: 45s, 30m, 12h; a bare number is seconds.",
        ),
    ] = "12h",  # type: ignore[assignment]  # Typer parses the default like an input
) -> None:
    """Print a signed token for development.

    The bare token goes to standard output and nothing else does. Needs MONITR_AUTH_SECRET and no database.
    """
    if is_nobodys(subject):
        raise typer.BadParameter("the audit trail calls the program so: name a user", param_hint="--subject")
    settings = settings_or_refuse()
    if settings.auth_secret is None:
        refuse("MONITR_AUTH_SECRET must be set: development tokens are signed with it.")

    from monitr.bootstrap.tokens import development_token

    narrowed = frozenset(AdministrationId(id) for id in administration) if administration else None
    principal = Principal(OrganisationId(organisation), subject, frozenset(role), narrowed)
    typer.echo(development_token(settings, principal, expires))
