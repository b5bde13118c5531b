"""The read side: plain rows by key-set pages (decision 5), and which permission each question requires (decision 15).

A module a subject holds the port that the database serves, beside its rows; ``Reading`` is what everybody else asks.
"""

from monitr.application.reading.asking import NotPermitted
from monitr.application.reading.cards import CardReader, DatasetState, Provider
from monitr.application.reading.fixed_assets import (
    AssetCategory,
    AssetOrigin,
    DepreciationMonth,
    FixedAssetReader,
    FixedAssetRow,
)
from monitr.application.reading.import_history import (
    BookingChange,
    BookingChangeKind,
    FirstSeen,
    HistoryReader,
    RecordedEvent,
)
from monitr.application.reading.ledger import (
    DimensionFilter,
    EntryType,
    LedgerReader,
    TransactionFilter,
    TransactionRow,
)
from monitr.application.reading.master_data import COST_CENTRE, Dimension, MasterDataReader, NamedAccount
from monitr.application.reading.outstanding_items import (
    BucketTotal,
    OutstandingItemRow,
    OutstandingReader,
    OutstandingSummary,
    PastDateNotAvailable,
    RelationTotal,
)
from monitr.application.reading.pages import InvalidCursor, Page
from monitr.application.reading.progress import Progress, RunChanges
from monitr.application.reading.reader import Reader, Readers
from monitr.application.reading.reading import OpenReading, Reading, opening
from monitr.application.reading.reports import MonthlyBalance, ReportReader, TrialBalance, TrialBalanceRow

__all__ = [
    "COST_CENTRE",
    "AssetCategory",
    "AssetOrigin",
    "BookingChange",
    "BookingChangeKind",
    "BucketTotal",
    "CardReader",
    "DatasetState",
    "DepreciationMonth",
    "Dimension",
    "DimensionFilter",
    "EntryType",
    "FirstSeen",
    "FixedAssetReader",
    "FixedAssetRow",
    "HistoryReader",
    "InvalidCursor",
    "LedgerReader",
    "MasterDataReader",
    "MonthlyBalance",
    "NamedAccount",
    "NotPermitted",
    "OpenReading",
    "OutstandingItemRow",
    "OutstandingReader",
    "OutstandingSummary",
    "Page",
    "PastDateNotAvailable",
    "Progress",
    "Provider",
    "Reader",
    "Readers",
    "Reading",
    "RecordedEvent",
    "RelationTotal",
    "ReportReader",
    "RunChanges",
    "TransactionFilter",
    "TransactionRow",
    "TrialBalance",
    "TrialBalanceRow",
    "opening",
]
