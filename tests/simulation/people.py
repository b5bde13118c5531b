"""Users: they connect, select, synchronise, cancel, remove, restore and reconnect, sometimes with the wrong login."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
from returns.result import Result, Success

from monitr.application.connect_integration import AuthorizationRequired
from monitr.domain.import_run import ImportMode, ImportRunId
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Principal
from octopus_sandbox.in_process import InProcessSandbox
from tests.simulation.program import Api
from tests.simulation.tables import Tables

ORGANISATION = OrganisationId(UUID(int=0x51_0000))
OWN, WRONG = "demo", "other"


@dataclass(frozen=True, slots=True)
class People:
    """They see of the program what its use cases tell, and find ids where a front end would show them."""

    api: Api
    octopus: InProcessSandbox
    tables: Tables
    dossiers: Sequence[int]

    @property
    def _me(self) -> Principal:
        return Principal.administrator(ORGANISATION, "anna@example.test")

    async def do(self, act: str, draw: int, dossier: int) -> str:
        """What came of it, in words."""
        match act:
            case "sync" | "sync-full":
                mode = ImportMode.FULL if act == "sync-full" else ImportMode.INCREMENTAL
                return await self._sync(dossier, mode)
            case "cancel":
                return await self._cancel(dossier)
            case "remove":
                return await self._remove(dossier)
            case "reconnect":
                return await self._reconnect(OWN, accept=False)
            case "reconnect-wrong":
                return await self._reconnect(WRONG, accept=draw % 2 == 0)
            case _:
                return await self.mend()

    async def mend(self) -> str:
        """What a person does who finds the cards in disorder."""
        integration = self._integration()
        if integration is None:
            told = await self._connect()
        elif integration[1] == "RECONNECT_REQUIRED" or self._are_lost():
            told = await self._reconnect(OWN, accept=True)
        else:
            told = "in order"
        return f"{told}; {await self._select()}"

    def administration(self, dossier: int) -> tuple[AdministrationId, str] | None:
        found = [each for each in self.tables.administrations() if each.dossier == dossier]
        return (AdministrationId(found[0].id), found[0].status) if found else None

    def _are_lost(self) -> bool:
        return any(each.status == "ACCESS_LOST" for each in self.tables.administrations())

    def _integration(self) -> tuple[IntegrationId, str] | None:
        found = self.tables.integrations()
        return (IntegrationId(found[0].id), found[0].status) if found else None

    async def _connect(self) -> str:
        asked = await self.api.ask(lambda of: of.connect_integration(self._me, None))
        return await self._log_in(asked, OWN)

    async def _reconnect(self, user: str, *, accept: bool) -> str:
        integration = self._integration()
        if integration is None:
            return "nothing to reconnect"
        asked = await self.api.ask(
            lambda of: of.reconnect(self._me, integration[0], None, accept_different_account=accept)
        )
        told = await self._log_in(asked, user)
        return f"{told}, whatever it sees" if accept else told

    async def _log_in(self, asked: "Result[AuthorizationRequired, object] | None", user: str) -> str:
        if not isinstance(asked, Success):
            return f"not asked: {asked}"
        ticket = asked.unwrap().ticket
        started = await self.api.ask(lambda of: of.start_authorization(ticket, None))
        if not isinstance(started, Success):
            return "not started"
        round = started.unwrap()
        try:
            callback = parse_qs(urlsplit(await self.octopus.authorise(round.authorize_url, user=user)).query)
        except (ValueError, httpx.HTTPError) as error:
            return f"Octopus's pages: {type(error).__name__}"
        given = {name: values[0] for name, values in callback.items()}
        done = await self.api.ask(
            lambda of: of.complete_authorization(
                given.get("state"), given.get("code"), round.browser, given.get("error")
            )
        )
        if done is None:
            return "not told"
        return f"connected as {user}" if isinstance(done, Success) else f"refused as {user}: {done.failure().error}"

    async def _select(self) -> str:
        integration = self._integration()
        missing = [dossier for dossier in self.dossiers if self.administration(dossier) is None]
        if integration is None or not missing:
            return "all selected"
        done = await self.api.ask(lambda of: of.select_administrations(self._me, integration[0], missing))
        return f"selected {missing}: {type(done).__name__}"

    async def _sync(self, dossier: int, mode: ImportMode) -> str:
        found = self.administration(dossier)
        if found is None:
            return "not there"
        done = await self.api.ask(lambda of: of.start_imports(self._me, [found[0]], mode))
        if not isinstance(done, Success):
            return "refused"
        refused = done.unwrap().refused
        return str(refused[0].code) if refused else "started"

    async def _cancel(self, dossier: int) -> str:
        runs = [run.id for run in self.tables.unfinished() if run.dossier == dossier]
        if not runs:
            return "nothing to cancel"
        id = ImportRunId(runs[0])
        done = await self.api.ask(lambda of: of.cancel_import(self._me, id))
        return "asked" if isinstance(done, Success) else "refused"

    async def _remove(self, dossier: int) -> str:
        found = self.administration(dossier)
        if found is None:
            return "not there"
        done = await self.api.ask(lambda of: of.remove_administration(self._me, found[0], purge=False))
        return "removed" if isinstance(done, Success) else "refused"
