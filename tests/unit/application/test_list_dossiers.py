from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from returns.result import Failure

from monitr.application.list_dossiers import ALREADY_SELECTED, ListDossiers
from monitr.application.octopus import (
    AuthorizationRejected,
    InvalidAnswer,
    OctopusError,
    OctopusUnavailable,
    QuotaSpent,
)
from monitr.application.problems import DailyMaximumReached, NotAuthorized, OctopusDown, UnknownIntegration
from monitr.domain.administration import Administration, Dossier, DossierNumber
from monitr.domain.integration import Integration, IntegrationId
from monitr.domain.organisation import OrganisationId
from monitr.domain.words.sentence import Sentence
from tests.unit.fakes import (
    NOON,
    FakeOctopus,
    FakeTransactions,
    a_principal,
    an_administration,
    an_integration,
    an_integration_awaiting_consent,
)

DEMO = Dossier(DossierNumber(49555), "Demo BV", "BE0000000097")
OTHER = Dossier(DossierNumber(60001), "Andere NV", None)
TOMORROW = NOON + timedelta(hours=11)


def a_list(integration: Integration, octopus: FakeOctopus, *selected: Administration) -> ListDossiers:
    return ListDossiers(FakeTransactions([integration], administrations=selected), octopus)


async def test_a_dossier_that_nobody_selected_can_be_selected() -> None:
    dossiers = a_list(mine := an_integration(), FakeOctopus(listed=(DEMO,)))

    (listed,) = (await dossiers(a_principal(), mine.id)).unwrap()

    assert (listed.dossier, listed.reason, listed.administration) == (DEMO, None, None)


async def test_dossiers_come_in_octopuss_order() -> None:
    dossiers = a_list(mine := an_integration(), FakeOctopus(listed=(OTHER, DEMO)))

    assert [row.dossier for row in (await dossiers(a_principal(), mine.id)).unwrap()] == [OTHER, DEMO]


async def test_a_dossier_that_octopus_does_not_open_cannot_be_selected_and_says_why() -> None:
    octopus = FakeOctopus(listed=(DEMO, OTHER), refusals={DEMO.number: "it is disabled."})
    dossiers = a_list(mine := an_integration(), octopus)

    refused, fine = (await dossiers(a_principal(), mine.id)).unwrap()

    assert (str(refused.reason), fine.reason) == ("it is disabled.", None)


async def test_a_dossier_that_is_selected_here_is_shown_with_its_administration() -> None:
    mine = an_integration()
    selected = an_administration(integration_id=mine.id)
    dossiers = a_list(mine, FakeOctopus(listed=(DEMO,)), selected)

    (listed,) = (await dossiers(a_principal(), mine.id)).unwrap()

    assert (listed.reason, listed.administration) == (ALREADY_SELECTED, selected)


async def test_a_dossier_of_another_integration_can_be_selected_and_moves_then() -> None:
    elsewhere = an_administration()
    dossiers = a_list(mine := an_integration(), FakeOctopus(listed=(DEMO,)), elsewhere)

    (listed,) = (await dossiers(a_principal(), mine.id)).unwrap()

    assert (listed.reason, listed.administration) == (None, elsewhere)


async def test_a_removed_administration_is_not_shown_and_can_be_selected_again() -> None:
    mine = an_integration()
    removed = an_administration(integration_id=mine.id).delete(NOON, timedelta(days=30))
    dossiers = a_list(mine, FakeOctopus(listed=(DEMO,)), removed)

    (listed,) = (await dossiers(a_principal(), mine.id)).unwrap()

    assert (listed.reason, listed.administration) == (None, None)


async def test_another_organisations_administration_of_the_same_dossier_does_not_show() -> None:
    theirs = an_administration(organisation_id=OrganisationId(uuid4()))
    dossiers = a_list(mine := an_integration(), FakeOctopus(listed=(DEMO,)), theirs)

    (listed,) = (await dossiers(a_principal(), mine.id)).unwrap()

    assert (listed.reason, listed.administration) == (None, None)


@dataclass
class OctopusThatCounts(FakeOctopus):
    """Connect calls have a daily maximum."""

    tried: int = 0

    async def refusal(
        self, integration: IntegrationId, dossier: DossierNumber, *, lately: bool = False
    ) -> Sentence | None:
        self.tried += 1
        return await FakeOctopus.refusal(self, integration, dossier)


async def test_only_dossiers_that_are_not_selected_are_tried() -> None:
    octopus = OctopusThatCounts(listed=(DEMO, OTHER))
    dossiers = a_list(mine := an_integration(), octopus, an_administration(integration_id=mine.id))

    await dossiers(a_principal(), mine.id)

    assert octopus.tried == 1


async def test_what_is_unknown_deleted_or_of_others_lists_nothing() -> None:
    octopus = FakeOctopus(listed=(DEMO,))
    theirs = an_integration(organisation_id=OrganisationId(uuid4()))

    for integration in (an_integration().delete(), theirs):
        dossiers = a_list(integration, octopus)
        assert await dossiers(a_principal(), integration.id) == Failure(UnknownIntegration(integration.id))
    assert octopus.listed_for == []


@pytest.mark.parametrize("integration", [an_integration_awaiting_consent(), an_integration().rejected()])
async def test_without_a_valid_authorisation_octopus_is_not_asked(integration: Integration) -> None:
    octopus = FakeOctopus(listed=(DEMO,))

    assert await a_list(integration, octopus)(a_principal(), integration.id) == Failure(NotAuthorized())
    assert octopus.listed_for == []


TROUBLES = [
    (AuthorizationRejected("invalid_grant"), NotAuthorized()),
    (OctopusUnavailable("no answer"), OctopusDown()),
    (InvalidAnswer("HTML"), OctopusDown()),
    (QuotaSpent("GET /dossiers", TOMORROW), DailyMaximumReached(TOMORROW)),
]


@pytest.mark.parametrize(("trouble", "problem"), TROUBLES)
async def test_what_is_wrong_at_octopus_is_told(trouble: OctopusError, problem: object) -> None:
    dossiers = a_list(mine := an_integration(), FakeOctopus(listed=(DEMO,), fails=trouble))

    assert await dossiers(a_principal(), mine.id) == Failure(problem)


@dataclass
class OctopusThatListsOnly(FakeOctopus):
    async def refusal(
        self, integration: IntegrationId, dossier: DossierNumber, *, lately: bool = False
    ) -> Sentence | None:
        raise QuotaSpent("POST /dossiers", TOMORROW)


async def test_a_maximum_that_is_reached_while_dossiers_are_tried_is_told() -> None:
    dossiers = a_list(mine := an_integration(), OctopusThatListsOnly(listed=(DEMO,)))

    assert await dossiers(a_principal(), mine.id) == Failure(DailyMaximumReached(TOMORROW))
