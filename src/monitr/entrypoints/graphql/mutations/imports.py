"""The mutations about imports."""

import strawberry

from monitr.application import cancel_import, start_imports
from monitr.domain.import_run import ImportMode, ImportRunId
from monitr.domain.organisation import AdministrationId
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.paging import within_limit
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.mutations.outcome import answer, mutation
from monitr.entrypoints.graphql.mutations.problems import Problem
from monitr.entrypoints.graphql.types.imports import ImportRun


@strawberry.input
class StartImportsInput:
    """Which administrations to import, and how."""

    administration_ids: list[strawberry.ID]
    """The `id`s of the `Administration`s, 500 at most. One that is unknown starts none: UnknownAdministration."""
    mode: ImportMode | None = ImportMode.INCREMENTAL
    """How much to read; null: INCREMENTAL."""


@strawberry.input
class CancelImportInput:
    """Which run is to be cancelled."""

    import_id: strawberry.ID
    """The `id` of an `ImportRun`."""


@strawberry.type
class ImportRefusal:
    """Why one administration is not imported."""

    administration_id: strawberry.ID
    """The `id` of the `Administration`."""
    code: str
    """COOL_DOWN: it was imported just now. RECONNECT_REQUIRED: its integration has to be authorised again."""
    message: str
    """The reason as a sentence for people."""


@strawberry.type
class ImportsStarted:
    """What became of each administration."""

    imports: list[ImportRun]
    """One run for each administration that is not refused: a new one, or the one that is under way already."""
    refused: list[ImportRefusal]
    """The administrations that are not imported."""
    joined: list[strawberry.ID]
    """The ids of those `imports` that were under way already."""

    @classmethod
    def of(cls, started: start_imports.ImportsStarted) -> "ImportsStarted":
        return cls(
            imports=[ImportRun.of(run) for run in started.imports],
            refused=[shown(ImportRefusal, refusal) for refusal in started.refused],
            joined=[strawberry.ID(str(run.id)) for run in started.imports if run.id in started.joined],
        )


@strawberry.type
class ImportCancelled:
    """The run was cancelled, or will be at its next checkpoint."""

    import_: ImportRun = strawberry.field(name="import")
    """The run as it is now."""


@strawberry.type
class ImportMutations:
    @mutation(start_imports.StartImports)
    async def start_imports(self, info: Info, input: StartImportsInput) -> ImportsStarted | Problem:
        """*Sync now*, for one administration or several. There is no cool-down after a run that failed or was
        cancelled, nor after reconnecting."""
        operation, texts = info.context, within_limit(input.administration_ids, "input.administrationIds")
        ids = [AdministrationId(operation.id(text)) for text in texts]
        mode = input.mode or ImportMode.INCREMENTAL
        return await answer(info, operation.use_cases.start_imports(operation.principal, ids, mode), ImportsStarted.of)

    @mutation(cancel_import.CancelImport)
    async def cancel_import(self, info: Info, input: CancelImportInput) -> ImportCancelled | Problem:
        """Stops a run at its next checkpoint; what was published stays."""
        operation = info.context
        doing = operation.use_cases.cancel_import(operation.principal, ImportRunId(operation.id(input.import_id)))
        return await answer(info, doing, lambda run: ImportCancelled(import_=ImportRun.of(run)))
