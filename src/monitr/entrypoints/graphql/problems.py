"""The problems of the application as members of result unions: one type each."""

from typing import Self
from uuid import UUID

import strawberry

from monitr.application import problems


@strawberry.interface(description="What a person can cause or repair. Each code is explained in docs/errors.md.")
class Problem:
    code: str
    message: str


@strawberry.type
class NotConfigured(Problem):
    @classmethod
    def of(cls, problem: problems.NotConfigured) -> Self:
        return cls(code=problem.code, message=problem.message)


@strawberry.type(description="The roles in the token do not allow this.")
class Forbidden(Problem):
    @classmethod
    def of(cls, problem: problems.Forbidden) -> Self:
        return cls(code=problem.code, message=problem.message)


@strawberry.type
class UnknownIntegration(Problem):
    integration_id: strawberry.ID

    @classmethod
    def of(cls, problem: problems.UnknownIntegration) -> Self:
        return cls(code=problem.code, message=problem.message, integration_id=_id(problem.integration_id))


@strawberry.type
class UnknownAdministration(Problem):
    administration_id: strawberry.ID

    @classmethod
    def of(cls, problem: problems.UnknownAdministration) -> Self:
        return cls(code=problem.code, message=problem.message, administration_id=_id(problem.administration_id))


@strawberry.type
class UnknownImport(Problem):
    import_id: strawberry.ID

    @classmethod
    def of(cls, problem: problems.UnknownImport) -> Self:
        return cls(code=problem.code, message=problem.message, import_id=_id(problem.import_id))


@strawberry.type(description="returnTo is an address of no allowed origin.")
class InvalidReturnTo(Problem):
    return_to: str

    @classmethod
    def of(cls, problem: problems.InvalidReturnTo) -> Self:
        return cls(code=problem.code, message=problem.message, return_to=problem.return_to)


@strawberry.type(description="The integration has no valid authorisation: reconnect it.")
class NotAuthorized(Problem):
    @classmethod
    def of(cls, problem: problems.NotAuthorized) -> Self:
        return cls(code=problem.code, message=problem.message)


@strawberry.type(description="Octopus does not answer.")
class OctopusDown(Problem):
    @classmethod
    def of(cls, problem: problems.OctopusDown) -> Self:
        return cls(code=problem.code, message=problem.message)


@strawberry.type(description="Octopus's daily maximum of this request is used up.")
class DailyMaximumReached(Problem):
    @classmethod
    def of(cls, problem: problems.DailyMaximumReached) -> Self:
        return cls(code=problem.code, message=problem.message)


@strawberry.type(description="One of the dossiers cannot be selected, so none was.")
class DossierNotSelectable(Problem):
    dossier_number: int

    @classmethod
    def of(cls, problem: problems.DossierNotSelectable) -> Self:
        return cls(code=problem.code, message=problem.message, dossier_number=problem.dossier_number)


def _id(id: UUID | str) -> strawberry.ID:
    return strawberry.ID(str(id))
