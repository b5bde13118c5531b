"""Units of work that lock the same rows in different orders wait for each other until PostgreSQL breaks one off."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from monitr.application.cancel_import import CancelImport
from monitr.application.complete_authorization import CompleteAuthorization
from monitr.application.delete_integration import DeleteIntegration
from monitr.application.follow_dossiers import FollowDossiers
from monitr.application.list_dossiers import ListDossiers
from monitr.application.ports import Transactions
from monitr.application.remove_administration import RemoveAdministration
from monitr.application.select_administrations import SelectAdministrations
from monitr.application.start_imports import StartImports
from monitr.domain.administration import Dossier, DossierNumber
from monitr.domain.authorization import Purpose
from monitr.domain.import_run import ImportMode, ImportRun
from tests.unit.fakes import (
    MINE,
    NOON,
    FakeOctopus,
    FakeOctopusLogin,
    FakeTransactions,
    a_principal,
    a_run,
    an_administration,
    an_authorization,
    an_integration,
    some_tokens,
)

RETENTION = timedelta(days=30)
HERE, ELSEWHERE = an_integration(), an_integration()
ADMINISTRATIONS = [
    an_administration(integration_id=integration.id, dossier=DossierNumber(number))
    for number, integration in ((1, HERE), (2, ELSEWHERE), (3, HERE))
]
RUNS = [a_run(administration) for administration in ADMINISTRATIONS]
OCTOPUS = FakeOctopus(listed=tuple(Dossier(DossierNumber(number), "any", None) for number in (1, 2, 3)))
BELONGS_TO: dict[object, object] = {
    **{administration.id: administration.integration_id for administration in ADMINISTRATIONS},
    **{run.id: run.administration_id for run in RUNS},
}


async def _reconnected(transactions: Transactions) -> None:
    """The callback of a reconnection; its round is stored first."""
    round_ = an_authorization(integration_id=HERE.id, purpose=Purpose.RECONNECT).started("browser", "state", None)
    async with transactions(MINE) as work:
        await work.authorizations.save(round_)
        await work.commit()
    login = FakeOctopusLogin({"code": some_tokens()})
    (await CompleteAuthorization(transactions, login, OCTOPUS, lambda: NOON)("state", "code", "browser")).unwrap()


USE_CASES: dict[str, Callable[[Transactions], Awaitable[object]]] = {
    "select": lambda of: SelectAdministrations(of, OCTOPUS, lambda: NOON, uuid4)(a_principal(), HERE.id, [1, 2, 3]),
    "remove": lambda of: RemoveAdministration(of, lambda: NOON, RETENTION)(a_principal(), ADMINISTRATIONS[0].id),
    "delete": lambda of: DeleteIntegration(of, lambda: NOON, RETENTION)(a_principal(), HERE.id),
    "start": lambda of: StartImports(of, lambda: NOON, uuid4, timedelta())(
        a_principal(), [administration.id for administration in ADMINISTRATIONS], ImportMode.INCREMENTAL
    ),
    "list": lambda of: ListDossiers(of, OCTOPUS)(a_principal(), HERE.id),
    "follow": lambda of: FollowDossiers(of, OCTOPUS, lambda: NOON)(HERE.id, RUNS[0]),
    "reconnect": lambda of: _reconnected(of),
    "cancel": lambda of: CancelImport(of, lambda: NOON)(a_principal(), RUNS[0].id),
}


@pytest.mark.parametrize("use_case", USE_CASES)
@pytest.mark.parametrize("runs", [RUNS, [RUNS[0].cancelled(NOON)]], ids=["active", "ended"])
async def test_what_a_row_belongs_to_is_locked_before_it(use_case: str, runs: list[ImportRun]) -> None:
    """Integrations before their administrations, administrations before their runs."""
    transactions = FakeTransactions([HERE, ELSEWHERE], administrations=ADMINISTRATIONS, runs=runs)

    await USE_CASES[use_case](transactions)

    too_late = [
        (row, order)
        for order in transactions.lock_orders
        for position, row in enumerate(order)
        if BELONGS_TO.get(row) in order[position:]
    ]
    assert transactions.lock_orders
    assert too_late == []
