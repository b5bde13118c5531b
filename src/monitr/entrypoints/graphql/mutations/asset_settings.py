"""The mutations of the Fixed Assets module."""

from datetime import timedelta
from decimal import Decimal

import strawberry

from monitr.application import asset_settings
from monitr.application.reading.fixed_assets import AssetOrigin
from monitr.application.reading.opaque_ids import OpaqueId, asset_of
from monitr.domain.accounting.account import account_text
from monitr.domain.accounting.asset_accounts import AssetRole, is_fixed_asset
from monitr.domain.accounting.asset_settings import PlanTarget, plan_for, target_of_asset, target_of_category
from monitr.domain.accounting.depreciation import DepreciationMethod, DepreciationPlan, InvalidPlan
from monitr.domain.organisation import AdministrationId
from monitr.domain.words.sentence import Sentence, quoted
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.errors import BadUserInput
from monitr.entrypoints.graphql.mutations.outcome import answer, mutation
from monitr.entrypoints.graphql.mutations.problems import Problem
from monitr.entrypoints.graphql.types.filters import account_number
from monitr.entrypoints.graphql.types.fixed_assets import FixedAssets

RESULT = "AssetSettingsResult"
BOOKED_AHEAD = timedelta(days=366)
"""Assets that are acquired by then have been booked already, as a rule those of this bookyear and the next."""


@strawberry.input
class SetAssetRoleInput:
    """What an account holds, said by hand."""

    administration_id: strawberry.ID
    """The `id` of an `Administration`."""
    account: str
    """An account number of classes 20 to 28: `230000`."""
    role: AssetRole | None
    """Null: back to what its number says."""


@strawberry.input
class SetDepreciationInput:
    """How a category or one asset is depreciated: either `category` or `assetId`."""

    administration_id: strawberry.ID
    """The `id` of an `Administration`."""
    category: str | None
    """The key of an `AssetCategory`: `230`."""
    asset_id: strawberry.ID | None
    """The `id` of a `FixedAsset`, whose setting comes before its category's."""
    method: DepreciationMethod | None
    """Null: the setting is taken away."""
    useful_life_months: int | None
    """1 to 1200; required with a method."""
    residual_value: Decimal | None
    """What is left of one asset at the end, not negative; null: nothing."""
    full_first_year: bool | None = False
    """Whether the year of acquisition is charged in full; else by its days. Null: false."""


@strawberry.type
class AssetSettingsSaved:
    """The setting is saved, and counts at once."""

    fixed_assets: FixedAssets
    """The fixed assets as of today, with the setting."""


@strawberry.type
class AssetMutations:
    @mutation(asset_settings.SetAssetRole, result=RESULT)
    async def set_asset_role(self, info: Info, input: SetAssetRoleInput) -> AssetSettingsSaved | Problem:
        """Says what an account of classes 20 to 28 holds, where its number does not; `role: null` goes back to the
        rule."""
        operation, id = info.context, AdministrationId(info.context.id(input.administration_id))
        account = account_number(input.account, "input.account")
        if not is_fixed_asset(account):
            raise BadUserInput("input.account", Sentence.of("input.NO_FIXED_ASSET"))
        if input.role is not None:
            await _expect_account(info, id, account)
        doing = operation.use_cases.set_asset_role(operation.principal, id, account, input.role)
        return await answer(info, doing, lambda saved: _saved(info, saved))

    @mutation(asset_settings.SetDepreciation, result=RESULT)
    async def set_depreciation(self, info: Info, input: SetDepreciationInput) -> AssetSettingsSaved | Problem:
        """Sets how a category or one asset is depreciated, for the planned months of the schedule; `method: null` takes
        the setting away."""
        operation, id = info.context, AdministrationId(info.context.id(input.administration_id))
        target, plan = _target(input), _plan(input)
        if input.asset_id is not None and plan is not None:
            await _expect_asset(info, id, input.asset_id)
        doing = operation.use_cases.set_depreciation(operation.principal, id, target, plan)
        return await answer(info, doing, lambda saved: _saved(info, saved))


async def _expect_account(info: Info, id: AdministrationId, number: int) -> None:
    """What is taken away may be gone already; of an administration that is not there the use case tells."""
    reading = info.context.reading
    if await reading.administrations([id]):
        known = {one.account.number for one in await reading.asset_accounts(id)}
        if number not in known:
            named = Sentence.of("input.NO_SUCH_ASSET_ACCOUNT", value=account_text(number))
            raise BadUserInput("input.account", named)


async def _expect_asset(info: Info, id: AdministrationId, given: str) -> None:
    """As ``_expect_account``."""
    reading, named = info.context.reading, OpaqueId.parse(given)
    if await reading.administrations([id]):
        asset, by_then = asset_of(given), info.context.today() + BOOKED_AHEAD
        is_its_own = named is None or named.administration == id
        if asset is None or not is_its_own or await reading.fixed_asset(id, by_then, asset) is None:
            raise BadUserInput("input.assetId", Sentence.of("input.NO_SUCH_ASSET", value=quoted(given)))


def _target(input: SetDepreciationInput) -> PlanTarget:
    if (input.category is None) is (input.asset_id is None):
        raise BadUserInput("input", Sentence.of("input.EITHER_CATEGORY_OR_ASSET"))
    if input.asset_id is not None:
        if (asset := asset_of(input.asset_id)) is None:
            raise BadUserInput("input.assetId", Sentence.of("input.NO_SUCH_ONE"))
        return target_of_asset(asset)
    try:
        return target_of_category(str(input.category))
    except ValueError:
        raise BadUserInput("input.category", Sentence.of("input.NO_SUCH_ONE")) from None


def _plan(input: SetDepreciationInput) -> DepreciationPlan | None:
    if input.method is None:
        return None
    try:
        full = bool(input.full_first_year)
        return plan_for(input.method, input.useful_life_months, input.residual_value, full_first_year=full)
    except InvalidPlan as invalid:
        raise BadUserInput("input", invalid.sentence) from None


def _saved(info: Info, id: AdministrationId) -> AssetSettingsSaved:
    origin = AssetOrigin.DERIVED_FROM_LEDGER
    return AssetSettingsSaved(fixed_assets=FixedAssets(as_of=info.context.today(), administration_id=id, origin=origin))
