"""The enums of the contract. Those of the domain are registered as they are; the others exist only here."""

from enum import Enum

import strawberry

from monitr.application.reading.cards import Provider
from monitr.application.reading.fixed_assets import AssetOrigin
from monitr.application.reading.import_history import BookingChangeKind
from monitr.application.reading.ledger import EntryType
from monitr.domain.accounting.account import AccountKind
from monitr.domain.accounting.asset_accounts import AssetRole
from monitr.domain.accounting.asset_register import AssetStatus
from monitr.domain.accounting.balances import EffectKind
from monitr.domain.accounting.depreciation import DepreciationMethod
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.accounting.statements.columns import Comparison, StatementInterval
from monitr.domain.accounting.statements.layout import NormalSide, StatementKind
from monitr.domain.accounting.statements.rubrics import LegalForm, StatementModel
from monitr.domain.accounting.verification import VerificationStatus
from monitr.domain.administration import AdministrationStatus
from monitr.domain.import_run import Dataset, DatasetImportStatus, ImportMode, ImportStatus, ImportTrigger
from monitr.domain.integration import IntegrationStatus

strawberry.enum(AssetOrigin)
strawberry.enum(Comparison)
strawberry.enum(EffectKind, name="OpeningEffectKind")
strawberry.enum(LegalForm)
strawberry.enum(NormalSide)
strawberry.enum(StatementInterval)
strawberry.enum(StatementKind)
strawberry.enum(StatementModel)
strawberry.enum(AssetRole)
strawberry.enum(AssetStatus)
strawberry.enum(DepreciationMethod)
strawberry.enum(BookingChangeKind)
strawberry.enum(EntryType)
strawberry.enum(AccountKind)
strawberry.enum(AdministrationStatus)
strawberry.enum(Dataset)
strawberry.enum(DatasetImportStatus)
strawberry.enum(ImportMode)
strawberry.enum(ImportStatus)
strawberry.enum(ImportTrigger)
strawberry.enum(IntegrationStatus)
strawberry.enum(OutstandingItemType)
strawberry.enum(Provider, name="ProviderKey")
strawberry.enum(VerificationStatus)


@strawberry.enum
class ProviderCategory(Enum):
    """The tabs of the Integrations page."""

    ACCOUNTING_SOFTWARE = "ACCOUNTING_SOFTWARE"
    """Bookkeeping programs: Octopus."""


@strawberry.enum
class AuthenticationKind(Enum):
    """How a provider is connected."""

    OAUTH2 = "OAUTH2"
    """The user logs in at the provider, in the browser, and allows the access."""


@strawberry.enum
class DatasetStatus(Enum):
    """How fresh a dataset of an administration is."""

    NEVER = "NEVER"
    """It has never been read."""
    FRESH = "FRESH"
    """Its last reading is recent."""
    STALE = "STALE"
    """The last successful reading is older than two scheduled imports."""
    FAILED = "FAILED"
    """Its last reading failed; what was read before stays."""
