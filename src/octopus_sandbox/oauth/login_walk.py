"""The way of a person through login and consent, for tests: what the browser asks next, whoever sends it."""

import re
from collections.abc import Generator
from typing import NamedTuple

import httpx

_PREFIX = "/octopus-oauth"
_LANDED = 303


class Asked(NamedTuple):
    """A request of the browser; `form` is what it posts."""

    address: str
    form: dict[str, str] | None = None


def login_walk(
    authorization_url: str, user: str, password: str | None, *, deny: bool
) -> Generator[Asked, httpx.Response, str]:
    """Yields what to ask, takes the answer, returns the callback address with code or error.

    The redirect to the callback itself is not followed. Raises ValueError where Octopus shows an error page.
    """
    page = yield Asked(authorization_url)
    while page.status_code == 302:
        page = yield Asked(page.headers["location"])
    root = str(page.request.url.copy_with(path="/", query=None)).rstrip("/")
    page = yield _submitted(root, "login", page, {"user": user, "password": password or user})
    if page.status_code == 200:
        page = yield _submitted(root, "consent", page, {"decision": "deny" if deny else "authorise"})
    if page.status_code != _LANDED:
        raise ValueError(f"Octopus answered {page.status_code}: {_alert(page.text)}")
    return page.headers["location"]


def authorise_query(client_id: str, redirect_uri: str) -> dict[str, str]:
    """The query of the authorise address."""
    return {
        "scope": "webservice",
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "state": "state",
    }


def _submitted(root: str, action: str, page: httpx.Response, fields: dict[str, str]) -> Asked:
    found = re.search(r'name="round" value="([^"]+)"', page.text)
    if found is None:
        raise ValueError(f"Octopus answered {page.status_code}: {_alert(page.text)}")
    return Asked(f"{root}{_PREFIX}/{action}", {"round": found[1], **fields})


def _alert(page: str) -> str:
    found = re.search(r'role="alert">([^<]+)<', page)
    return found[1] if found else ""
