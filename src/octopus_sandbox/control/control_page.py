"""The page on which a person changes the books: /sandbox."""

from html import escape

from octopus_sandbox.pages import page
from octopus_sandbox.sandbox import Sandbox

_DOCUMENT = (("bookyear", "Bookyear", "4"), ("journal", "Journal", "V1"), ("number", "Document number", "1"))
_FORMS: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "invoice",
        "New invoice",
        (
            ("kind", "Kind (sale or purchase)", "sale"),
            ("relation", "Relation", "1"),
            ("amount", "Amount excl. VAT", "1000.00"),
            ("date", "Date (empty: today)", ""),
        ),
    ),
    ("change", "Change a document", (*_DOCUMENT, ("comment", "Comment", ""), ("amount", "Add to its amount", ""))),
    ("delete", "Delete a document", _DOCUMENT),
    ("reuse-number", "Delete and reuse the number", _DOCUMENT),
    ("pay", "Pay an invoice", (*_DOCUMENT, ("amount", "Amount (empty: all)", ""), ("date", "Date (empty: today)", ""))),
    ("new-bookyear", "New bookyear", (("carryForward", "Open it with the balances (yes/no)", "yes"),)),
    ("carry-forward", "Carry balances forward again", (("bookyear", "Bookyear", "4"),)),
    ("close-bookyear", "Close a bookyear", (("bookyear", "Bookyear", "3"),)),
    (
        "rename-account",
        "Rename an account",
        (("account", "Account", "700000"), ("name", "Name NL", "Verkopen"), ("nameFr", "Name FR", "Ventes")),
    ),
    ("disable-dossier", "Disable the dossier", (("disabled", "Disabled (true or false)", "true"),)),
    ("remove-dossier", "Remove the dossier", ()),
)
_GENERAL: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...] = (
    ("revoke", "Revoke an authorisation", (("login", "Login", "demo"),)),
    ("expire-tokens", "Expire tokens", (("refresh", "Refresh tokens too (yes/no)", "no"),)),
    ("reset-quota", "Forget today's calls", ()),
    ("clear-faults", "Clear waiting faults", ()),
)


def control_page(sandbox: Sandbox, message: str | None) -> str:
    status = f'<p class="note" role="status">{escape(message)}</p>' if message else ""
    dossiers = [card for id in sandbox.all_dossiers if (card := sandbox.card(id))]
    options = "".join(f'<option value="{card.id}">{card.id} {escape(card.name)}</option>' for card in dossiers)
    rows = "".join(
        f"<tr><td>{card.id}</td><td>{escape(card.name)}</td><td>{'disabled' if card.disabled else 'active'}</td></tr>"
        for card in dossiers
    )
    chosen = f'<label>Dossier <select name="dossier">{options}</select></label>'
    return page(
        "Octopus sandbox",
        f"{status}<p>Changes to the books of the stand-in, as a bookkeeper would make them. The same over HTTP: "
        "<code>POST /sandbox/control</code>.</p>"
        f"<table><thead><tr><th>Dossier</th><th>Name</th><th>State</th></tr></thead><tbody>{rows}</tbody></table>"
        f'<h2>Books</h2><div class="forms">{"".join(_form(*form, chosen) for form in _FORMS)}</div>'
        f'<h2>Access</h2><div class="forms">{"".join(_form(*form, "") for form in _GENERAL)}</div>',
        wide=True,
    )


def _form(action: str, title: str, fields: tuple[tuple[str, str, str], ...], chosen: str) -> str:
    inputs = "".join(
        f'<label>{escape(label)} <input name="{name}" value="{escape(value)}"></label>' for name, label, value in fields
    )
    return (
        f'<form method="post" action="/sandbox"><h2>{escape(title)}</h2>'
        f'<input type="hidden" name="action" value="{action}">{chosen}{inputs}'
        f'<button type="submit">{escape(title)}</button></form>'
    )
