"""Names and VAT numbers follow Octopus's list of dossiers (issue 11, point 8)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from monitr.application.follow_dossiers import FollowDossiers
from monitr.application.list_dossiers import ListDossiers
from monitr.application.octopus import (
    AuthorizationRejected,
    InvalidAnswer,
    ListedDossiers,
    OctopusUnavailable,
    QuotaSpent,
)
from monitr.domain.administration import Administration, AdministrationStatus, Dossier, DossierNumber
from monitr.domain.import_run import ImportMode, ImportTrigger
from monitr.domain.integration import Integration, IntegrationId
from tests.unit.application.oauth_world import CODE, OAuthWorld
from tests.unit.fakes import (
    NOON,
    FakeOctopus,
    FakeTransactions,
    a_principal,
    a_run,
    an_administration,
    an_integration,
)

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ONE, TWO = DossierNumber(1), DossierNumber(2)
RENAMED = (Dossier(ONE, "Nieuw BV", "BE0123456749"), Dossier(TWO, "Autre SRL", None))


@dataclass
class CountingOctopus(FakeOctopus):
    """``meanwhile`` happens while it is asked."""

    asked: int = 0
    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def dossiers(self, integration: IntegrationId) -> ListedDossiers:
        self.asked += 1
        if self.meanwhile is not None:
            await self.meanwhile()
        return await FakeOctopus.dossiers(self, integration)


@dataclass
class Login:
    """An integration with two administrations, both called Oud BV, and the list that Octopus has of them."""

    integration: Integration = field(default_factory=an_integration)
    octopus: CountingOctopus = field(default_factory=lambda: CountingOctopus(listed=RENAMED))
    now: datetime = NOON

    def __post_init__(self) -> None:
        self.administrations = [
            an_administration(integration_id=self.integration.id, dossier=number, name="Oud BV")
            for number in (ONE, TWO)
        ]
        self.transactions = FakeTransactions([self.integration], administrations=self.administrations)
        self.follow = FollowDossiers(self.transactions, self.octopus, lambda: self.now)

    @property
    def names(self) -> list[tuple[str, str | None]]:
        return [(it.name, it.vat_number) for it in self.transactions.administrations]

    async def imports(
        self, mode: ImportMode = ImportMode.INCREMENTAL, trigger: ImportTrigger = ImportTrigger.SCHEDULE
    ) -> None:
        run = a_run(self.administrations[0], mode=mode, trigger=trigger, queued_at=self.now)
        await self.follow(self.integration.id, run)


AS_LISTED = [(dossier.name, dossier.vat_number) for dossier in RENAMED]
AS_BEFORE = [("Oud BV", "BE0000000097")] * 2


@pytest.mark.parametrize("trigger", ImportTrigger)
@pytest.mark.parametrize("mode", ImportMode)
async def test_an_import_describes_every_administration_of_the_login(mode: ImportMode, trigger: ImportTrigger) -> None:
    login = Login()

    await login.imports(mode, trigger)

    assert login.names == AS_LISTED


async def test_the_picker_describes_every_administration_of_the_login() -> None:
    login = Login()

    listed = (await ListDossiers(login.transactions, login.octopus)(a_principal(), login.integration.id)).unwrap()

    assert login.names == AS_LISTED
    assert [row.administration.name for row in listed if row.administration] == ["Nieuw BV", "Autre SRL"]


async def test_a_reconnection_describes_every_administration_and_counts_as_asked() -> None:
    world = OAuthWorld(integration := an_integration().rejected())
    old = an_administration(integration_id=integration.id, dossier=ONE, name="Oud BV")
    world.transactions.committed.administrations[old.id] = old
    world.octopus.listed = RENAMED
    begun = await world.at_octopus(reconnecting=integration.id)

    await world.complete(begun.state, CODE, begun.browser)

    described = world.transactions.administration(old.id)
    assert (described.name, described.vat_number) == ("Nieuw BV", "BE0123456749")
    assert world.transactions.integration(integration.id).dossiers_asked_at == NOON


# --- how often it is asked for ----------------------------------------------------------------------------------------


async def test_of_all_imports_of_a_login_one_an_hour_asks() -> None:
    login = Login()
    for minutes in range(0, 24 * 60, 5):
        login.now = NOON + minutes * MINUTE
        await login.imports()

    assert login.octopus.asked == 24


async def test_of_two_workers_at_the_same_moment_one_asks() -> None:
    login = Login()
    login.octopus.meanwhile = login.imports

    await login.imports()

    assert login.octopus.asked == 1


@pytest.mark.parametrize("trigger", [ImportTrigger.SYNC_NOW, ImportTrigger.FIRST, ImportTrigger.RECONNECT])
async def test_a_full_import_that_somebody_started_asks_at_once(trigger: ImportTrigger) -> None:
    login = Login()
    await login.imports()
    login.now += MINUTE

    await login.imports(ImportMode.FULL, trigger)

    assert login.octopus.asked == 2


async def test_three_hundred_full_imports_that_were_started_together_ask_once() -> None:
    login = Login()
    runs = [a_run(mode=ImportMode.FULL, queued_at=NOON) for _ in range(300)]
    for run in runs:
        login.now += MINUTE / 10
        await login.follow(login.integration.id, run)

    assert login.octopus.asked == 1


@pytest.mark.parametrize("trigger", [ImportTrigger.SCHEDULE, ImportTrigger.DEEP_READ])
async def test_full_imports_of_the_schedule_keep_to_the_hour(trigger: ImportTrigger) -> None:
    login = Login()
    await login.imports()
    login.now += MINUTE

    await login.imports(ImportMode.FULL, trigger)

    assert login.octopus.asked == 1


async def test_a_moment_that_has_not_come_is_of_a_wrong_clock_and_asks_anew() -> None:
    login = Login(an_integration(dossiers_asked_at=NOON + timedelta(days=400)))

    await login.imports()

    assert login.names == AS_LISTED


async def test_an_integration_that_is_gone_is_not_asked_for() -> None:
    login = Login()
    login.transactions.committed.integrations.clear()

    await login.imports()

    assert login.octopus.asked == 0


# --- what changes nothing ---------------------------------------------------------------------------------------------

TROUBLES = [
    OctopusUnavailable("no answer"),
    InvalidAnswer("HTML"),
    AuthorizationRejected("invalid_grant"),
    QuotaSpent("dossiers", NOON + HOUR),
    TimeoutError(),
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda it: type(it).__name__)
async def test_what_goes_wrong_does_not_disturb_the_import_and_is_tried_an_hour_later(trouble: Exception) -> None:
    login = Login()

    async def fail() -> None:
        raise trouble

    login.octopus.meanwhile = fail
    await login.imports()
    before = login.names
    login.octopus.meanwhile = None
    login.now += MINUTE
    await login.imports()
    asked = login.octopus.asked
    login.now += HOUR
    await login.imports()

    assert (before, asked) == (AS_BEFORE, 1)
    assert login.names == AS_LISTED


@pytest.mark.parametrize(
    "listed",
    [
        (),
        (Dossier(DossierNumber(3), "Somebody else", None),),
        (Dossier(ONE, "", "BE1"), Dossier(TWO, "2", None)),
        (Dossier(ONE, "  ", None), Dossier(TWO, " 2 ", None)),
    ],
    ids=["nothing", "others", "no names", "blank names"],
)
async def test_a_list_that_says_nothing_of_them_changes_nothing(listed: tuple[Dossier, ...]) -> None:
    login = Login()
    login.octopus.listed = listed
    login.octopus.unreadable = 2

    await login.imports(ImportMode.FULL)

    assert login.names == AS_BEFORE
    assert {it.status for it in login.transactions.administrations} == {AdministrationStatus.ACTIVE}


async def test_what_was_removed_or_is_of_another_login_stays_as_it_was() -> None:
    login = Login()
    removed = login.administrations[0].delete(NOON, HOUR)
    elsewhere = an_administration(dossier=TWO, name="Oud BV")
    login.transactions.committed.administrations |= {it.id: it for it in (removed, elsewhere)}

    await login.imports()

    assert [_named(login, it) for it in (removed, elsewhere)] == ["Oud BV", "Oud BV"]


def _named(login: Login, administration: Administration) -> str:
    return login.transactions.administration(administration.id).name
