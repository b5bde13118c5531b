"""An import that somebody's action brings about, beside those that are under way."""

from monitr.application.ports import UnitOfWork
from monitr.domain.administration import Administration
from monitr.domain.audit import import_goes_on, import_started
from monitr.domain.import_run import ImportRun


async def queue_or_join(work: UnitOfWork, run: ImportRun, administration: Administration, actor: str) -> None:
    """An administration has one active run at most: ``run`` is queued where there is none. One that was told to stop,
    and whose worker has not come to its next checkpoint yet, goes on. The administration is locked."""
    active = await work.imports.active(run.administration_id)
    if active is None:
        await work.imports.add(run)
        await work.audit.append(import_started(run, administration, actor))
    elif active.cancel_requested:
        await work.imports.save(active.wanted_again())
        await work.audit.append(import_goes_on(active, administration, actor))
