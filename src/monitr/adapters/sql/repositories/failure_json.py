"""A failure in a JSONB column: ``{code, message, action}``."""

from collections.abc import Mapping

from monitr.domain.codes import ExplanationCode
from monitr.domain.explanation import Explanation


def failure_to_json(failure: Explanation | None) -> dict[str, str | None] | None:
    return None if failure is None else {"code": failure.code, "message": failure.message, "action": failure.action}


def failure_from_json(stored: Mapping[str, str] | None) -> Explanation | None:
    return None if stored is None else Explanation(_code(stored["code"]), stored["message"], stored.get("action"))


def _code(stored: str) -> ExplanationCode:
    """What a newer program has written, and this one does not know, is told by its message."""
    return ExplanationCode(stored) if stored in ExplanationCode.__members__ else ExplanationCode.INTERNAL
