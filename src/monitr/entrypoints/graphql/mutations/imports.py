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
from monitr.entrypoints.graphql.types.sentences import WithMessage


@strawberry.input
class StartImportsInput:
    administration_ids: list[strawberry.ID]
    mode: ImportMode | None = ImportMode.INCREMENTAL


@strawberry.input
class CancelImportInput:
    import_id: strawberry.ID


@strawberry.type(description="Why one administration was not imported: COOL_DOWN or RECONNECT_REQUIRED.")
class ImportRefusal(WithMessage):
    administration_id: strawberry.ID
    code: str


@strawberry.type
class ImportsStarted:
    imports: list[ImportRun]
    refused: list[ImportRefusal]
    joined: list[strawberry.ID] = strawberry.field(description="Those of the imports that were under way already.")

    @classmethod
    def of(cls, started: start_imports.ImportsStarted) -> "ImportsStarted":
        return cls(
            imports=[ImportRun.of(run) for run in started.imports],
            refused=[shown(ImportRefusal, refusal) for refusal in started.refused],
            joined=[strawberry.ID(str(run.id)) for run in started.imports if run.id in started.joined],
        )


@strawberry.type
class ImportCancelled:
    import_: ImportRun = strawberry.field(name="import")


@strawberry.type
class ImportMutations:
    @mutation(start_imports.StartImports, '"Sync now". One run for each administration that is not refused.')
    async def start_imports(self, info: Info, input: StartImportsInput) -> ImportsStarted | Problem:
        operation, texts = info.context, within_limit(input.administration_ids, "input.administrationIds")
        ids = [AdministrationId(operation.id(text)) for text in texts]
        mode = input.mode or ImportMode.INCREMENTAL
        return await answer(info, operation.use_cases.start_imports(operation.principal, ids, mode), ImportsStarted.of)

    @mutation(cancel_import.CancelImport, "Stops at the next checkpoint; what was published stays.")
    async def cancel_import(self, info: Info, input: CancelImportInput) -> ImportCancelled | Problem:
        operation = info.context
        doing = operation.use_cases.cancel_import(operation.principal, ImportRunId(operation.id(input.import_id)))
        return await answer(info, doing, lambda run: ImportCancelled(import_=ImportRun.of(run)))
