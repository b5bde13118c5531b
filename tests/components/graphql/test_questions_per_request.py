"""How many questions each operation of the front end asks of the reading port: each is one SQL statement, or a fixed
small number of them, so a page costs the same however many rows it has."""

from typing import Any

import pytest

from monitr.application.reading.master_data import NamedAccount
from monitr.domain.administration import Dossier, DossierNumber
from tests.components.graphql.an_api import Api, an_api
from tests.components.graphql.fake_reader import FakeBooks, a_line
from tests.unit.fakes import FakeOctopus, FakeTransactions, a_run, an_administration, an_integration

SPAN = {"from": "2026-01-01", "to": "2026-12-31"}
CARD = ["administrations_of", "last_imports", "dataset_states"]
ROW = ["last_imports", "dataset_states", "integrations"]
NAMES = ["accounts", "relations_by_number", "cost_centres"]

QUESTIONS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "IntegrationCards": ({}, ["integrations", *CARD]),
    "AvailableDossiers": ({"integrationId": "INTEGRATION"}, ["integrations", *CARD, "last_imports"]),
    "ConnectIntegration": ({"provider": "OCTOPUS"}, []),
    "ReconnectIntegration": ({"integrationId": "INTEGRATION"}, []),
    "SelectAdministrations": ({"integrationId": "INTEGRATION", "dossierNumbers": [1, 2]}, ROW),
    "RemoveAdministration": ({"administrationId": "ADMINISTRATION"}, []),
    "DeleteIntegration": ({"integrationId": "INTEGRATION"}, []),
    "StartImports": ({"administrationIds": ["ADMINISTRATION"]}, []),
    "CancelImport": ({"importId": "RUN"}, []),
    "ImportHistory": ({"administrationId": "ADMINISTRATION"}, ["administrations", "imports", *ROW]),
    "Administrations": (
        {},
        ["found_administrations", "freshness", "integrations", "administrations_of", "calls_today"],
    ),
    "NodeById": ({"id": "ADMINISTRATION"}, ["nodes"]),
    "Viewer": ({}, []),
    "LedgerBasics": (
        {"administrationId": "ADMINISTRATION"},
        ["administrations", "bookyears", "journals", "accounts", "cost_centres", "relations"],
    ),
    "Transactions": ({"administrationId": "ADMINISTRATION"}, ["administrations", "transactions", *NAMES]),
    "TransactionPage": (
        {"administrationId": "ADMINISTRATION", "last": 200},
        ["administrations", "transactions", "bookings", *NAMES[:2]],
    ),
    "Booking": (
        {"administrationId": "ADMINISTRATION", "bookingCode": "2-V1-17"},
        ["administrations", "bookings", "booking_lines", *NAMES],
    ),
    "TrialBalance": ({"administrationId": "ADMINISTRATION", **SPAN}, ["administrations", "trial_balance"]),
    "MonthlyBalances": (
        {"administrationId": "ADMINISTRATION", "byDimension": "COST_CENTRE", **SPAN},
        ["administrations", "monthly_balances", "cost_centres"],
    ),
    "StatutoryStatement": (
        {"administrationId": "ADMINISTRATION", "kind": "BALANCE_SHEET", **SPAN},
        ["administrations", "statement", "freshness"],
    ),
    "MonthlyResults": ({"administrationId": "ADMINISTRATION", **SPAN}, ["administrations", "monthly_results"]),
    "OutstandingItems": (
        {"administrationId": "ADMINISTRATION", "type": "RECEIVABLE"},
        ["administrations", "outstanding_reports", "outstanding_by_relation", "outstanding_items", NAMES[1]],
    ),
    "OutstandingHistory": (
        {
            "administrationId": "ADMINISTRATION",
            "type": "RECEIVABLE",
            "dates": [f"2026-{month:02d}-28" for month in range(1, 12)] + ["2025-12-31", "2025-11-30"],
        },
        [
            *("administrations", "outstanding_reports", "outstanding_by_relation", "days_outstanding", "freshness"),
            NAMES[1],
        ],
    ),
    "FixedAssets": (
        {"administrationId": "ADMINISTRATION"},
        ["administrations", "asset_categories", "fixed_assets", "depreciation_schedule", NAMES[1]],
    ),
}


def a_busy_organisation() -> tuple[Api, dict[str, str]]:
    """Five administrations, a page of three hundred lines on a hundred accounts."""
    integration = an_integration()
    administrations = [
        an_administration(integration_id=integration.id, dossier=DossierNumber(number)) for number in range(1, 6)
    ]
    runs = [a_run(administration) for administration in administrations]
    books = FakeBooks(
        lines=[a_line(ordinal=n, account=600000 + n % 100, relation=7, cost_centre=3) for n in range(300)],
        accounts=[NamedAccount(600000 + n, f"Account {n}", (2,)) for n in range(100)],
    )
    listed = tuple(Dossier(row.dossier, row.name, None) for row in administrations)
    world = FakeTransactions([integration], (), administrations, runs)
    ids = {"INTEGRATION": str(integration.id), "ADMINISTRATION": str(administrations[0].id), "RUN": str(runs[0].id)}
    return an_api(world, books=books, octopus=FakeOctopus(listed=listed)), ids


@pytest.mark.parametrize("operation", QUESTIONS)
async def test_an_operation_asks_a_fixed_number_of_questions_in_one_transaction(operation: str) -> None:
    api, ids = a_busy_organisation()
    variables, expected = QUESTIONS[operation]
    named = {
        name: [ids.get(entry, entry) if isinstance(entry, str) else entry for entry in value]
        if isinstance(value, list)
        else ids.get(value, value)
        for name, value in variables.items()
    }

    answer = await api.operation(operation, **named)

    assert answer["errors"] == []
    if operation == "AvailableDossiers":  # Octopus is asked in between, with no transaction open
        assert len(api.readers.calls) <= 6
        assert api.readers.opened <= 2
    else:
        assert sorted(api.readers.calls) == sorted(expected)
        assert api.readers.opened == (1 if expected else 0)
    assert api.readers.open == 0
