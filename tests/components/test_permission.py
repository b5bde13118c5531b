"""Permission is a rule of the application (decision 15): every use case with a principal, and every question of the
read side, found by looking, is called by somebody who may not."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_type_hints
from uuid import UUID, uuid4

import pytest
from returns.result import Failure

import monitr.application
from monitr.application.exports.reports import Exportable, OpenItems
from monitr.application.exports.table import FileFormat
from monitr.application.follow_import import FollowImport
from monitr.application.own_reports import ReportDraft
from monitr.application.problems import UnknownAdministration, UnknownImport
from monitr.application.reading.asking import NotPermitted
from monitr.application.reading.cards import AdministrationFilter
from monitr.application.reading.ledger import DimensionFilter, TransactionFilter, TransactionOrder
from monitr.application.reading.outstanding_items import OutstandingFilter
from monitr.application.reading.pages import Cut, Page
from monitr.application.reading.reader import Reader
from monitr.application.reading.reading import Reading, opening
from monitr.application.reading.statements import StatementQuestion
from monitr.domain import roles
from monitr.domain.accounting.asset_accounts import AssetRole
from monitr.domain.accounting.asset_settings import PlanTarget
from monitr.domain.accounting.depreciation import DepreciationPlan
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.outstanding_items import Bucket, OutstandingItemType, ageing_buckets
from monitr.domain.accounting.statements.layout import StatementKind
from monitr.domain.accounting.statements.own_reports import ReportId
from monitr.domain.administration import Administration
from monitr.domain.audit import import_started
from monitr.domain.import_run import ImportMode, ImportRun, ImportRunId, ImportTrigger
from monitr.domain.integration import Integration, IntegrationId
from monitr.domain.language import Language
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import GRANTS, Forbidden, Permission, Principal, Role
from monitr.domain.webhooks import WebhookTargetId
from monitr.entrypoints.graphql.execution.progress_hub import ProgressHub
from tests.components.graphql.an_api import the_use_cases
from tests.components.graphql.fake_reader import SALE, FakeProgress, FakeReaders
from tests.unit.fakes import (
    MINE,
    NOON,
    FakeOctopus,
    FakeOctopusLogin,
    FakeTransactions,
    a_report,
    a_run,
    an_administration,
    an_integration,
)

ENTRYPOINTS = Path(__file__).parents[2] / "src" / "monitr" / "entrypoints"
INTEGRATION = an_integration()
BOOKS = an_administration(integration_id=INTEGRATION.id)
RUN = a_run(BOOKS)
REPORT = a_report()

SAMPLES: dict[object, object] = {
    AdministrationId: BOOKS.id,
    IntegrationId | AdministrationId: BOOKS.id,
    Sequence[AdministrationId]: [BOOKS.id],
    Administration: BOOKS,
    IntegrationId: INTEGRATION.id,
    Sequence[IntegrationId]: [INTEGRATION.id],
    Sequence[IntegrationId] | None: None,
    Integration | None: INTEGRATION,
    ImportRunId: RUN.id,
    Sequence[ImportRunId]: [RUN.id],
    ImportRun | None: RUN,
    ImportMode: ImportMode.INCREMENTAL,
    ImportTrigger: ImportTrigger.SYNC_NOW,
    WebhookTargetId: WebhookTargetId(uuid4()),
    AssetRole | None: None,
    PlanTarget: PlanTarget("230"),
    DepreciationPlan | None: None,
    ReportId: REPORT.id,
    Sequence[ReportId] | None: None,
    ReportDraft: ReportDraft(REPORT.id, REPORT.version, REPORT.name, REPORT.lines, REPORT.rules),
    TransactionFilter: TransactionFilter(),
    TransactionOrder: TransactionOrder.NEWEST_FIRST,
    Cut: Cut(1),
    Exportable: OpenItems(OutstandingItemType.RECEIVABLE, NOON.date(), OutstandingFilter()),
    FileFormat: FileFormat.CSV,
    DimensionFilter | None: None,
    UUID | None: None,
    UUID: UUID(int=1),
    Sequence[UUID]: [BOOKS.id],
    StatementQuestion: StatementQuestion(StatementKind.BALANCE_SHEET, NOON.date(), NOON.date()),
    OutstandingFilter: OutstandingFilter(),
    Sequence[Bucket]: ageing_buckets([30]),
    Sequence[date]: [NOON.date()],
    Sequence[int]: [7],
    Sequence[int] | None: None,
    Collection[int]: (),
    AdministrationFilter: AdministrationFilter(),
    date: NOON.date(),
    datetime: NOON,
    datetime | None: None,
    Sequence[BookingKey]: [SALE],
    str: SALE.code,
    str | None: None,
    int: 1,
    bool: False,
    Language | None: None,
}
"""An argument for each annotation. A question with another kind of argument adds it here."""


def sample_arguments(call: Callable[..., Any], **given: object) -> tuple[list[Any], dict[str, Any]]:
    """What it takes, but for itself and the principal."""
    hints, positional, named = get_type_hints(call), list[Any](), dict[str, Any]()
    for name, parameter in inspect.signature(call).parameters.items():
        if name in ("self", "principal"):
            continue
        value = given[name] if name in given else SAMPLES[hints[name]]
        if parameter.kind is parameter.KEYWORD_ONLY:
            named[name] = value
        else:
            positional.append(value)
    return positional, named


def unprivileged(permission: Permission) -> list[Principal]:
    """Nobody in particular, and everybody whose roles do not grant it."""
    lacking = [role for role in Role if permission not in GRANTS[role]]
    return [Principal(MINE, "nobody", frozenset(some)) for some in ([], *([role] for role in lacking), lacking)]


@pytest.fixture
def narrowed(monkeypatch: pytest.MonkeyPatch) -> Principal:
    """May do everything, for administrations that are not those of the test."""
    monkeypatch.setattr(roles, "GRANTS", MappingProxyType({**GRANTS, Role.ENTITY_ADMIN: frozenset(Permission)}))
    return Principal(MINE, "nadia", frozenset({Role.ENTITY_ADMIN}), frozenset({AdministrationId(uuid4())}))


# --- use cases ------------------------------------------------------------------------------------------------------


class Untouched:
    """Whatever is done with it was done too early."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"{name} was touched before permission was asked")

    def __call__(self, *_: object, **__: object) -> object:
        raise AssertionError("it was called before permission was asked")


