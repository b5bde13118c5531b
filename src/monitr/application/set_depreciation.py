"""Fixed assets: a user says how a category or one asset is depreciated. The schedule goes on from there."""

from dataclasses import dataclass
from typing import ClassVar

from returns.result import Failure, Result, Success

from monitr.application.ports import Transactions
from monitr.application.problems import UnknownAdministration
from monitr.domain.accounting.asset_settings import PlanTarget
from monitr.domain.accounting.depreciation import DepreciationPlan
from monitr.domain.audit import settings_changed
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import Forbidden, Permission, Principal


@dataclass(frozen=True, slots=True)
class SetDepreciation:
    requires: ClassVar[Permission] = Permission.MANAGE_REPORTS

    transactions: Transactions

    async def __call__(
        self, principal: Principal, id: AdministrationId, target: PlanTarget, plan: DepreciationPlan | None
    ) -> Result[AdministrationId, UnknownAdministration | Forbidden]:
        """None takes the setting away."""
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        if not principal.may(self.requires, id):
            return Failure(UnknownAdministration(id))
        async with self.transactions(principal.organisation) as work:
            administration = await work.administrations.find(principal.organisation, id)
            if administration is None or not administration.is_alive:
                return Failure(UnknownAdministration(id))
            await work.asset_settings.set_plan(id, target, plan)
            said = f"{plan.method} over {plan.useful_life_months} months" if plan else "not set any more"
            detail = f"Fixed assets: the depreciation of {target} is {said}."
            await work.audit.append(settings_changed(administration, principal.subject, detail))
            await work.commit()
        return Success(id)
