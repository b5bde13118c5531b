from uuid import UUID

import pytest

from monitr.application.octopus import DossierRefused, QuotaSpent
from monitr.application.problems import (
    DailyMaximumReached,
    DossierNotSelectable,
    InvalidReturnTo,
    NotAuthorized,
    NotConfigured,
    OctopusDown,
    Problem,
    UnknownAdministration,
    UnknownImport,
    UnknownIntegration,
)
from monitr.domain.roles import Forbidden, Permission
from monitr.domain.words.sentence import Sentence
from tests.unit.fakes import NOON

ID = UUID(int=7)


@pytest.mark.parametrize(
    ("problem", "code", "says"),
    [
        (NotConfigured(), "NOT_CONFIGURED", "MONITR_OCTOPUS_CLIENT_ID"),
        (Forbidden(Permission.RUN_IMPORTS), "FORBIDDEN", "administrator of your organisation"),
        (UnknownIntegration(ID), "UNKNOWN_INTEGRATION", str(ID)),
        (UnknownAdministration(ID), "UNKNOWN_ADMINISTRATION", str(ID)),
        (UnknownImport("not an id"), "UNKNOWN_IMPORT", "not an id"),
        (InvalidReturnTo("https://evil.example/\r\n"), "INVALID_RETURN_TO", r"'https://evil.example/\r\n'"),
        (NotAuthorized(), "RECONNECT_REQUIRED", "Reconnect"),
        (OctopusDown(), "OCTOPUS_UNAVAILABLE", "Nothing was changed"),
        (DailyMaximumReached(NOON), "QUOTA_SPENT", "2026-11-22 12:00 UTC"),
        (
            DossierNotSelectable(49555, Sentence.verbatim("it is disabled.")),
            "DOSSIER_NOT_SELECTABLE",
            "49555 cannot be selected: it is",
        ),
    ],
)
def test_a_problem_has_the_code_of_the_contract_and_says_what_to_do(problem: Problem, code: str, says: str) -> None:
    assert problem.code == code
    assert says in problem.message


def test_a_spent_quota_says_what_for_and_until_when() -> None:
    assert str(QuotaSpent("dossiers", NOON)) == "Octopus takes no more dossiers until 2026-11-22 12:00 UTC."


def test_a_refused_dossier_says_why() -> None:
    assert str(DossierRefused(Sentence.of("dossier.DISABLED"))) == "The dossier is disabled in Octopus."
