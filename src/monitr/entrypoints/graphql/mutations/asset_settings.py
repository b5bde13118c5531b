"""The mutations of the Fixed Assets module."""

from decimal import Decimal
from uuid import UUID

import strawberry

from monitr.application import asset_settings
from monitr.application.reading.fixed_assets import AssetOrigin
from monitr.domain.accounting.asset_accounts import AssetRole, is_fixed_asset
from monitr.domain.accounting.asset_settings import PlanTarget, plan_for, target_of_asset, target_of_category
from monitr.domain.accounting.depreciation import DepreciationMethod, DepreciationPlan
from monitr.domain.organisation import AdministrationId
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.errors import BadUserInput
from monitr.entrypoints.graphql.mutations.outcome import answer, mutation
from monitr.entrypoints.graphql.mutations.problems import Problem
from monitr.entrypoints.graphql.types.filters import account_number
from monitr.entrypoints.graphql.types.fixed_assets import FixedAssets

RESULT = "AssetSettingsResult"


@strawberry.input
class SetAssetRoleInput:
    administration_id: strawberry.ID
    account: str
    role: AssetRole | None


@strawberry.input
class SetDepreciationInput:
    administration_id: strawberry.ID
    category: str | None
    asset_id: strawberry.ID | None
    method: DepreciationMethod | None
    useful_life_months: int | None
    residual_value: Decimal | None
    full_first_year: bool | None = False


@strawberry.type
class AssetSettingsSaved:
    fixed_assets: FixedAssets


@strawberry.type
class AssetMutations:
    @mutation(asset_settings.SetAssetRole, "`role: null` goes back to the rule.", result=RESULT)
    async def set_asset_role(self, info: Info, input: SetAssetRoleInput) -> AssetSettingsSaved | Problem:
        operation, id = info.context, AdministrationId(info.context.id(input.administration_id))
        account = account_number(input.account, "input.account")
        if not is_fixed_asset(account):
            raise BadUserInput("input.account", Sentence.of("input.NO_FIXED_ASSET"))
        doing = operation.use_cases.set_asset_role(operation.principal, id, account, input.role)
        return await answer(info, doing, lambda saved: _saved(info, saved))

    @mutation(
        asset_settings.SetDepreciation,
        "For a category or one asset; `method: null` takes the setting away.",
        result=RESULT,
    )
    async def set_depreciation(self, info: Info, input: SetDepreciationInput) -> AssetSettingsSaved | Problem:
        operation, id = info.context, AdministrationId(info.context.id(input.administration_id))
        doing = operation.use_cases.set_depreciation(operation.principal, id, _target(input), _plan(input))
        return await answer(info, doing, lambda saved: _saved(info, saved))


def _target(input: SetDepreciationInput) -> PlanTarget:
    if (input.category is None) is (input.asset_id is None):
        raise BadUserInput("input", Sentence.of("input.EITHER_CATEGORY_OR_ASSET"))
    try:
        if input.category is not None:
            return target_of_category(input.category)
        return target_of_asset(UUID(input.asset_id))
    except ValueError:
        name = "assetId" if input.category is None else "category"
        raise BadUserInput(f"input.{name}", Sentence.of("input.NO_SUCH_ONE")) from None


def _plan(input: SetDepreciationInput) -> DepreciationPlan | None:
    if input.method is None:
        return None
    try:
        full = bool(input.full_first_year)
        return plan_for(input.method, input.useful_life_months, input.residual_value, full_first_year=full)
    except ValueError as invalid:
        raise BadUserInput("input", f"{invalid}.") from None


def _saved(info: Info, id: AdministrationId) -> AssetSettingsSaved:
    origin = AssetOrigin.DERIVED_FROM_LEDGER
    return AssetSettingsSaved(fixed_assets=FixedAssets(as_of=info.context.today(), administration_id=id, origin=origin))
