"""The problems of the application as members of result unions: one type each, with the fields that it shows."""

from collections.abc import Mapping
from dataclasses import astuple
from uuid import UUID

import strawberry

from monitr.application import problems
from monitr.domain import roles
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.types.own_reports import MappingRule, Report


@strawberry.interface
class Problem:
    """What a person can cause or repair, and why nothing was done. Each code is explained in docs/errors.md."""

    code: str
    """Stable, for programs: `UNKNOWN_ADMINISTRATION`."""
    message: str
    """A sentence for people; it may be worded anew."""


def rendered(problem: problems.Problem, as_given: Mapping[UUID, str]) -> Problem:
    """With the fields of its type, and an id as the caller has written it."""
    if isinstance(problem, problems.Unknown):
        (id,) = astuple(problem)
        problem = type(problem)(as_given.get(id, id))
    return shown(RENDERED[type(problem)], problem, **_computed(problem))


def _computed(problem: problems.Problem) -> dict[str, object]:
    """The fields that are shown otherwise than the application has them."""
    match problem:
        case problems.ReportChanged(current):
            return {"current": Report.of(current)}
        case problems.InvalidReport(rules=rules):
            return {"rules": [MappingRule.of(rule) for rule in rules]}
        case _:
            return {}


@strawberry.type
class NotConfigured(Problem):
    """Octopus is not set up here: the operator has to set its software house id."""


@strawberry.type
class Forbidden(Problem):
    """The roles in the token do not allow this."""


@strawberry.type
class UnknownIntegration(Problem):
    """There is no such integration here: unknown, malformed, removed, or another organisation's."""

    integration_id: strawberry.ID
    """The id as it was given."""


@strawberry.type
class UnknownAdministration(Problem):
    """There is no such administration here: unknown, malformed, removed, or another organisation's."""

    administration_id: strawberry.ID
    """The id as it was given."""


@strawberry.type
class UnknownImport(Problem):
    """There is no such import run here: unknown, malformed, removed, or another organisation's."""

    import_id: strawberry.ID
    """The id as it was given."""


@strawberry.type
class UnknownWebhookTarget(Problem):
    """There is no such webhook target here: unknown, malformed, deleted, or another organisation's."""

    target_id: strawberry.ID
    """The id as it was given."""


@strawberry.type
class InvalidReturnTo(Problem):
    """`returnTo` is an address of no allowed origin."""

    return_to: str
    """The address as it was given."""


@strawberry.type
class NotAuthorized(Problem):
    """The integration has no valid authorisation: reconnect it."""


@strawberry.type
class OctopusDown(Problem):
    """Octopus did not answer within ten seconds; nothing was changed."""


@strawberry.type
class DailyMaximumReached(Problem):
    """Octopus's daily maximum of this request is used up; `message` says until when."""


@strawberry.type
class DossierNotSelectable(Problem):
    """One of the dossiers cannot be selected, so none was; `message` says why."""

    dossier_number: int
    """The first that cannot be selected."""


@strawberry.type
class InvalidWebhookAddress(Problem):
    """Webhooks are not sent to this address: docs/webhooks.md says which are accepted."""


@strawberry.type
class TooManyWebhookTargets(Problem):
    """The organisation has ten targets: delete one first."""


@strawberry.type
class UnknownReport(Problem):
    """There is no such report here: unknown, malformed, deleted, or another organisation's."""

    report_id: strawberry.ID
    """The id as it was given."""


@strawberry.type
class ReportChanged(Problem):
    """Another version was saved in the meantime; nothing was saved now."""

    current: Report
    """That version: make the changes there, and save it with its `version`."""


@strawberry.type
class InvalidReport(Problem):
    """The report contradicts itself: two rules of equal width for one account, a line without parent, a circle, a line
    that is not there, a key twice. Nothing was saved."""

    line_key: str | None
    """The line that is wrong; null: none is, or it is a matter of `rules`."""
    rules: list[MappingRule]
    """Those that contradict each other or are wrong; empty: it is a matter of a line."""


RENDERED: Mapping[type, type[Problem]] = {
    problems.NotConfigured: NotConfigured,
    roles.Forbidden: Forbidden,
    problems.UnknownIntegration: UnknownIntegration,
    problems.UnknownAdministration: UnknownAdministration,
    problems.UnknownImport: UnknownImport,
    problems.UnknownWebhookTarget: UnknownWebhookTarget,
    problems.InvalidReturnTo: InvalidReturnTo,
    problems.NotAuthorized: NotAuthorized,
    problems.OctopusDown: OctopusDown,
    problems.DailyMaximumReached: DailyMaximumReached,
    problems.DossierNotSelectable: DossierNotSelectable,
    problems.InvalidWebhookAddress: InvalidWebhookAddress,
    problems.TooManyWebhookTargets: TooManyWebhookTargets,
    problems.UnknownReport: UnknownReport,
    problems.ReportChanged: ReportChanged,
    problems.InvalidReport: InvalidReport,
}
"""The type of each problem of the application."""
