"""Fixed assets: a user says what an account of classes 20 to 28 holds, where the ledger does not tell it right."""

from dataclasses import dataclass
from typing import ClassVar

from returns.result import Failure, Result, Success

from monitr.application.ports import Transactions
from monitr.application.problems import UnknownAdministration
from monitr.domain.accounting.account import account_text
from monitr.domain.accounting.asset_accounts import AssetRole
from monitr.domain.audit import settings_changed
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import Forbidden, Permission, Principal


@dataclass(frozen=True, slots=True)
class SetAssetRole:
    requires: ClassVar[Permission] = Permission.MANAGE_REPORTS

    transactions: Transactions

    async def __call__(
        self, principal: Principal, id: AdministrationId, account: int, role: AssetRole | None
    ) -> Result[AdministrationId, UnknownAdministration | Forbidden]:
        """None goes back to the rule. ``account`` is one of classes 20 to 28."""
        if not principal.may(self.requires):
            return Failure(Forbidden(self.requires))
        if not principal.may(self.requires, id):
            return Failure(UnknownAdministration(id))
        async with self.transactions(principal.organisation) as work:
            administration = await work.administrations.find(principal.organisation, id)
            if administration is None or not administration.is_alive:
                return Failure(UnknownAdministration(id))
            await work.asset_settings.set_role(id, account, role)
            said = role.value if role else "by the rule"
            detail = f"Fixed assets: the role of account {account_text(account)} is {said}."
            await work.audit.append(settings_changed(administration, principal.subject, detail))
            await work.commit()
        return Success(id)
