"""The sandbox cannot drift from the vendor's document."""

from pathlib import Path

import pytest

from octopus_sandbox.operations.catalogue import CONNECT_LIMIT, GET_DOSSIERS_LIMIT, OPERATIONS
from tests.integration.sandbox.sandbox_contract import CONTRACT, daily_maximum, operations


def test_the_copy_of_the_document_is_the_one_that_is_shared():
    shared = Path(__file__).parents[4] / "shared" / "octopus" / "openapi-read.json"
    if not shared.exists():
        pytest.skip("the shared folder is not beside this repository")
    assert CONTRACT.read_bytes() == shared.read_bytes()


def test_every_operation_of_the_document_is_served_under_its_address():
    served = {operation.id: (operation.method, f"/dossiers/{{dossierId}}{operation.path}") for operation in OPERATIONS}
    served["authenticateUser"] = ("POST", "/authentication")
    served["getDossiers"] = ("GET", "/dossiers")
    served["connectDossier"] = ("POST", "/dossiers")
    assert served == operations()


def test_the_daily_maxima_are_those_of_the_document():
    ours = {operation.id: operation.limit for operation in OPERATIONS}
    ours |= {"getDossiers": GET_DOSSIERS_LIMIT, "connectDossier": CONNECT_LIMIT}
    assert ours == {name: maximum for name in operations() if (maximum := daily_maximum(name)) is not None}
