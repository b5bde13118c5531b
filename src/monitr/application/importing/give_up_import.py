"""An import that broke off again and again by a fault of ours: it ends, so that somebody sees it."""

from dataclasses import dataclass

from monitr.application.ports import Claim, Clock, Transactions
from monitr.domain.codes import ExplanationCode
from monitr.domain.explanation import Explanation

INTERNAL = Explanation.of(ExplanationCode.INTERNAL)


@dataclass(frozen=True, slots=True)
class GiveUpImport:
    """Called by the worker that holds the run."""

    transactions: Transactions
    clock: Clock

    async def __call__(self, claim: Claim) -> None:
        async with self.transactions(claim.organisation_id) as work:
            run = await work.imports.find(claim.organisation_id, claim.run_id)
            if run is not None and not run.status.is_final:
                await work.imports.save(run.fail(self.clock(), INTERNAL))
                await work.commit()