def use_cases() -> Iterator[Any]:
    for module in pkgutil.walk_packages(monitr.application.__path__, "monitr.application."):
        for found in vars(importlib.import_module(module.name)).values():
            if is_dataclass(found) and isinstance(found, type) and found.__module__ == module.name:
                call = vars(found).get("__call__")
                if call is not None and "principal" in inspect.signature(call).parameters:
                    yield found


USE_CASES = list(use_cases())


def test_the_search_finds_the_use_cases() -> None:
    names = {found.__name__ for found in USE_CASES}
    assert {"RemoveAdministration", "ListDossiers", "FollowImport", "ReadWebhookEvents"} <= names
    assert len(names) == 21


@pytest.mark.parametrize("use_case", USE_CASES)
async def test_a_use_case_asks_for_its_permission_before_anything_else(use_case: Any) -> None:
    required = use_case.requires
    untouched = use_case(*(Untouched() for _ in fields(use_case)))
    arguments, named = sample_arguments(use_case.__call__)

    for principal in unprivileged(required):
        assert await untouched(principal, *arguments, **named) == Failure(Forbidden(required))


def of_an_administration(use_case: Any) -> bool:
    named = {AdministrationId, Sequence[AdministrationId], ImportRunId}
    return any(hint in named for name, hint in get_type_hints(use_case.__call__).items() if name != "return")


@pytest.mark.parametrize("use_case", [found for found in USE_CASES if of_an_administration(found)])
@pytest.mark.parametrize("reaches", [True, False])
async def test_what_a_token_leaves_out_is_as_if_not_there(use_case: Any, reaches: bool, narrowed: Principal) -> None:
    world = FakeTransactions([INTEGRATION], administrations=[BOOKS], runs=[RUN])
    before = deepcopy(world.committed)
    asks = Principal(MINE, "olga", frozenset({Role.ORGANISATION_ADMIN})) if reaches else narrowed

    arguments, named = sample_arguments(use_case.__call__)
    outcome = await the_instance(use_case, world)(asks, *arguments, **named)

    unknown = (Failure(UnknownAdministration(BOOKS.id)), Failure(UnknownImport(RUN.id)))
    if use_case is FollowImport:
        async for _ in outcome.unwrap():
            assert reaches
            break
    else:
        assert (outcome in unknown) is not reaches
    if not reaches:
        assert world.committed == before


def the_instance(use_case: type, world: FakeTransactions) -> Any:
    known = the_use_cases(world, FakeOctopus(), FakeOctopusLogin())
    hub = ProgressHub(FakeProgress(world), timedelta(milliseconds=10))
    all_of_them = [getattr(known, field.name) for field in fields(known)]
    return next(
        each for each in [*all_of_them, FollowImport(opening(FakeReaders(world)), hub)] if isinstance(each, use_case)
    )


# --- the read side --------------------------------------------------------------------------------------------------

QUESTIONS: Mapping[str, Any] = {name: each for name, each in vars(Reading).items() if not name.startswith("_")}
TYPED = [
    (name, type)
    for name, question in QUESTIONS.items()
    for type in (OutstandingItemType if OutstandingItemType in get_type_hints(question).values() else [None])
]
"""Each question, and those about open items once for each type."""


BESIDE_NAMES = ("last_imports", "dataset_states", "calls_today", "next_import", "freshness")
"""What a card leaves out for who sees names only."""


