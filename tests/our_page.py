"""The page of an OAuth round as a browser meets it, and what its form sends."""

from html import unescape
from re import findall

import httpx

Form = tuple[httpx.URL, dict[str, str]]
"""Where it goes, and its fields."""


def form_on(page: httpx.Response, decision: str = "authorise") -> Form:
    """With the button of that decision pressed."""
    assert page.status_code == 200, f"{page.status_code} {page.text}"
    ((action,),) = [findall(r'<form method="post" action="([^"]+)"', page.text)]
    hidden = findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    fields = {name: unescape(value) for name, value in hidden}
    return page.url.join(unescape(action)), {**fields, "decision": decision}


def to_octopus(browser: httpx.Client, authorization_url: str) -> str:
    """Open the page and go on: where the browser is sent. A program from before the page sends it on by itself."""
    page = browser.get(authorization_url)
    if page.has_redirect_location:
        return str(page.headers["location"])
    address, fields = form_on(page)
    gone_on = browser.post(address, data=fields)
    assert gone_on.status_code == 303, f"{gone_on.status_code} {gone_on.text}"
    return str(gone_on.headers["location"])
