"""What a person can cause or repair: the closed union of problems that use cases answer with.

Each has a ``code``, which the front end switches on, and a ``message`` for the user; ``docs/errors.md`` lists them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from monitr.domain.accounting.statements.own_reports import MappingRule, Report
from monitr.domain.codes import ProblemCode
from monitr.domain.roles import Forbidden


class _Told:
    """``text`` is the message, a format of the problem itself."""

    __slots__ = ()
    code: ClassVar[ProblemCode]
    text: ClassVar[str]

    @property
    def message(self) -> str:
        return self.text.format(it=self)


@dataclass(frozen=True, slots=True)
class UnknownIntegration(_Told):
    integration_id: UUID | str
    code = ProblemCode.UNKNOWN_INTEGRATION
    text = "There is no integration {it.integration_id} here."


@dataclass(frozen=True, slots=True)
class UnknownAdministration(_Told):
    administration_id: UUID | str
    code = ProblemCode.UNKNOWN_ADMINISTRATION
    text = "There is no administration {it.administration_id} here."


@dataclass(frozen=True, slots=True)
class UnknownImport(_Told):
    import_id: UUID | str
    code = ProblemCode.UNKNOWN_IMPORT
    text = "There is no import {it.import_id} here."


@dataclass(frozen=True, slots=True)
class ImportEnded(_Told):
    """There is nothing left to cancel."""

    import_id: UUID
    code = ProblemCode.IMPORT_ENDED
    text = "This import has ended already: there is nothing left to cancel."


@dataclass(frozen=True, slots=True)
class UnknownWebhookTarget(_Told):
    target_id: UUID | str
    code = ProblemCode.UNKNOWN_WEBHOOK_TARGET
    text = "There is no webhook target {it.target_id} here."


@dataclass(frozen=True, slots=True)
class UnknownReport(_Told):
    report_id: UUID | str
    code = ProblemCode.UNKNOWN_REPORT
    text = "There is no report {it.report_id} here."


@dataclass(frozen=True, slots=True)
class NotConfigured(_Told):
    code = ProblemCode.NOT_CONFIGURED
    text = "Octopus is not set up here: MONITR_OCTOPUS_CLIENT_ID holds no software house id. Ask your operator."


@dataclass(frozen=True, slots=True)
class InvalidReturnTo(_Told):
    return_to: str
    code = ProblemCode.INVALID_RETURN_TO
    text = (
        "The browser cannot be sent to {it.return_to!r} afterwards: "
        "use an address of this service or of one of MONITR_FRONTEND_ORIGINS."
    )


@dataclass(frozen=True, slots=True)
class NotAuthorized(_Told):
    """The integration has no valid authorisation (yet, or any more)."""

    code = ProblemCode.RECONNECT_REQUIRED
    text = "Octopus does not accept the authorisation of this integration. Reconnect it and try again."


@dataclass(frozen=True, slots=True)
class OctopusDown(_Told):
    code = ProblemCode.OCTOPUS_UNAVAILABLE
    text = "Octopus does not answer at the moment. Nothing was changed; try again in a few minutes."


@dataclass(frozen=True, slots=True)
class DailyMaximumReached(_Told):
    until: datetime
    code = ProblemCode.QUOTA_SPENT
    text = "Octopus allows no more of these requests today. Try again after {it.until:%Y-%m-%d %H:%M} UTC."


@dataclass(frozen=True, slots=True)
class DossierNotSelectable(_Told):
    dossier_number: int
    reason: str
    code = ProblemCode.DOSSIER_NOT_SELECTABLE
    text = "Dossier {it.dossier_number} cannot be selected: {it.reason}"


@dataclass(frozen=True, slots=True)
class InvalidWebhookAddress(_Told):
    """``reason`` is a sentence."""

    reason: str
    code = ProblemCode.INVALID_WEBHOOK_ADDRESS
    text = "Webhooks cannot be sent to this address: {it.reason}"


@dataclass(frozen=True, slots=True)
class TooManyWebhookTargets(_Told):
    most: int
    code = ProblemCode.TOO_MANY_WEBHOOK_TARGETS
    text = "An organisation can have {it.most} webhook targets. Delete one first."


@dataclass(frozen=True, slots=True)
class ReportChanged(_Told):
    """Somebody has saved another version in the meantime: ``current``."""

    current: Report
    code = ProblemCode.REPORT_CHANGED
    text = "“{it.current.name}” was changed by {it.current.changed_by} in the meantime. Nothing was saved."


@dataclass(frozen=True, slots=True)
class InvalidReport(_Told):
    """``why`` is a sentence with names in it."""

    why: str
    line_key: str | None
    rules: tuple[MappingRule, ...]
    code = ProblemCode.INVALID_REPORT
    text = "{it.why}"


Unknown = UnknownIntegration | UnknownAdministration | UnknownImport | UnknownWebhookTarget | UnknownReport
Problem = (
    Unknown
    | ImportEnded
    | NotConfigured
    | Forbidden
    | InvalidReturnTo
    | NotAuthorized
    | OctopusDown
    | DailyMaximumReached
    | DossierNotSelectable
    | InvalidWebhookAddress
    | TooManyWebhookTargets
    | ReportChanged
    | InvalidReport
)
"""All there are."""
