"""Who reads the answer."""

from starlette.datastructures import Headers
from starlette.types import Scope

from monitr.domain.language import Language, preferred_language


def language_of(scope: Scope) -> Language | None:
    """That of Accept-Language; of a WebSocket, as its upgrade has it."""
    return preferred_language(Headers(scope=scope).get("accept-language"))
