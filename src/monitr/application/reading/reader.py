"""The port of the read side: plain rows by key-set pages, straight from the database (decision 5)."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from monitr.application.reading.audit import AuditReader
from monitr.application.reading.cards import CardReader
from monitr.application.reading.fixed_assets import FixedAssetReader
from monitr.application.reading.freshness import FreshnessReader
from monitr.application.reading.import_history import HistoryReader
from monitr.application.reading.ledger import LedgerReader
from monitr.application.reading.master_data import MasterDataReader
from monitr.application.reading.nodes import NodeReader
from monitr.application.reading.outstanding_items import OutstandingReader
from monitr.application.reading.own_reports import OwnReportReader
from monitr.application.reading.quota import QuotaReader
from monitr.application.reading.reports import ReportReader
from monitr.application.reading.statements import StatementReader
from monitr.domain.language import Language
from monitr.domain.organisation import OrganisationId


class Reader(
    CardReader,
    NodeReader,
    QuotaReader,
    HistoryReader,
    MasterDataReader,
    LedgerReader,
    ReportReader,
    StatementReader,
    OwnReportReader,
    FreshnessReader,
    OutstandingReader,
    FixedAssetReader,
    AuditReader,
    Protocol,
):
    """All queries of one organisation, in one read-only transaction with a stable snapshot. Whether who asks may know
    the answer, ``Reading`` has found out."""


class Readers(Protocol):
    """A reader in a transaction of its own; for the length of one request, or of one DataLoader batch."""

    def __call__(
        self, organisation: OrganisationId, language: Language | None = None
    ) -> AbstractAsyncContextManager[Reader]:
        """Names are in the ``language``, where Octopus has them in it; else in the first that is filled."""
        ...
