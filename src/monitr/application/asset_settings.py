"""Fixed assets: what a user says about them where the ledger does not tell it, or not right."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from returns.result import Failure, Result, Success

from monitr.application.ports import AssetSettingsStore, Transactions
from monitr.application.problems import UnknownAdministration
from monitr.domain.accounting.account import account_text
from monitr.domain.accounting.asset_accounts import AssetRole
from monitr.domain.accounting.asset_settings import PlanTarget
from monitr.domain.accounting.depreciation import DepreciationPlan
from monitr.domain.audit import settings_changed
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import Forbidden, Permission, Principal

Outcome: TypeAlias = Result[AdministrationId, UnknownAdministration | Forbidden]


@dataclass(frozen=True, slots=True)
class _ChangesSettings:
    requires: ClassVar[Permission] = Permission.MANAGE_REPORTS

    transactions: Transactions

    async def _change(
        self,
        principal: Principal,
        id: AdministrationId,
        change: Callable[[AssetSettingsStore], Awaitable[None]],
        said: str,
    ) -> Outcome:
        """``said`` is for the trail."""
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        if not principal.may(self.requires, id):
            return Failure(UnknownAdministration(id))
        async with self.transactions(principal.organisation) as work:
            administration = await work.administrations.find(principal.organisation, id)
            if administration is None or not administration.is_alive:
                return Failure(UnknownAdministration(id))
            await change(work.asset_settings)
            await work.audit.append(settings_changed(administration, principal.subject, f"Fixed assets: {said}."))
            await work.commit()
        return Success(id)


@dataclass(frozen=True, slots=True)
class SetAssetRole(_ChangesSettings):
    """What an account of classes 20 to 28 holds."""

    async def __call__(
        self, principal: Principal, id: AdministrationId, account: int, role: AssetRole | None
    ) -> Outcome:
        """None goes back to the rule. ``account`` is one of classes 20 to 28."""
        said = f"the role of account {account_text(account)} is {role.value if role else 'by the rule'}"
        return await self._change(principal, id, lambda settings: settings.set_role(id, account, role), said)


@dataclass(frozen=True, slots=True)
class SetDepreciation(_ChangesSettings):
    """How a category or one asset is depreciated. The schedule goes on from there."""

    async def __call__(
        self, principal: Principal, id: AdministrationId, target: PlanTarget, plan: DepreciationPlan | None
    ) -> Outcome:
        """None takes the setting away."""
        how = f"{plan.method} over {plan.useful_life_months} months" if plan else "not set any more"
        said = f"the depreciation of {target} is {how}"
        return await self._change(principal, id, lambda settings: settings.set_plan(id, target, plan), said)
