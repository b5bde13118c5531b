"""Complaints that others live with, each with the public address that it comes from: here it is otherwise."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from returns.result import Failure
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.tenancy import transaction
from monitr.adapters.sql.reading import SqlReaders
from monitr.application.problems import UnknownAdministration
from monitr.application.remove_administration import RemoveAdministration
from monitr.application.start_imports import StartImports
from monitr.domain.import_run import Dataset, ImportMode, ImportRun, ImportStatus, ImportTrigger
from monitr.domain.organisation import AdministrationId
from octopus_sandbox import SandboxSettings, Switches
from octopus_sandbox.books import Books
from octopus_sandbox.books.entries import Document, credit, debit
from octopus_sandbox.books.second_transfer import SecondTransfer, transfer_again
from octopus_sandbox.clock import Clock
from octopus_sandbox.switches import ResultTransfer
from octopus_sandbox.testing import SandboxServer
from tests.integration.importing.reports import assert_all_equals
from tests.integration.importing.truth import assert_equals_the_books, ledger_of
from tests.integration.importing.world import World, a_world, checks

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOSSIER = 49001
LAST_OF_OLD, TODAY = date(2025, 12, 31), date(2026, 11, 20)
LEDGER = "getReportModifiedBooking"
REST = "getModifiedAccountAmounts", "getReportOpenClient", "getReportOpenSupplier"


async def at_once(seconds: float) -> None:
    """No waiting between the attempts of a read."""


class Imported:
    """One dossier that was imported once."""

    def __init__(self, world: World, id: AdministrationId) -> None:
        self.world = world
        self.id = id

    @property
    def books(self) -> Books:
        return self.world.sandbox.books(DOSSIER)

    async def sync(self, mode: ImportMode = ImportMode.INCREMENTAL) -> ImportRun:
        self.pass_by(timedelta(hours=7))
        return await self.world.sync(self.id, mode)

    def pass_by(self, time: timedelta) -> None:
        self.world.sandbox.clock.advance(time)

    async def assert_is_right(self, run: ImportRun) -> None:
        assert (run.status, checks(run)) == (ImportStatus.SUCCEEDED, {})
        await assert_all_equals(self.world, self.id, self.world.sandbox.truth(DOSSIER), self.books)


class _Anew:
    """``async with imported(engine) as it``."""

    def __init__(self, engine: AsyncEngine, **switches: object) -> None:
        given = Switches(daily_limits=False, **switches)  # type: ignore[arg-type]  # switches by name
        self.engine = engine
        self.sandbox = SandboxServer(SandboxSettings(lines=200, bookyears=2, switches=given), Clock(NOW))
