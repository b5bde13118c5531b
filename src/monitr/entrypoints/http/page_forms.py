"""Whether a form that arrives was sent from the page that we gave to that browser.

Two proofs, since each alone falls short. The form's token shows that the page was fetched with this ticket; but whoever
has made the ticket can fetch the page too, and put its token into a form on a page of his own, which any visitor's
browser then sends. What he cannot do is to make a browser say that such a form came from our page.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import Request

LARGEST_FORM = 16 * 1024
"""Bytes."""
MOST_FIELDS = 20


@dataclass(frozen=True, slots=True)
class PageForms:
    """``origin`` is that of PUBLIC_URL; ``key`` is the same in every process that serves the pages."""

    origin: str
    key: bytes = field(repr=False)

    def token(self, ticket: str) -> str:
        """For the form of the page that this ticket opens."""
        return urlsafe_b64encode(hmac.digest(self.key, b"form|" + ticket.encode(), sha256)).decode().rstrip("=")

    def accepts(self, headers: Headers, ticket: str, token: str) -> bool:
        return self._is_from_page(headers) and hmac.compare_digest(self.token(ticket).encode(), token.encode())

    def _is_from_page(self, headers: Headers) -> bool:
        """No page can choose these headers (Fetch Metadata; RFC 6454, section 7). Every browser of today sends the
        first over https. Where it is missing, ``Origin: null`` is anybody's: a frame in a sandbox, a page without a
        referrer. Programs that are no browsers send neither, and no page can make those send a form."""
        sites, origins = set(headers.getlist("sec-fetch-site")), set(headers.getlist("origin"))
        if sites:
            return sites == {"same-origin"} and origins <= {self.origin, "null"}
        return origins <= {self.origin}


async def form_of(request: Request) -> Mapping[str, str]:
    """Its fields, but for those that are given twice; nothing where it is no form, or is larger than ours can be."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return {}
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            return {}
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items() if len(values) == 1}
