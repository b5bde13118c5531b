"""The problems of the application as members of result unions: one type each, with the fields that it shows."""

from collections.abc import Mapping
from dataclasses import astuple, make_dataclass
from uuid import UUID

import strawberry

from monitr.application import problems
from monitr.domain.roles import Forbidden
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.types.own_reports import MappingRule, Report
from monitr.entrypoints.graphql.types.sentences import WithMessage


@strawberry.interface(description="What a person can cause or repair. Each code is explained in docs/errors.md.")
class Problem(WithMessage):
    code: str


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


def _type(name: str, description: str | None = None, **fields: object) -> type[Problem]:
    """A problem that shows these fields beside its code and message."""
    return strawberry.type(make_dataclass(name, fields.items(), bases=(Problem,)), description=description)


RENDERED: Mapping[type, type[Problem]] = {
    problems.NotConfigured: _type("NotConfigured"),
    Forbidden: _type("Forbidden", "The roles in the token do not allow this."),
    problems.UnknownIntegration: _type("UnknownIntegration", integration_id=strawberry.ID),
    problems.UnknownAdministration: _type("UnknownAdministration", administration_id=strawberry.ID),
    problems.UnknownImport: _type("UnknownImport", import_id=strawberry.ID),
    problems.UnknownWebhookTarget: _type("UnknownWebhookTarget", target_id=strawberry.ID),
    problems.InvalidReturnTo: _type("InvalidReturnTo", "returnTo is an address of no allowed origin.", return_to=str),
    problems.NotAuthorized: _type("NotAuthorized", "The integration has no valid authorisation: reconnect it."),
    problems.OctopusDown: _type("OctopusDown", "Octopus does not answer."),
    problems.DailyMaximumReached: _type("DailyMaximumReached", "Octopus's daily maximum of this request is used up."),
    problems.DossierNotSelectable: _type(
        "DossierNotSelectable", "One of the dossiers cannot be selected, so none was.", dossier_number=int
    ),
    problems.InvalidWebhookAddress: _type(
        "InvalidWebhookAddress", "docs/webhooks.md says which addresses are accepted."
    ),
    problems.TooManyWebhookTargets: _type("TooManyWebhookTargets"),
    problems.UnknownReport: _type("UnknownReport", report_id=strawberry.ID),
    problems.ReportChanged: _type("ReportChanged", "Another version was saved in the meantime.", current=Report),
    problems.InvalidReport: _type(
        "InvalidReport",
        "Two rules of equal width for one account, a line without parent, a circle, an unknown line.",
        line_key=str | None,
        rules=list[MappingRule],
    ),
}
"""The type of each problem of the application."""
