"""The pages that a person meets on the way: login, consent, error."""

from collections.abc import Sequence
from html import escape

from octopus_sandbox.pages import page


def login_page(round: str, error: str | None = None) -> str:
    alert = f'<p class="error" role="alert">{escape(error)}</p>' if error else ""
    return page(
        "Log in to Octopus",
        f'<p class="note">This is the Octopus sandbox, a stand-in. It is filled in: user <b>demo</b>, '
        f"password <b>demo</b>.</p>{alert}"
        '<form method="post" action="login">'
        f'<input type="hidden" name="round" value="{escape(round)}">'
        '<label>User <input name="user" value="demo" autocomplete="username" required></label>'
        '<label>Password <input name="password" type="password" value="demo" autocomplete="current-password" required>'
        '</label><button type="submit" autofocus>Log in</button></form>',
    )


def consent_page(round: str, client: str, login: str, dossiers: Sequence[str]) -> str:
    listed = "".join(f"<li>{escape(name)}</li>" for name in dossiers)
    return page(
        "Give access to your dossiers",
        f"<p>The software house <b>{escape(client)}</b> asks for access to the webservice as <b>{escape(login)}</b>. "
        f"It can use these dossiers until you withdraw the authorisation:</p><ul>{listed}</ul>"
        '<form method="post" action="consent">'
        f'<input type="hidden" name="round" value="{escape(round)}">'
        '<button type="submit" name="decision" value="authorise">Authorise</button> '
        '<button type="submit" name="decision" value="deny" class="quiet">Deny</button></form>',
    )


def error_page(text: str) -> str:
    return page("Octopus cannot go on", f'<p class="error" role="alert">{escape(text)}</p>')