def required_for(name: str, type: OutstandingItemType | None) -> Permission:
    declared: tuple[Permission, ...] = QUESTIONS[name].requires
    return declared[list(OutstandingItemType).index(type)] if type else declared[0]


@asynccontextmanager
async def a_reading(principal: Principal) -> AsyncIterator[tuple[Reading, FakeReaders]]:
    world = FakeTransactions([INTEGRATION], administrations=[BOOKS], runs=[RUN], reports=[REPORT])
    world.committed.audit.append((MINE, import_started(RUN, BOOKS, "anna")))
    readers = FakeReaders(world)
    async with opening(readers)(principal) as reading:
        yield reading, readers


async def asked(reading: Reading, name: str, type: OutstandingItemType | None) -> object:
    """The answer, or Forbidden."""
    arguments, named = sample_arguments(inspect.unwrap(QUESTIONS[name]), item="1", **({"type": type} if type else {}))
    try:
        return await getattr(reading, name)(*arguments, **named)
    except NotPermitted as refused:
        return refused.forbidden


def tells_nothing(answer: object) -> bool:
    return not answer or (isinstance(answer, Mapping) and not any(answer.values()))


def test_whatever_the_database_is_asked_is_a_question_with_a_permission() -> None:
    ported = {name for name in dir(Reader) if not name.startswith("_")}
    assert ported - set(QUESTIONS) == {"timeline"}  # two questions: of an integration, and of an administration
    assert all(QUESTIONS[name].requires for name in QUESTIONS)


@pytest.mark.parametrize(("name", "type"), TYPED)
async def test_a_question_reads_nothing_for_who_may_not_ask_it(name: str, type: OutstandingItemType | None) -> None:
    required = required_for(name, type)
    for principal in unprivileged(required):
        async with a_reading(principal) as (reading, readers):
            answer = await asked(reading, name, type)
            assert readers.opened == 0
            assert tells_nothing(answer) if name in BESIDE_NAMES else answer == Forbidden(required)


@pytest.mark.parametrize(("name", "type"), TYPED)
async def test_a_question_answers_who_may_ask_it(name: str, type: OutstandingItemType | None) -> None:
    everything = Principal(MINE, "olga", frozenset({Role.ORGANISATION_ADMIN}))
    async with a_reading(everything) as (reading, _):
        answer = await asked(reading, name, type)
        assert not isinstance(answer, Forbidden)
        assert name == "next_import" or not tells_nothing(answer)


ABOUT_AN_ADMINISTRATION = {AdministrationId, Sequence[AdministrationId], Administration, ImportRunId}
KNOWN_WHEN_READ = ("administrations_of", "found_administrations", "import_run", "nodes")
"""The reader is told whose administrations are meant, or the answer has to be read before that is known."""
NONE_OF_THE_LIST: Page[Administration] = Page([], [], has_next=False, has_previous=False)
OF_THE_ORGANISATION = {"providers", "integrations", "timeline_of_integration", "audit_trail", "reports"}


@pytest.mark.parametrize(("name", "type"), [case for case in TYPED if case[0] not in OF_THE_ORGANISATION])
async def test_a_question_about_what_a_token_leaves_out_is_not_answered(
    name: str, type: OutstandingItemType | None, narrowed: Principal
) -> None:
    async with a_reading(narrowed) as (reading, readers):
        answer = await asked(reading, name, type)
        assert tells_nothing(answer) or isinstance(answer, Forbidden) or answer == NONE_OF_THE_LIST
        assert readers.calls == [] or name in KNOWN_WHEN_READ


@pytest.mark.parametrize("name", sorted(OF_THE_ORGANISATION))
def test_what_is_of_the_whole_organisation_names_no_administration(name: str) -> None:
    assert not ABOUT_AN_ADMINISTRATION & set(get_type_hints(inspect.unwrap(QUESTIONS[name])).values())


async def test_names_are_all_that_is_left_of_what_the_imports_have_found() -> None:
    """``tests/contract/operations.md``: id, dossier number, name, status and provider."""
    receivables_only = Principal(MINE, "rita", frozenset({Role.RECEIVABLES_ONLY}))
    async with a_reading(receivables_only) as (reading, _):
        (integration,) = await reading.integrations()
        (books,) = (await reading.administrations([BOOKS.id])).values()

    assert (integration.id, integration.status) == (INTEGRATION.id, INTEGRATION.status)
    assert (integration.authorized_at, integration.authorization_expires_at, integration.last_error) == (None,) * 3
    assert (books.id, books.dossier, books.name, books.status) == (BOOKS.id, BOOKS.dossier, BOOKS.name, BOOKS.status)
    assert (books.vat_number, books.last_successful_import_at) == (None, None)


def test_entrypoints_hold_no_rule() -> None:
    rule = re.compile(r"(?<!\")\bPermission\b|\.may\(|\brequire\(|\bGRANTS\b")
    assert [str(file) for file in ENTRYPOINTS.rglob("*.py") if rule.search(file.read_text(encoding="utf-8"))] == []
