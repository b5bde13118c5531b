"""Decision 23: every mutation of the schema, every chore and every use case that changes something is in the trail.

All three are found by looking: a new one fails here until it says what it writes.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from returns.pipeline import is_successful

import monitr.application
from monitr.application.chores.abandoned_integrations import DismissAbandonedIntegrations
from monitr.application.chores.scheduled_imports import ScheduledImports
from monitr.application.chores.sweep_authorizations import SweepAuthorizations
from monitr.application.exports.reports import TransactionLines
from monitr.application.exports.table import FileFormat
from monitr.application.reading.ledger import TransactionFilter
from monitr.application.start_imports import StartImports
from monitr.bootstrap.scheduler import scheduler_chores
from monitr.domain.administration import Administration, Dossier
from monitr.domain.audit import AuditAction, AuditEntry
from monitr.domain.authorization import AUTHORIZATION_LIFETIME, CallbackError, Purpose, digest
from monitr.domain.import_run import ImportTrigger
from monitr.domain.integration import Integration, IntegrationStatus
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Principal, Role
from monitr.entrypoints.graphql.schema import create_schema
from tests.components.graphql.an_api import an_api, the_use_cases
from tests.integration.jobs.queued_runs import opened
from tests.unit.fake_webhooks import ADDRESS, FakeWebhookTargets, a_target
from tests.unit.fakes import (
    MINE,
    NOON,
    FakeOctopus,
    FakeOctopusLogin,
    FakeTransactions,
    a_report,
    a_run,
    an_administration,
    an_authorization,
    an_integration,
    an_integration_awaiting_consent,
    some_tokens,
)

NOBODY = "postgresql+psycopg://nobody@127.0.0.1:9/nothing"
ASKED, CONNECTED, DENIED = AuditAction.CONNECT_ASKED, AuditAction.CONNECTED, AuditAction.CONNECT_DENIED
DELETED, STARTED, CANCELLED = (
    AuditAction.INTEGRATION_DELETED,
    AuditAction.IMPORT_STARTED,
    AuditAction.IMPORT_CANCELLED,
)
REMOVED = AuditAction.ADMINISTRATION_REMOVED

LOGIN, OTHER_LOGIN = an_integration(events=()), an_integration(events=())
BOOKS = an_administration(integration_id=LOGIN.id, events=())
GONE = replace(BOOKS.delete(NOON, timedelta(days=30)), events=())
RUN = a_run(BOOKS)
TARGET = a_target()
REPORT = a_report()
NONE = tuple[AuditAction, ...]()


@dataclass
class Case:
    """What a user asks for, where it works, and the actions that are written for it, in their order."""

    mutation: str
    input: Mapping[str, object]
    writes: Sequence[AuditAction]
    integrations: Sequence[Integration] = (LOGIN,)
    administrations: Sequence[Administration] = (BOOKS,)
    runs: bool = False
    world: FakeTransactions = field(init=False)

    def __post_init__(self) -> None:
        runs = [RUN] if self.runs else []
        self.world = FakeTransactions(
            self.integrations, administrations=self.administrations, runs=runs, reports=[REPORT]
        )


def a_case(mutation: str, *writes: AuditAction, of: Mapping[str, Any] | None = None, **input: object) -> Case:
    return Case(mutation, input, writes, **(of or {}))


DOSSIER: dict[str, Any] = {"integrationId": str(LOGIN.id), "dossierNumbers": [BOOKS.dossier]}
ITS: dict[str, Any] = {"administrationId": str(BOOKS.id)}
CASES: Mapping[str, Callable[[], Case]] = {
    "connect": lambda: a_case("connectIntegration", ASKED, provider="OCTOPUS"),
    "reconnect": lambda: a_case("reconnectIntegration", AuditAction.RECONNECT_ASKED, integrationId=str(LOGIN.id)),
    "select": lambda: a_case(
        "selectAdministrations",
        AuditAction.ADMINISTRATION_SELECTED,
        STARTED,
        of={"administrations": ()},
        **DOSSIER,
    ),
    "select what is selected": lambda: a_case("selectAdministrations", **DOSSIER),
    "select what is another's": lambda: a_case(
        "selectAdministrations",
        AuditAction.ADMINISTRATION_MOVED,
        STARTED,
        of={
            "integrations": (LOGIN, OTHER_LOGIN),
            "administrations": (replace(BOOKS, integration_id=OTHER_LOGIN.id),),
        },
        **DOSSIER,
    ),
    "select what was removed": lambda: a_case(
        "selectAdministrations",
        AuditAction.ADMINISTRATION_RESTORED,
        STARTED,
        of={"administrations": (GONE,)},
        **DOSSIER,
    ),
    "remove": lambda: a_case("removeAdministration", REMOVED, **ITS),
    "remove while it is imported": lambda: a_case("removeAdministration", REMOVED, CANCELLED, of={"runs": True}, **ITS),
    "purge what was removed": lambda: a_case(
        "removeAdministration", REMOVED, of={"administrations": (GONE,)}, purge=True, **ITS
    ),
    "delete": lambda: a_case("deleteIntegration", DELETED, REMOVED, integrationId=str(LOGIN.id)),
    "import": lambda: a_case("startImports", STARTED, administrationIds=[str(BOOKS.id)]),
    "import what is imported": lambda: a_case("startImports", of={"runs": True}, administrationIds=[str(BOOKS.id)]),
    "cancel": lambda: a_case("cancelImport", CANCELLED, of={"runs": True}, importId=str(RUN.id)),
    "a role": lambda: a_case(
        "setAssetRole", AuditAction.SETTINGS_CHANGED, account="230900", role="DEPRECIATION", **ITS
    ),
    "a plan": lambda: a_case(
        "setDepreciation",
        AuditAction.SETTINGS_CHANGED,
        category="230",
        method="LINEAR",
        usefulLifeMonths=60,
        **ITS,
    ),
    "a target": lambda: a_case("createWebhookTarget", AuditAction.WEBHOOK_CREATED, url=ADDRESS),
    "no target": lambda: a_case("deleteWebhookTarget", AuditAction.WEBHOOK_DELETED, targetId=str(TARGET.id)),
    "rotate": lambda: a_case("rotateWebhookSecret", AuditAction.WEBHOOK_SECRET_ROTATED, targetId=str(TARGET.id)),
    "a report": lambda: a_case("saveReport", AuditAction.SETTINGS_CHANGED, name="Margin", lines=[], rules=[]),
    "another version": lambda: a_case(
        "saveReport", AuditAction.SETTINGS_CHANGED, id=str(REPORT.id), version=1, name="Margin", lines=[], rules=[]
    ),
    "no report": lambda: a_case("deleteReport", AuditAction.SETTINGS_CHANGED, id=str(REPORT.id)),
    "replay": lambda: a_case("replayWebhookEvents", AuditAction.WEBHOOK_REPLAYED, targetId=str(TARGET.id)),
}


def test_every_mutation_is_a_case() -> None:
    mutations = create_schema()._schema.mutation_type
    assert mutations is not None
    assert {case().mutation for case in CASES.values()} == set(mutations.fields)


@pytest.mark.parametrize("name", CASES)
async def test_a_mutation_writes_who_did_it(name: str) -> None:
    case, targets = CASES[name](), FakeWebhookTargets(targets={TARGET.id: TARGET}, secrets={TARGET.id: ["old"]})
    octopus = FakeOctopus(listed=(Dossier(BOOKS.dossier, BOOKS.name, None),))
    api = an_api(case.world, octopus=octopus, webhooks=targets)
    kind = f"{case.mutation[0].upper()}{case.mutation[1:]}Input!"

    answer = await api.run(
        f"mutation ($input: {kind}) {{ {case.mutation}(input: $input) {{ __typename ... on Problem {{ message }} }} }}",
        {"input": dict(case.input)},
    )

    assert answer["errors"] == []
    assert "message" not in answer["data"][case.mutation]
    trail = [*case.world.audit(), *targets.audit]
    assert [entry.action for entry in trail] == list(case.writes)
    assert {entry.actor for entry in trail} <= {"anna"}
    assert all(entry.subject and entry.subject_name for entry in trail)


@pytest.mark.parametrize("name", [name for name in CASES if "target" not in name and name not in ("rotate", "replay")])
async def test_what_was_not_committed_is_not_in_the_trail(name: str) -> None:
    case = CASES[name]()
    case.world.commit_fails = True
    api = an_api(case.world, octopus=FakeOctopus(listed=(Dossier(BOOKS.dossier, BOOKS.name, None),)))
    kind = f"{case.mutation[0].upper()}{case.mutation[1:]}Input!"
    await api.run(
        f"mutation ($input: {kind}) {{ {case.mutation}(input: $input) {{ __typename }} }}", {"input": dict(case.input)}
    )
    assert case.world.audit() == []


# --- what goes on by itself -----------------------------------------------------------------------------------------

CHORES: Mapping[str, Sequence[AuditAction]] = {
    "queue scheduled imports": (STARTED,),
    "queue deep readings": (STARTED,),
    "close abandoned OAuth rounds": (DENIED,),
    "purge removed administrations": (AuditAction.ADMINISTRATION_PURGED,),  # test_trail_outlives.py, on PostgreSQL
    "index texts": NONE,
    "keep idle integrations alive": NONE,
    "dismiss abandoned integrations": (DELETED,),
    "try dossiers that were out of reach": NONE,  # a state that Octopus has changed: on the timeline
    "forget published messages": NONE,
    "forget old call counts": NONE,
    "forget old audit entries": NONE,
    "forget old webhook events": NONE,
}


async def test_every_chore_says_what_it_writes() -> None:
    async with opened(NOBODY, SCHEDULE="0 3 * * *", DEEP_READ="0 1 * * *") as of:
        assert [chore.name for chore in scheduler_chores(of)] == list(CHORES)


def actions(trail: Sequence[AuditEntry]) -> list[tuple[str, AuditAction]]:
    return [(entry.actor, entry.action) for entry in trail]


class OneWaits:
    """Of the schedule: the administration is due."""

    def __init__(self) -> None:
        self.context = AlwaysAlone()

    def alone(self) -> "AlwaysAlone":
        return self.context

    async def not_imported_since(
        self, tick: datetime, trigger: ImportTrigger
    ) -> Sequence[tuple[OrganisationId, AdministrationId]]:
        return [(MINE, BOOKS.id)]

    def last_tick(self, now: datetime) -> datetime:
        return now

    def due_at(self, tick: datetime, administration: AdministrationId) -> datetime:
        return tick


class AlwaysAlone:
    async def __aenter__(self) -> bool:
        return True

    async def __aexit__(self, *_: object) -> None: ...


@pytest.mark.parametrize("trigger", [ImportTrigger.SCHEDULE, ImportTrigger.DEEP_READ])
async def test_imports_of_the_schedule_are_the_programs(trigger: ImportTrigger) -> None:
    world = FakeTransactions([LOGIN], administrations=[BOOKS])
    start = StartImports(world, lambda: NOON, uuid4, timedelta())
    await ScheduledImports(OneWaits(), start, OneWaits(), lambda: NOON, trigger)()
    assert actions(world.audit()) == [("monitr", STARTED)]


async def test_an_abandoned_integration_goes_by_the_program() -> None:
    abandoned = replace(LOGIN, status=IntegrationStatus.RECONNECT_REQUIRED)
    world = FakeTransactions([abandoned])

    async def found() -> list[Any]:
        return [(MINE, abandoned.id)]

    await DismissAbandonedIntegrations(found, world)()
    assert actions(world.audit()) == [("monitr", DELETED)]


async def test_a_round_that_nobody_came_back_from_is_closed_by_the_program_once() -> None:
    awaiting = an_integration_awaiting_consent(events=())
    world = FakeTransactions([awaiting], [an_authorization(integration_id=awaiting.id)])
    sweep = SweepAuthorizations(world, lambda: NOON + AUTHORIZATION_LIFETIME)

    assert [await sweep(), await sweep()] == [1, 0]
    assert actions(world.audit()) == [("monitr", DENIED)]


# --- the way back from Octopus --------------------------------------------------------------------------------------


def a_round(purpose: Purpose) -> FakeTransactions:
    """Its browser comes back from Octopus; a run of the administration had been told to stop."""
    integration = an_integration_awaiting_consent(events=()) if purpose is Purpose.CONNECT else LOGIN
    round = an_authorization(
        integration_id=integration.id, purpose=purpose, browser=digest("browser"), state=digest("state")
    )
    administrations = [] if purpose is Purpose.CONNECT else [BOOKS]
    return FakeTransactions([integration], [round], administrations)


BACK: Mapping[str, tuple[Purpose, str | None, Sequence[tuple[str, AuditAction]]]] = {
    "connected": (Purpose.CONNECT, "code", [("anna", CONNECTED)]),
    "reconnected": (Purpose.RECONNECT, "code", [("anna", STARTED), ("anna", AuditAction.RECONNECTED)]),
    "denied": (Purpose.CONNECT, None, [("octopus", DENIED)]),
    "not reconnected": (Purpose.RECONNECT, None, [("octopus", DENIED)]),
    "with a code that Octopus refuses": (Purpose.CONNECT, "another code", [("octopus", DENIED)]),
}


@pytest.mark.parametrize("way", BACK)
async def test_how_a_round_ended_is_in_the_trail(way: str) -> None:
    purpose, code, written = BACK[way]
    world = a_round(purpose)
    octopus = FakeOctopus(listed=(Dossier(BOOKS.dossier, BOOKS.name, None),))
    login = FakeOctopusLogin({"code": some_tokens()})
    complete = the_use_cases(world, octopus, login).complete_authorization

    await complete("state", code, "browser", None if code else "access_denied")

    assert actions(world.audit()) == written


async def test_a_round_that_came_back_too_late_was_ended_by_the_program() -> None:
    world = a_round(Purpose.CONNECT)
    complete = the_use_cases(world, FakeOctopus(), FakeOctopusLogin()).complete_authorization
    late = replace(complete, clock=lambda: NOON + AUTHORIZATION_LIFETIME)

    await late("state", "code", "browser")

    assert actions(world.audit()) == [("monitr", DENIED)]
    assert str(CallbackError.EXPIRED) in str(world.audit()[0].detail)


async def test_whoever_declines_on_our_page_is_nobody_that_the_program_knows() -> None:
    integration = an_integration_awaiting_consent(events=())
    world = FakeTransactions([integration], [an_authorization("ticket", integration_id=integration.id)], [])
    decline = the_use_cases(world, FakeOctopus(), FakeOctopusLogin()).decline_authorization

    await decline("ticket", None)

    assert actions(world.audit()) == [("monitr", DENIED)]


# --- exports --------------------------------------------------------------------------------------------------------


async def test_an_export_is_noted_before_anything_of_it_is_read() -> None:
    world = FakeTransactions([LOGIN], administrations=[BOOKS])
    export = the_use_cases(world, FakeOctopus(), FakeOctopusLogin()).export_report
    anna = Principal(MINE, "anna", frozenset({Role.REPORTS_WITH_TRANSACTIONS}))
    lines = TransactionLines(TransactionFilter(from_=date(2026, 1, 1), accounts=(400000,)))

    outcome = await export(anna, BOOKS.id, lines, FileFormat.XLSX)

    assert is_successful(outcome)
    assert world.audit() == [
        AuditEntry(
            "anna",
            AuditAction.EXPORTED,
            BOOKS.id,
            BOOKS.name,
            f"Transactions, from 2026-01-01, narrowed by accounts, as XLSX, of dossier {BOOKS.dossier}.",
        )
    ]


async def test_what_was_refused_is_no_export() -> None:
    world = FakeTransactions([LOGIN], administrations=[BOOKS])
    export = the_use_cases(world, FakeOctopus(), FakeOctopusLogin()).export_report
    for role in (Role.REPORTS, Role.RECEIVABLES_ONLY):
        outcome = await export(
            Principal(MINE, "rita", frozenset({role})), BOOKS.id, TransactionLines(TransactionFilter()), FileFormat.CSV
        )
        assert not is_successful(outcome)
    assert world.audit() == []


# --- and nothing else -----------------------------------------------------------------------------------------------

BESIDE = {
    "StartAuthorization",  # a browser has opened the link: nothing has come of it yet
    "FollowDossiers",  # names follow Octopus
    "ReachAdministrations",
    "ReachAgain",
    "KeepAuthorizationsAlive",
    "PurgeAdministrations",
    "IndexTexts",  # nothing that anybody sees but by its speed
    "ImportDossier",  # the run has a history of its own
    "ReconcileLedger",
    "ImportReferenceData",
    "GiveUpImport",
    "TakeOver",
    "DeliverWebhooks",
    # they only read
    "FollowImport",
    "FollowImports",
    "ListDossiers",
    "ShowAuthorization",
    "ListWebhookTargets",
    "ReadWebhookEvents",
}
"""Which write nothing of their own."""
TRIED = {
    "CancelImport",
    "CompleteAuthorization",
    "ConnectIntegration",
    "CreateWebhookTarget",
    "DeclineAuthorization",
    "DeleteIntegration",
    "DeleteReport",
    "DeleteWebhookTarget",
    "DismissAbandonedIntegrations",
    "ExportReport",
    "Reconnect",
    "RemoveAdministration",
    "ReplayWebhookEvents",
    "RotateWebhookSecret",
    "SaveReport",
    "ScheduledImports",
    "SelectAdministrations",
    "SetAssetRole",
    "SetDepreciation",
    "StartImports",
    "SweepAuthorizations",
}


def test_every_use_case_is_tried_above_or_writes_nothing() -> None:
    modules = [
        importlib.import_module(module.name)
        for module in pkgutil.walk_packages(monitr.application.__path__, "monitr.application.")
    ]
    found = {
        name
        for module in modules
        for name, each in vars(module).items()
        if inspect.isclass(each) and is_dataclass(each) and each.__module__ == module.__name__
        if "__call__" in vars(each) and not name.startswith("_")
    }
    assert found == BESIDE | TRIED


def test_every_action_has_a_deed() -> None:
    of_mutations = {action for case in CASES.values() for action in case().writes}
    of_chores = {action for written in CHORES.values() for action in written}
    of_rounds = {action for *_, written in BACK.values() for _, action in written}
    of_exports = {AuditAction.EXPORTED}
    assert set(AuditAction) == of_mutations | of_chores | of_rounds | of_exports
