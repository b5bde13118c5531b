"""``monitr administrations``: which there are."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from monitr.domain.names import readable
from monitr.domain.organisation import OrganisationId
from monitr.entrypoints.cli.logs import configure_logs
from monitr.entrypoints.cli.outcome import on_database, refusing, settings_or_refuse

if TYPE_CHECKING:
    from monitr.bootstrap.operating import ListedAdministration


def administrations(
    organisation: Annotated[
        UUID | None, typer.Option(help="The id of the organisation, where there is more than one.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List the administrations: id, dossier, state, last import, name. Removed ones come last."""
    settings = settings_or_refuse()
    configure_logs("administrations", settings.log_format, quiet=True)
    from monitr.bootstrap.operating import WhichOrganisation, listed_administrations

    with refusing(WhichOrganisation), on_database(settings, current=True) as address:
        wanted = None if organisation is None else OrganisationId(organisation)
        found = asyncio.run(listed_administrations(address, wanted))
    if as_json:
        typer.echo(json.dumps([_as_json(one) for one in found], indent=2))
        return
    for one in found:
        typer.echo(
            f"{one.id}  {one.dossier_number:>8}  {one.status:<11}  {_last_import(one):<42}  {readable(one.name)}"
        )
    if not found:
        typer.echo("There is no administration here.", err=True)


def _last_import(one: "ListedAdministration") -> str:
    if one.status == "DELETED":
        return f"erased after {one.purge_after:%Y-%m-%d %H:%M} UTC"
    if one.import_at is None:
        return "none yet"
    verified = f", {one.verification}" if one.verification else ""
    return f"{one.import_status} {one.import_at:%Y-%m-%d %H:%M} UTC{verified}"


def _as_json(one: "ListedAdministration") -> dict[str, object]:
    return {
        "id": str(one.id),
        "dossierNumber": one.dossier_number,
        "name": one.name,
        "status": one.status,
        "purgeAfter": one.purge_after and one.purge_after.isoformat(),
        "lastImport": one.import_at
        and {"status": one.import_status, "at": one.import_at.isoformat(), "verification": one.verification},
    }
