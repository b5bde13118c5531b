"""What a person can cause or repair: the closed union of problems that use cases answer with.

Each has a ``code``, which the front end switches on, and a ``message`` for the user; ``docs/errors.md`` lists them.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from monitr.domain.codes import ProblemCode
from monitr.domain.roles import Forbidden


@dataclass(frozen=True, slots=True)
class NotConfigured:
    code = ProblemCode.NOT_CONFIGURED

    @property
    def message(self) -> str:
        return "Octopus is not set up here: MONITR_OCTOPUS_CLIENT_ID holds no software house id. Ask your operator."


@dataclass(frozen=True, slots=True)
class UnknownIntegration:
    integration_id: UUID | str
    code = ProblemCode.UNKNOWN_INTEGRATION

    @property
    def message(self) -> str:
        return f"There is no integration {self.integration_id} here."


@dataclass(frozen=True, slots=True)
class UnknownAdministration:
    administration_id: UUID | str
    code = ProblemCode.UNKNOWN_ADMINISTRATION

    @property
    def message(self) -> str:
        return f"There is no administration {self.administration_id} here."


@dataclass(frozen=True, slots=True)
class UnknownImport:
    import_id: UUID | str
    code = ProblemCode.UNKNOWN_IMPORT

    @property
    def message(self) -> str:
        return f"There is no import {self.import_id} here."


@dataclass(frozen=True, slots=True)
class InvalidReturnTo:
    return_to: str
    code = ProblemCode.INVALID_RETURN_TO

    @property
    def message(self) -> str:
        return (
            f"The browser cannot be sent to {self.return_to!r} afterwards: "
            "use an address of this service or of one of MONITR_FRONTEND_ORIGINS."
        )


@dataclass(frozen=True, slots=True)
class NotAuthorized:
    """The integration has no valid authorisation (yet, or any more)."""

    code = ProblemCode.RECONNECT_REQUIRED

    @property
    def message(self) -> str:
        return "Octopus does not accept the authorisation of this integration. Reconnect it and try again."


@dataclass(frozen=True, slots=True)
class OctopusDown:
    code = ProblemCode.OCTOPUS_UNAVAILABLE

    @property
    def message(self) -> str:
        return "Octopus does not answer at the moment. Nothing was changed; try again in a few minutes."


@dataclass(frozen=True, slots=True)
class DailyMaximumReached:
    until: datetime
    code = ProblemCode.QUOTA_SPENT

    @property
    def message(self) -> str:
        return f"Octopus allows no more of these requests today. Try again after {self.until:%Y-%m-%d %H:%M} UTC."


@dataclass(frozen=True, slots=True)
class DossierNotSelectable:
    dossier_number: int
    reason: str
    code = ProblemCode.DOSSIER_NOT_SELECTABLE

    @property
    def message(self) -> str:
        return f"Dossier {self.dossier_number} cannot be selected: {self.reason}"


@dataclass(frozen=True, slots=True)
class UnknownWebhookTarget:
    target_id: UUID | str
    code = ProblemCode.UNKNOWN_WEBHOOK_TARGET

    @property
    def message(self) -> str:
        return f"There is no webhook target {self.target_id} here."


@dataclass(frozen=True, slots=True)
class InvalidWebhookAddress:
    """``reason`` is a sentence."""

    reason: str
    code = ProblemCode.INVALID_WEBHOOK_ADDRESS

    @property
    def message(self) -> str:
        return f"Webhooks cannot be sent to this address: {self.reason}"


@dataclass(frozen=True, slots=True)
class TooManyWebhookTargets:
    most: int
    code = ProblemCode.TOO_MANY_WEBHOOK_TARGETS

    @property
    def message(self) -> str:
        return f"An organisation can have {self.most} webhook targets. Delete one first."


Problem = (
    NotConfigured
    | Forbidden
    | UnknownIntegration
    | UnknownAdministration
    | UnknownImport
    | InvalidReturnTo
    | NotAuthorized
    | OctopusDown
    | DailyMaximumReached
    | DossierNotSelectable
    | UnknownWebhookTarget
    | InvalidWebhookAddress
    | TooManyWebhookTargets
)
"""All there are."""
