"""``selectable`` says what ``selectAdministrations`` then does, whatever the state of things (issue 11, point 9)."""

from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest
from returns.pipeline import is_successful
from returns.result import Failure

from monitr.application.list_dossiers import ALREADY_SELECTED, ListDossiers
from monitr.application.problems import DossierNotSelectable
from monitr.application.select_administrations import SelectAdministrations
from monitr.domain.administration import Administration, AdministrationStatus, Dossier, DossierNumber
from monitr.domain.integration import Integration
from monitr.domain.organisation import OrganisationId
from monitr.domain.words.sentence import Sentence
from tests.unit.fakes import NOON, FakeOctopus, FakeTransactions, a_principal, an_administration, an_integration

DEMO = Dossier(DossierNumber(49555), "Demo BV", "BE0000000097")
RETENTION = timedelta(days=30)
THEIRS = OrganisationId(uuid4())

DOSSIERS = {
    "opens": None,
    "disabled": "The dossier is disabled in Octopus.",
    "no right": "This Octopus login has no access to the dossier.",
    "no webservice": "The webservice module is not active for this user or dossier in Octopus.",
}
STATUSES = list(AdministrationStatus)
SELECTED = ["nowhere", "here", "elsewhere", "elsewhere, unauthorised", "by others"]


def selected(
    where: str, status: AdministrationStatus, here: Integration
) -> tuple[list[Integration], Administration | None]:
    """The other integration, where there is one, and the administration of DEMO."""
    if where == "nowhere":
        return [], None
    if where == "by others":
        return [], _of(an_integration(organisation_id=THEIRS), status)
    owner = {"here": here, "elsewhere": an_integration()}.get(where) or an_integration().rejected()
    return [owner], _of(owner, status)


def _of(owner: Integration, status: AdministrationStatus) -> Administration:
    live = an_administration(integration_id=owner.id, organisation_id=owner.organisation_id, dossier=DEMO.number)
    if status is AdministrationStatus.DELETED:
        return live.delete(NOON, RETENTION)
    return live if status is AdministrationStatus.ACTIVE else live.unreachable(status)


@pytest.mark.parametrize(("where", "status", "dossier"), list(product(SELECTED, STATUSES, DOSSIERS)))
async def test_what_the_list_says_is_what_selecting_does(
    where: str, status: AdministrationStatus, dossier: str
) -> None:
    here = an_integration()
    others, administration = selected(where, status, here)
    transactions = FakeTransactions([here, *others], administrations=[administration] if administration else [])
    refusal = DOSSIERS[dossier]
    octopus = FakeOctopus(listed=(DEMO,), refusals={DEMO.number: refusal} if refusal else {})
    reason = Sentence.verbatim(refusal) if refusal else None

    (listed,) = (await ListDossiers(transactions, octopus)(a_principal(), here.id)).unwrap()
    before = transactions.administrations, transactions.runs
    outcome = await SelectAdministrations(transactions, octopus, lambda: NOON, uuid4)(
        a_principal(), here.id, [DEMO.number]
    )

    if listed.reason is None:  # selectable: it is selected, and its import queued
        assert is_successful(outcome)
        (mine,) = outcome.unwrap()
        assert (mine.integration_id, mine.status) == (here.id, AdministrationStatus.ACTIVE)
        assert [run.administration_id for run in transactions.runs] == [mine.id]
    elif listed.reason == ALREADY_SELECTED:  # as it is
        assert outcome.unwrap() == (administration,)
        assert (transactions.administrations, transactions.runs) == before
    else:  # refused, in the same words
        assert outcome == Failure(DossierNotSelectable(DEMO.number, listed.reason))
        assert (transactions.administrations, transactions.runs) == before
    is_here = where == "here" and status is not AdministrationStatus.DELETED
    assert listed.reason == (ALREADY_SELECTED if is_here else reason)
    is_shown = where not in ("nowhere", "by others") and status is not AdministrationStatus.DELETED
    assert listed.administration == (administration if is_shown else None)
