"""What a person can cause or repair: the closed union of problems that use cases answer with.

Each has a ``code``, which the front end switches on, and a ``message`` for the user; ``docs/errors.md`` lists them.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from monitr.domain.accounting.statements.own_reports import MappingRule, Report
from monitr.domain.codes import ProblemCode
from monitr.domain.roles import Forbidden
from monitr.domain.words.sentence import Part, Sentence, quoted


class _Told:
    """Its sentence is that of its code; the gaps are filled with the fields, or with ``_parts``."""

    __slots__ = ()
    code: ClassVar[ProblemCode]

    @property
    def sentence(self) -> Sentence:
        return Sentence.of(f"problem.{self.code}", **self._parts())

    @property
    def message(self) -> str:
        """In English."""
        return str(self.sentence)

    def _parts(self) -> dict[str, Part]:
        return {one.name: getattr(self, one.name) for one in fields(self)}  # type: ignore[arg-type]  # all below are dataclasses


@dataclass(frozen=True, slots=True)
class UnknownIntegration(_Told):
    integration_id: UUID | str
    code = ProblemCode.UNKNOWN_INTEGRATION


@dataclass(frozen=True, slots=True)
class UnknownAdministration(_Told):
    administration_id: UUID | str
    code = ProblemCode.UNKNOWN_ADMINISTRATION


@dataclass(frozen=True, slots=True)
class UnknownImport(_Told):
    import_id: UUID | str
    code = ProblemCode.UNKNOWN_IMPORT


@dataclass(frozen=True, slots=True)
class ImportEnded(_Told):
    """There is nothing left to cancel."""

    import_id: UUID
    code = ProblemCode.IMPORT_ENDED


@dataclass(frozen=True, slots=True)
class UnknownWebhookTarget(_Told):
    target_id: UUID | str
    code = ProblemCode.UNKNOWN_WEBHOOK_TARGET


@dataclass(frozen=True, slots=True)
class UnknownReport(_Told):
    report_id: UUID | str
    code = ProblemCode.UNKNOWN_REPORT


@dataclass(frozen=True, slots=True)
class NotConfigured(_Told):
    code = ProblemCode.NOT_CONFIGURED


@dataclass(frozen=True, slots=True)
class InvalidReturnTo(_Told):
    return_to: str
    code = ProblemCode.INVALID_RETURN_TO

    def _parts(self) -> dict[str, Part]:
        return {"return_to": quoted(self.return_to)}


@dataclass(frozen=True, slots=True)
class NotAuthorized(_Told):
    """The integration has no valid authorisation (yet, or any more)."""

    code = ProblemCode.RECONNECT_REQUIRED


@dataclass(frozen=True, slots=True)
class OctopusDown(_Told):
    code = ProblemCode.OCTOPUS_UNAVAILABLE


@dataclass(frozen=True, slots=True)
class DailyMaximumReached(_Told):
    until: datetime
    code = ProblemCode.QUOTA_SPENT


@dataclass(frozen=True, slots=True)
class DossierNotSelectable(_Told):
    dossier_number: int
    reason: Sentence
    code = ProblemCode.DOSSIER_NOT_SELECTABLE


@dataclass(frozen=True, slots=True)
class InvalidWebhookAddress(_Told):
    reason: Sentence
    code = ProblemCode.INVALID_WEBHOOK_ADDRESS


@dataclass(frozen=True, slots=True)
class TooManyWebhookTargets(_Told):
    most: int
    code = ProblemCode.TOO_MANY_WEBHOOK_TARGETS


@dataclass(frozen=True, slots=True)
class ReportChanged(_Told):
    """Somebody has saved another version in the meantime: ``current``."""

    current: Report
    code = ProblemCode.REPORT_CHANGED

    def _parts(self) -> dict[str, Part]:
        return {"name": self.current.name, "changed_by": self.current.changed_by}


@dataclass(frozen=True, slots=True)
class InvalidReport(_Told):
    why: Sentence
    line_key: str | None
    rules: tuple[MappingRule, ...]
    code = ProblemCode.INVALID_REPORT

    def _parts(self) -> dict[str, Part]:
        return {"flaw": self.why}


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
