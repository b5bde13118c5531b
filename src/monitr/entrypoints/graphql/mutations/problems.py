"""The problems of the application as members of result unions: one type each, with the fields that it shows."""

from collections.abc import Callable, Mapping
from dataclasses import astuple, fields
from typing import TypeVar
from uuid import UUID

import strawberry

from monitr.application import problems
from monitr.domain import roles


@strawberry.interface(description="What a person can cause or repair. Each code is explained in docs/errors.md.")
class Problem:
    code: str
    message: str


P = TypeVar("P", bound=Problem)
RENDERED: dict[type, type[Problem]] = {}
"""The type of each problem of the application."""
_UNKNOWN = (
    problems.UnknownIntegration,
    problems.UnknownAdministration,
    problems.UnknownImport,
    problems.UnknownWebhookTarget,
)


def rendered(problem: problems.Problem, as_given: Mapping[UUID, str]) -> Problem:
    """With the fields of its type, read by their names, and an id as the caller has written it."""
    if isinstance(problem, _UNKNOWN):
        (id,) = astuple(problem)
        problem = type(problem)(as_given.get(id, id))
    shown = RENDERED[type(problem)]
    return shown(**{field.name: getattr(problem, field.name) for field in fields(shown)})


def _renders(problem: type[problems.Problem], description: str | None = None) -> Callable[[type[P]], type[P]]:
    def declare(cls: type[P]) -> type[P]:
        RENDERED[problem] = shown = strawberry.type(cls, description=description)
        return shown

    return declare


@_renders(problems.NotConfigured)
class NotConfigured(Problem): ...


@_renders(roles.Forbidden, "The roles in the token do not allow this.")
class Forbidden(Problem): ...


@_renders(problems.UnknownIntegration)
class UnknownIntegration(Problem):
    integration_id: strawberry.ID


@_renders(problems.UnknownAdministration)
class UnknownAdministration(Problem):
    administration_id: strawberry.ID


@_renders(problems.UnknownImport)
class UnknownImport(Problem):
    import_id: strawberry.ID


@_renders(problems.InvalidReturnTo, "returnTo is an address of no allowed origin.")
class InvalidReturnTo(Problem):
    return_to: str


@_renders(problems.NotAuthorized, "The integration has no valid authorisation: reconnect it.")
class NotAuthorized(Problem): ...


@_renders(problems.OctopusDown, "Octopus does not answer.")
class OctopusDown(Problem): ...


@_renders(problems.DailyMaximumReached, "Octopus's daily maximum of this request is used up.")
class DailyMaximumReached(Problem): ...


@_renders(problems.DossierNotSelectable, "One of the dossiers cannot be selected, so none was.")
class DossierNotSelectable(Problem):
    dossier_number: int


@_renders(problems.InvalidWebhookAddress, "docs/webhooks.md says which addresses are accepted.")
class InvalidWebhookAddress(Problem): ...


@_renders(problems.TooManyWebhookTargets)
class TooManyWebhookTargets(Problem): ...


@_renders(problems.UnknownWebhookTarget)
class UnknownWebhookTarget(Problem):
    target_id: strawberry.ID
