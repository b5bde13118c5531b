"""The page on which a person changes the books: /sandbox. Plain forms, so that it needs no script."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from urllib.parse import urlencode

from octopus_sandbox.books import Books
from octopus_sandbox.control.document_list import SHOWN, Listed, Wanted, listed
from octopus_sandbox.control.page_orders import document_value
from octopus_sandbox.control.typed_amounts import shown_amount
from octopus_sandbox.pages import page
from octopus_sandbox.sandbox import Sandbox

_FEW = 200
"""Relations and accounts that a field proposes."""


def control_page(sandbox: Sandbox, query: Mapping[str, str], message: str | None = None) -> str:
    """`query`: the chosen dossier, and which of its documents."""
    dossier = _chosen(sandbox, query)
    said = f'<p class="note said" role="status">{escape(message)}</p>' if message else ""
    body = [
        f'<nav aria-label="Elsewhere">{_back(sandbox)}</nav>{said}',
        "<p>Changes to the books of the stand-in, as a bookkeeper would make them. The program sees them at its next"
        " synchronisation. The same over HTTP: <code>POST /sandbox/control</code>.</p>",
        _dossiers(sandbox, dossier),
    ]
    card = sandbox.card(dossier) if dossier is not None else None
    if dossier is not None and card is not None and not card.disabled:
        body.append(_books(dossier, sandbox.books(dossier), Wanted.of(query), card.name))
    body.append(_access(sandbox, dossier))
    return page("Octopus sandbox", "".join(body), wide=True)


def _chosen(sandbox: Sandbox, query: Mapping[str, str]) -> int | None:
    """The one that is asked for, or the first with books."""
    text = query.get("dossier", "")
    if text.isdecimal() and sandbox.card(int(text)) is not None:
        return int(text)
    return next(iter(sandbox.generated_dossiers), None)


def _back(sandbox: Sandbox) -> str:
    address = sandbox.settings.front_end
    return f'<a href="{escape(address)}">Back to the console</a>' if address else ""


def _dossiers(sandbox: Sandbox, chosen: int | None) -> str:
    cards = [card for id in sandbox.all_dossiers if (card := sandbox.card(id))]
    rows = "".join(
        f'<li><a href="?dossier={card.id}"{" aria-current=page" if card.id == chosen else ""}>{card.id}'
        f" {escape(card.name)}</a>{' (disabled)' if card.disabled else ''}</li>"
        for card in cards
    )
    return f'<nav aria-label="Dossiers"><ul class="tabs">{rows}</ul></nav>'


def _books(dossier: int, books: Books, wanted: Wanted, name: str) -> str:
    hidden = f'<input type="hidden" name="dossier" value="{dossier}">'
    return (
        f"<h2>Documents of {escape(name)}</h2>{_search(dossier, books, wanted)}{_documents(books, wanted, hidden)}"
        f'<h2>Book</h2><div class="forms">{_invoice(hidden)}{_booking(books, hidden)}</div>{_proposals(books)}'
        f"<h2>Bookyears</h2>{_bookyears(books, hidden)}"
        f'<h2>Names and totals</h2><div class="forms">{_names_and_totals(hidden)}</div>'
    )


# --- documents -----------------------------------------------------------------------------------------


def _search(dossier: int, books: Books, wanted: Wanted) -> str:
    journals = sorted({journal.key for journal in books.journals.values()})
    options = _options([("", "all"), *((key, key) for key in journals)], wanted.journal)
    checked = " checked" if wanted.only_open else ""
    return (
        f'<form method="get" action="/sandbox" class="row"><input type="hidden" name="dossier" value="{dossier}">'
        f'<label>Journal <select name="journal">{options}</select></label>'
        f'<label>Number, relation or description <input name="text" value="{escape(wanted.text)}"></label>'
        f'<label class="tick"><input type="checkbox" name="open" value="yes"{checked}> Only what is open</label>'
        '<button type="submit" class="quiet">Show</button></form>'
    )


def _documents(books: Books, wanted: Wanted, hidden: str) -> str:
    documents, has_older = listed(books, wanted)
    if not documents:
        return "<p>There is no such document.</p>"
    rows = "".join(map(_document, documents))
    return (
        f'<form method="post" action="/sandbox">{hidden}'
        '<div class="scroll" role="region" aria-label="Documents" tabindex="0"><table><caption>The newest changes first'
        '</caption><thead><tr><th scope="col">Tick</th><th scope="col">Document</th><th scope="col">Date</th>'
        '<th scope="col">Relation</th><th scope="col">Description</th><th scope="col" class="figure">Total</th>'
        f'<th scope="col" class="figure">Open</th></tr></thead><tbody>{rows}</tbody></table></div>'
        f"{_pages(books.card.id, wanted, has_older=has_older)}"
        '<fieldset><legend>With the ticked documents</legend><div class="row">'
        '<label>Amount <input name="amount" inputmode="decimal" aria-describedby="amount-hint"></label>'
        f"{_button('pay', 'Pay')}{_button('change', 'Correct')}{_button('match', 'Match two')}"
        f"{_button('unmatch', 'Undo matchings')}{_button('delete', 'Delete', 'danger')}"
        f"{_button('reuse-number', 'Delete and reuse the number', 'danger')}</div>"
        '<p class="note" id="amount-hint">Like 1.234,56. To pay: empty pays all that is open. To correct: what the'
        " first line gets more of; −10,00 takes off.</p></fieldset></form>"
    )


def _document(row: Listed) -> str:
    document, key = row.document, row.document.key
    name = f"{key.journal_key}/{key.number}"
    value = document_value(key.bookyear, key.journal_key, key.number)
    label = f"{name} of bookyear {key.bookyear}"
    return (
        f'<tr><td><input type="checkbox" name="document" value="{value}" aria-label="{label}"></td>'
        f"<td>{name} <small>({key.bookyear})</small></td><td>{document.date:%d/%m/%Y}</td>"
        f"<td>{escape(row.relation)}</td><td>{escape(document.comment)}</td>"
        f'<td class="figure">{shown_amount(row.total_cents)}</td>'
        f'<td class="figure">{shown_amount(row.open_cents) if row.open_cents else ""}</td></tr>'
    )


def _pages(dossier: int, wanted: Wanted, *, has_older: bool) -> str:
    def link(before: int, text: str) -> str:
        kept = {"dossier": dossier, "journal": wanted.journal, "text": wanted.text, "before": before}
        query = urlencode(kept | ({"open": "yes"} if wanted.only_open else {}))
        return f'<a href="?{escape(query)}">{text}</a> '

    newer = link(max(0, wanted.before - SHOWN), "Newer documents") if wanted.before else ""
    older = link(wanted.before + SHOWN, "Older documents") if has_older else ""
    return f"<p>{newer}{older}</p>"


# --- what is booked ------------------------------------------------------------------------------------


def _invoice(hidden: str) -> str:
    kinds = _options([("sale", "Sale"), ("purchase", "Purchase")], "sale")
    return _form(
        "invoice",
        "New invoice",
        hidden,
        f'<label>Kind <select name="kind">{kinds}</select></label>',
        _field("relation", "Relation (its number)", "1", 'list="relations" inputmode="numeric" required'),
        _field("amount", "Amount excl. VAT", "1.000,00", 'inputmode="decimal" required'),
        _field("date", "Date (empty: today)", "", 'type="date"'),
    )


def _booking(books: Books, hidden: str) -> str:
    journals = sorted({journal.key for journal in books.journals.values()})
    chosen = "D2" if "D2" in journals else ""
    options = _options([(key, key) for key in journals], chosen)
    return _form(
        "book",
        "New booking",
        hidden,
        f'<label>Journal <select name="journal">{options}</select></label>',
        _field("debit", "Debit account", "613000", 'list="accounts" inputmode="numeric" required'),
        _field("credit", "Credit account", "550000", 'list="accounts" inputmode="numeric" required'),
        _field("amount", "Amount", "250,00", 'inputmode="decimal" required'),
        _field(
            "relation", "Relation, where an account is 400000 or 440000", "", 'list="relations" inputmode="numeric"'
        ),
        _field("comment", "Description", "Regularisatie"),
        _field("date", "Date (empty: today)", "", 'type="date"'),
    )


def _proposals(books: Books) -> str:
    relations = [(str(it.id), it.name) for it in list(books.relations.values())[:_FEW]]
    newest = max(books.bookyears, default=0)
    accounts = [(str(it.number), it.names.nl or it.names.fr) for it in books.accounts_of(newest)[:_FEW]]
    lists = {"relations": relations, "accounts": accounts}
    return "".join(f'<datalist id="{id}">{_options(values)}</datalist>' for id, values in lists.items())


def _bookyears(books: Books, hidden: str) -> str:
    rows = "".join(
        f"<tr><td>{year.id}</td><td>{year.start:%d/%m/%Y} – {year.end:%d/%m/%Y}</td>"
        f"<td>{'closed' if year.closed else 'open'}</td><td>"
        + _small("close-bookyear", "Reopen" if year.closed else "Close", year.id, hidden, closed=not year.closed)
        + _small("carry-forward", "Carry balances forward into", year.id, hidden)
        + "</td></tr>"
        for year in books.bookyears.values()
    )
    new = _form("new-bookyear", "New bookyear", hidden, '<input type="hidden" name="carryForward" value="yes">')
    return (
        '<div class="scroll" role="region" aria-label="Bookyears" tabindex="0"><table><thead><tr>'
        '<th scope="col">Bookyear</th><th scope="col">Span</th><th scope="col">State</th><th scope="col">Change</th>'
        f'</tr></thead><tbody>{rows}</tbody></table></div><div class="forms">{new}</div>'
    )


def _small(action: str, text: str, bookyear: int, hidden: str, *, closed: bool | None = None) -> str:
    more = "" if closed is None else f'<input type="hidden" name="closed" value="{str(closed).lower()}">'
    return (
        f'<form method="post" action="/sandbox" class="inline">{hidden}{more}'
        f'<input type="hidden" name="bookyear" value="{bookyear}">'
        f'<button type="submit" class="quiet" name="action" value="{action}">{text} {bookyear}</button></form> '
    )


def _names_and_totals(hidden: str) -> str:
    account = _field("account", "Account", "700000", 'list="accounts" inputmode="numeric" required')
    return "".join(
        (
            _form(
                "rename-account",
                "Rename an account",
                hidden,
                account,
                _field("name", "Name in Dutch", "Verkopen"),
                _field("nameFr", "Name in French", "Ventes"),
            ),
            _form(
                "misstate-total",
                "Put a total out",
                hidden,
                '<p class="note">Octopus’s own total of an account disagrees with its books: a check finds it.</p>',
                account,
                _field("amount", "By how much", "−360,00", 'inputmode="decimal" required'),
            ),
            _form("mend-totals", "Put all totals right", hidden),
        )
    )


# --- access --------------------------------------------------------------------------------------------


def _access(sandbox: Sandbox, dossier: int | None) -> str:
    card = sandbox.card(dossier) if dossier is not None else None
    forms = [
        _form(
            "revoke",
            "Revoke an authorisation",
            "",
            f'<label>Login <select name="login">{_options([(n, n) for n in sandbox.logins], "demo")}</select></label>',
        ),
        _form("expire-tokens", "Expire access tokens", "", '<input type="hidden" name="refresh" value="no">'),
        _form(
            "reset-quota",
            "Forget today’s calls",
            "",
            '<p class="note">Of every login and dossier, so that no daily maximum is reached.</p>',
        ),
        _form("clear-faults", "Clear waiting faults", ""),
    ]
    if card is not None:
        hidden = f'<input type="hidden" name="dossier" value="{card.id}">'
        name = escape(card.name)
        state = f'<input type="hidden" name="disabled" value="{str(not card.disabled).lower()}">'
        forms.append(_form("disable-dossier", f"{'Enable' if card.disabled else 'Disable'} {name}", hidden, state))
        forms.append(_form("remove-dossier", f"Remove {name}", hidden, danger=True))
    return f'<h2>Access</h2><div class="forms">{"".join(forms)}</div>'


# --- forms ---------------------------------------------------------------------------------------------


def _form(action: str, title: str, hidden: str, *fields: str, danger: bool = False) -> str:
    """`title`, `hidden` and the fields are HTML."""
    return (
        f'<form method="post" action="/sandbox"><h3>{title}</h3>'
        f'<input type="hidden" name="action" value="{action}">{hidden}{"".join(fields)}'
        f'<button type="submit"{" class=danger" if danger else ""}>{title}</button></form>'
    )


def _field(name: str, label: str, value: str, attributes: str = "") -> str:
    return f'<label>{escape(label)} <input name="{name}" value="{escape(value)}" {attributes}></label>'


def _button(action: str, text: str, style: str = "") -> str:
    return f'<button type="submit" name="action" value="{action}"{f" class={style}" if style else ""}>{text}</button>'


def _options(values: Iterable[tuple[str, str]] | Sequence[tuple[str, str]], chosen: str | None = None) -> str:
    return "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(text)}</option>'
        for value, text in values
    )
