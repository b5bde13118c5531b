"""A failure in a JSONB column: ``{code, message, action}``."""

from collections.abc import Mapping

from monitr.domain.failure import Failure


def failure_to_json(failure: Failure | None) -> dict[str, str | None] | None:
    return None if failure is None else {"code": failure.code, "message": failure.message, "action": failure.action}


def failure_from_json(stored: Mapping[str, str] | None) -> Failure | None:
    return None if stored is None else Failure(stored["code"], stored["message"], stored.get("action"))
