"""What users have set about fixed assets."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.database.tenancy import OWN_ADMINISTRATION
from monitr.domain.accounting.asset_accounts import AssetRole
from monitr.domain.accounting.asset_settings import PlanTarget
from monitr.domain.accounting.depreciation import DepreciationPlan
from monitr.domain.organisation import AdministrationId, OrganisationId

_SET_ROLE = text(f"""
    INSERT INTO asset_role (administration_id, account, role)
    SELECT :administration, :account, :role WHERE {OWN_ADMINISTRATION}
    ON CONFLICT (administration_id, account) DO UPDATE SET role = excluded.role
""")

_FORGET_ROLE = text(f"""
    DELETE FROM asset_role
    WHERE administration_id = :administration AND account = :account AND {OWN_ADMINISTRATION}
""")

_SET_PLAN = text(f"""
    INSERT INTO asset_depreciation
        (administration_id, target, method, useful_life_months, residual_value, full_first_year)
    SELECT :administration, :target, :method, :useful_life_months, :residual_value, :full_first_year
    WHERE {OWN_ADMINISTRATION}
    ON CONFLICT (administration_id, target) DO UPDATE SET
        method = excluded.method, useful_life_months = excluded.useful_life_months,
        residual_value = excluded.residual_value, full_first_year = excluded.full_first_year
""")

_FORGET_PLAN = text(f"""
    DELETE FROM asset_depreciation
    WHERE administration_id = :administration AND target = :target AND {OWN_ADMINISTRATION}
""")


@dataclass(frozen=True, slots=True)
class SqlAssetSettings:
    """The port ``AssetSettingsStore``."""

    connection: AsyncConnection
    organisation: OrganisationId | None

    async def set_role(self, id: AdministrationId, account: int, role: AssetRole | None) -> None:
        key = {"administration": id, "organisation": self.organisation, "account": account}
        if role is None:
            await self.connection.execute(_FORGET_ROLE, key)
        else:
            await self.connection.execute(_SET_ROLE, {**key, "role": role.value})

    async def set_plan(self, id: AdministrationId, target: PlanTarget, plan: DepreciationPlan | None) -> None:
        key = {"administration": id, "organisation": self.organisation, "target": target}
        if plan is None:
            await self.connection.execute(_FORGET_PLAN, key)
        else:
            values = {
                "method": plan.method.value,
                "useful_life_months": plan.useful_life_months,
                "residual_value": plan.residual_value,
                "full_first_year": plan.full_first_year,
            }
            await self.connection.execute(_SET_PLAN, {**key, **values})
