"""``monitr audit``: who did what, for those who operate the program."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from monitr.domain.organisation import OrganisationId
from monitr.entrypoints.cli.logs import configure_logs
from monitr.entrypoints.cli.outcome import on_database, settings_or_refuse
from monitr.entrypoints.csv_rows import csv_row
from monitr.settings import Settings

HEADINGS = ("id", "at", "actor", "action", "subject", "subjectName", "detail")
_PAGE = 500


def export(
    organisation: Annotated[
        UUID, typer.Option(help="The id of the organisation whose trail it is.", show_default=False)
    ],
    subject: Annotated[
        UUID | None,
        typer.Option(help="Only of this integration, administration, import run or webhook target."),
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="Only from then on (UTC).")
    ] = None,
) -> None:
    """Write the audit trail to standard output as CSV, newest first.

    UTF-8, after RFC 4180; the columns are named as in the GraphQL schema. A text that a spreadsheet would run as a
    formula has an apostrophe in front.
    """
    settings = settings_or_refuse()
    configure_logs("audit", settings.log_format, quiet=True)
    begin = None if since is None else since.replace(tzinfo=UTC)
    with on_database(settings, current=True) as address:
        written = asyncio.run(_write(settings, address, OrganisationId(organisation), subject, begin))
    if not written:
        typer.echo(f"Nothing of organisation {organisation} is in the trail that was asked for.", err=True)


async def _write(
    settings: Settings, database: str, organisation: OrganisationId, subject: UUID | None, since: datetime | None
) -> int:
    """How many entries were written: page by page, so that a long trail is never held whole."""
    output, count = typer.get_binary_stream("stdout"), 0
    output.write(csv_row(HEADINGS))
    async for cells in _rows(settings, database, organisation, subject, since):
        output.write(csv_row(cells))
        count += 1
    output.flush()
    return count


async def _rows(
    settings: Settings, database: str, organisation: OrganisationId, subject: UUID | None, since: datetime | None
) -> AsyncIterator[tuple[str | None, ...]]:
    """Newest first, all of one snapshot."""
    from monitr.application.reading.reading import opening
    from monitr.bootstrap.ports import open_ports
    from monitr.domain.audit import OPERATOR
    from monitr.domain.roles import Principal
    from monitr.entrypoints.graphql.types.scalars import instant_text

    operator = Principal.administrator(organisation, OPERATOR)
    async with open_ports(settings, database, "audit") as of, opening(of.readers)(operator) as reading:
        has_next, after = True, None
        while has_next:
            page = await reading.audit_trail(subject, _PAGE, after)
            for recorded in page.rows:
                if since is not None and recorded.at < since:
                    return
                entry, at = recorded.entry, instant_text(recorded.at)
                about = None if entry.subject is None else str(entry.subject)
                yield str(recorded.id), at, entry.actor, entry.action, about, entry.subject_name, entry.detail
            has_next, after = page.has_next, page.cursors[-1] if page.cursors else None


audit = typer.Typer(name="audit", help="The audit trail: who did what.", no_args_is_help=True, rich_markup_mode=None)
audit.command()(export)
