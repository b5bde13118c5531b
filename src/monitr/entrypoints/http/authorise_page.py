"""The page of an OAuth round as HTML: our words apart from those of others, no script, and nowhere to go but Octopus
and the way back."""

import json
from collections.abc import Mapping
from html import escape
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from monitr.application.return_addresses import origin_of
from monitr.application.show_authorization import RoundOffered
from monitr.application.start_authorization import RoundRefused
from monitr.domain.authorization import CallbackError, Purpose
from monitr.domain.language import Language
from monitr.entrypoints.http.pages import STATIC
from monitr.entrypoints.http.reader import language_of
from monitr.entrypoints.http.security_headers import AUTHORISE

_FOLDER = STATIC / "authorise"
_WORDS: Mapping[str, Mapping[str, str]] = json.loads((_FOLDER / "words.json").read_text(encoding="utf-8"))
"""By language: the same names in each."""


def offered_page(request: Request, offered: RoundOffered, ticket: str, token: str) -> Response:
    """``token`` is the form's proof. Browsers hold ``form-action`` against the redirects behind a form too."""
    language, words = _words(request)
    fields = {
        **words,
        "asked": words["asked" if offered.purpose is Purpose.CONNECT else "asked_again"],
        "share": words["share"].format(minutes=max(1, int(offered.time_left.total_seconds() // 60))),
        "organisation": offered.organisation,
        "asked_by": offered.asked_by,
        "octopus": offered.octopus,
        "ticket": ticket,
        "token": token,
    }
    response = _html("page.html", 200, language, fields, f"'self' {offered.octopus} {origin_of(offered.return_to)}")
    # under `no-referrer` the form's POST would say `Origin: null`, as a page of anybody can make it say
    response.headers["referrer-policy"] = "same-origin"
    return response


def closed_page(request: Request, refused: RoundRefused) -> Response:
    """Why the link opens nothing: 404, 409 or 410."""
    match refused:
        case RoundRefused(return_to=None):
            return _closed(request, 404, "unknown", None)
        case RoundRefused(error=CallbackError.INVALID_STATE, return_to=return_to):
            return _closed(request, 409, "elsewhere", return_to)
        case RoundRefused(return_to=return_to):
            return _closed(request, 410, "over", return_to)


def not_from_page(request: Request) -> Response:
    """403: a click that somebody else has made up."""
    return _closed(request, 403, "not_from_page", None)


def _closed(request: Request, status: int, why: str, return_to: str | None) -> Response:
    language, words = _words(request)
    fields = {"title": words["closed_title"], "why": words[why]}
    link = "" if return_to is None else f'<p><a href="{escape(return_to)}">{escape(words["back"])}</a></p>'
    return _html("closed.html", status, language, fields, "'none'", way_back=link)


def _words(request: Request) -> tuple[str, Mapping[str, str]]:
    language = language_of(request.scope) or Language.EN
    return language, _WORDS[language]


def _html(
    template: str, status: int, language: str, fields: Mapping[str, str], form_action: str, **markup: str
) -> Response:
    """``fields`` are texts and stay texts, whatever is in them; ``markup`` is ours."""
    texts = {name: escape(text) for name, text in fields.items()}
    page = Template((_FOLDER / template).read_text(encoding="utf-8")).substitute(texts, language=language, **markup)
    headers = {
        "content-security-policy": AUTHORISE.format(form_action=form_action),
        "cache-control": "no-store",
        "content-language": language,
        "vary": "accept-language",
    }
    return HTMLResponse(page, status, headers)
