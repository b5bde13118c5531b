"""The pages of docs/api: `make api-docs`. Each operation of the contract, with what the program really answers.

The program runs on PostgreSQL against the sandbox, with the clock and the chance of the simulation, so that equal code
gives equal pages. ``test_examples.py`` compares what can be compared without it.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import psycopg
import structlog
from starlette.routing import Route

from monitr.adapters.sql.database.engine import libpq_url
from monitr.adapters.sql.importing.import_store import open_import_store
from monitr.adapters.sql.work.leases import SqlLeases
from monitr.application.bearer_tokens import Bearer
from monitr.application.importing.import_dossier import ImportDossier
from monitr.bootstrap.ports import Ports, open_ports
from monitr.domain.organisation import OrganisationId
from monitr.domain.roles import Principal
from monitr.entrypoints.cli.serving import _dependencies
from monitr.entrypoints.graphql.examples import (
    ADMINISTRATION,
    BOOKING,
    IMPORT,
    INTEGRATION,
    REPORT,
    Example,
    examples,
)
from monitr.entrypoints.graphql.execution.context import Connection
from monitr.entrypoints.graphql.schema import Schema
from monitr.entrypoints.http.app import create_app
from monitr.entrypoints.http.graphql_endpoint import GraphQLEndpoint
from octopus_sandbox import SandboxSettings
from octopus_sandbox.clock import Clock
from octopus_sandbox.in_process import InProcessSandbox
from tests.api_docs.pages import FOLDER, index, page, with_ids
from tests.integration.jobs.queued_runs import settings_for
from tests.simulation.database import a_database, a_server, a_template
from tests.simulation.loop import simulated

NOON = datetime(2026, 11, 27, 11, tzinfo=UTC)
ANNA = Principal.administrator(OrganisationId(UUID(int=0xDE30)), "anna@example.test")
BEARER = Bearer(ANNA, NOON + timedelta(hours=1))
LINES = 3_000
"""Of the dossier's ledger."""

AT_FIRST = ("ConnectIntegration", "AvailableDossiers", "SelectAdministrations", "Transactions", "SaveReport")
AT_LAST = (
    *("StartImports", "ImportsProgress", "CancelImport", "DeleteReport", "ReconnectIntegration"),
    *("RemoveAdministration", "DeleteIntegration", "AuditTrail"),
)
"""In this order, as far as they are built; all others in that of the contract, in between."""


_AUDIT = """
    CREATE SEQUENCE simulation.entry;
    GRANT USAGE ON SEQUENCE simulation.entry TO PUBLIC;
    ALTER TABLE audit_entry
        ALTER id SET DEFAULT md5(nextval('simulation.entry')::text)::uuid,
        ALTER at SET DEFAULT simulation.clock_timestamp();
"""
"""PostgreSQL itself gives the entries of the trail their ids and times."""


@dataclass
class Program:
    of: Ports
    octopus: InProcessSandbox
    endpoint: GraphQLEndpoint
    ids: dict[str, str] = field(default_factory=dict)

    async def answer(self, example: Example) -> Any:
        """Of a subscription the first event."""
        schema, connection = cast("Schema", self.endpoint.schema), Connection(self.endpoint.services, BEARER, "docs")
        variables = {name: with_ids(value, self.ids) for name, value in example.variables.items()}
        if example.text.startswith("subscription"):
            async with aclosing(await schema.stream(example.text, variables, connection)) as events:
                answer = await anext(events)
        else:
            answer = await schema.execute(example.text, variables, connection)
        assert not answer.errors, f"{example.name}: {answer.errors}"
        await self._learn(example.name, answer.data or {})
        return {"data": answer.data}

    async def _learn(self, operation: str, data: dict[str, Any]) -> None:
        match operation:
            case "ConnectIntegration":
                required = data["connectIntegration"]
                self.ids[INTEGRATION] = required["integration"]["id"]
                await self._authorise(required["authorizationUrl"])
            case "SelectAdministrations":
                [administration] = data["selectAdministrations"]["administrations"]
                self.ids[ADMINISTRATION] = administration["id"]
                await self._import()
            case "Transactions":
                self.ids[BOOKING] = data["administration"]["transactions"]["edges"][0]["node"]["bookingCode"]
            case "SaveReport":
                self.ids[REPORT] = data["saveReport"]["report"]["id"]
            case "StartImports":
                self.ids[IMPORT] = data["startImports"]["imports"][0]["id"]
            case _:
                pass

    async def _authorise(self, url: str) -> None:
        """What the browser does."""
        [ticket] = parse_qs(urlsplit(url).query)["ticket"]
        started = (await self.endpoint.services.use_cases.start_authorization(ticket, None)).unwrap()
        callback = parse_qs(urlsplit(await self.octopus.authorise(started.authorize_url)).query)
        complete = self.endpoint.services.use_cases.complete_authorization
        (await complete(callback["state"][0], callback["code"][0], started.browser)).unwrap()

    async def _import(self) -> None:
        """What a worker does."""
        claim = await SqlLeases(self.of.engine).claim(None, "docs", timedelta(hours=1))
        assert claim is not None
        engine = self.of.engine
        await ImportDossier(
            self.of.transactions, self.of.octopus, lambda claim, it: open_import_store(engine, claim, it), self.of.clock
        )(claim)


@asynccontextmanager
async def a_program(database: str) -> AsyncIterator[Program]:
    octopus = InProcessSandbox(SandboxSettings(lines=LINES, dossiers=1), Clock(NOON))
    settings = settings_for(
        database,
        OCTOPUS_API_URL=octopus.api_url,
        OCTOPUS_AUTHORIZE_URL=octopus.authorize_url,
        OCTOPUS_TOKEN_URL=octopus.token_url,
        OCTOPUS_CLIENT_ID=octopus.sandbox.settings.client_id,
        ALLOW_INSECURE_HTTP="on",
        SYNC_COOLDOWN="0",
    )
    async with open_ports(settings, database, "docs", clock=lambda: NOON, to_octopus=octopus.transport) as of:
        dependencies = replace(_dependencies(of, _nobody, None), run_changes=None)  # nobody listens in simulated time
        routes = create_app(dependencies).routes
        endpoints = (route.endpoint for route in routes if isinstance(route, Route))
        yield Program(of, octopus, next(each for each in endpoints if isinstance(each, GraphQLEndpoint)))


async def _nobody(token: str) -> Bearer:
    raise AssertionError("nothing is asked by a token")


async def _answers(database: str) -> dict[str, Any]:
    known = {example.name: example for example in examples()}
    between = [name for name in known if name not in (*AT_FIRST, *AT_LAST)]
    async with a_program(database) as program:
        return {name: await program.answer(known[name]) for name in (*AT_FIRST, *between, *AT_LAST) if name in known}


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with a_server() as server, a_template(server) as template, a_database(server, template) as database:
        database.show(NOON)
        with psycopg.connect(libpq_url(database.url)) as connection:
            connection.execute(_AUDIT)
        with simulated(NOON, seed=1) as loop:
            answers = loop.run_until_complete(_answers(database.url))
            loop.run_until_complete(loop.shutdown_asyncgens())
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.md"):
        old.unlink()
    for example in examples():
        (FOLDER / f"{example.name}.md").write_text(page(example, answers[example.name]), encoding="utf-8")
    (FOLDER / "README.md").write_text(index(), encoding="utf-8")


if __name__ == "__main__":
    main()
