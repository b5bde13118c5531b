"""A failure in a JSONB column: ``{code, message, action}``."""

from collections.abc import Mapping

from monitr.domain.explanation import Explanation


def failure_to_json(failure: Explanation | None) -> dict[str, str | None] | None:
    return None if failure is None else {"code": failure.code, "message": failure.message, "action": failure.action}


def failure_from_json(stored: Mapping[str, str] | None) -> Explanation | None:
    return None if stored is None else Explanation(stored["code"], stored["message"], stored.get("action"))
