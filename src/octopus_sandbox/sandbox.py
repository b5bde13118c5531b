"""The sandbox as a whole: its dossiers, logins, clock, switches, faults and books."""

import asyncio
import gc
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

from octopus_sandbox.answers.answer import Answer
from octopus_sandbox.answers.ledger_store import LedgerStore
from octopus_sandbox.answers.timestamps import EVER
from octopus_sandbox.books import Books
from octopus_sandbox.books.reference_books import DossierCard
from octopus_sandbox.calls import CallLog
from octopus_sandbox.clock import Clock
from octopus_sandbox.generated.generator import DossierKind, generate
from octopus_sandbox.generated.showcase import COMPANIES, MISSTATED, Company, misstate
from octopus_sandbox.oauth.tokens import Tokens
from octopus_sandbox.quota import Quota
from octopus_sandbox.settings import SandboxSettings
from octopus_sandbox.switches import Switches
from octopus_sandbox.trouble.faults import Faults
from octopus_sandbox.truth import Truth

P = ParamSpec("P")
T = TypeVar("T")
FIRST_DOSSIER, OTHERS_DOSSIER, DISABLED_DOSSIER = 49001, 49501, 49900
_NAMES = (
    ("Demo Bouw BV", "8000", "Brugge", "nl"),
    ("Atelier Dubois SRL", "5000", "Namur", "fr"),
    ("Noordzee Logistics NV", "8400", "Oostende", "nl"),
    ("Brasserie du Moulin SA", "6700", "Arlon", "fr"),
)


@dataclass(slots=True)
class Login:
    """A user of Octopus."""

    name: str
    password: str
    dossiers: set[int]
    webservice: bool = True
    """Whether the module that the API needs is switched on (octopus.md 1.2)."""
    consented: bool = False
    disabled: set[int] = field(default_factory=set[int])
    """Dossiers that are disabled for this login alone."""


@dataclass(slots=True)
class _Dossier:
    card: DossierCard
    kind: DossierKind
    books: Books | None = None
    store: LedgerStore | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    company: Company | None = None


class Sandbox:
    """Books are generated when a dossier is first used: opened by a caller, or asked for by a test."""

    def __init__(self, settings: SandboxSettings, clock: Clock | None = None, *, in_threads: bool = True) -> None:
        """`in_threads`: answers are made in threads, so that a big one holds up no other; else in the caller's."""
        self.settings = settings
        self.clock = clock or Clock()
        self.switches = replace(settings.switches, daily_limits=False) if settings.showcase else settings.switches
        self._in_threads = in_threads
        self.answering: Callable[[Callable[[Any], Answer], Any], Answer] = _answered
        """How an operation is asked; a simulation remembers answers while the books stay as they are."""
        self.faults = Faults(self.clock)
        self.log = CallLog()
        self.quota = Quota(self.clock)
        self.tokens = Tokens(self.clock, f"{settings.client_id} {settings.seed}")
        kinds = list(DossierKind)
        own = range(FIRST_DOSSIER, FIRST_DOSSIER + settings.dossiers)
        self._dossiers = {
            id: _Dossier(_card(id, position), kinds[position % len(kinds)])
            for position, id in enumerate([*own, OTHERS_DOSSIER])
        }
        if settings.showcase:
            for id, company in zip(own, COMPANIES, strict=False):
                self._dossiers[id].company = company
                self._dossiers[id].card = replace(
                    self._dossiers[id].card,
                    name=company.name,
                    postal_code=company.postal_code,
                    city=company.city,
                    language=company.language,
                )
        disabled = replace(_card(DISABLED_DOSSIER, 3), name="Oud Dossier NV", disabled=True)
        self._dossiers[DISABLED_DOSSIER] = _Dossier(disabled, DossierKind.MONTHLY)
        demo = {*own, DISABLED_DOSSIER}
        shared = {id for id in own if id == FIRST_DOSSIER + 1}
        self.logins = {
            login.name: login
            for login in (
                Login("demo", "demo", demo, consented=settings.showcase),
                Login("other", "other", shared | {OTHERS_DOSSIER}),
                Login("accountant", "accountant", set(demo), webservice=False),
            )
        }

    @property
    def switches(self) -> Switches:
        return self._switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        self._switches = switches
        self.clock.skew = timedelta(seconds=switches.clock_skew)

    async def aside(self, act: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Do what may take a while."""
        return await asyncio.to_thread(act, *arguments, **named) if self._in_threads else act(*arguments, **named)

    def switch(self, **changes: Any) -> None:
        """Change switches by name."""
        self.switches = replace(self.switches, **changes)

    def cards(self, login: str) -> list[DossierCard]:
        """The dossiers that a login sees."""
        seen = self.logins[login].dossiers
        return [dossier.card for id, dossier in sorted(self._dossiers.items()) if id in seen]

    def card(self, dossier: int) -> DossierCard | None:
        found = self._dossiers.get(dossier)
        return found.card if found else None

    def books(self, dossier: int) -> Books:
        """The books of a dossier; KeyError for an unknown one."""
        held = self._dossiers[dossier]
        with held.lock:
            if held.books is None:
                settings = replace(self.settings, switches=self.switches)
                held.books = generate(held.card, held.kind, settings, self.clock, held.company)
                if held.company is COMPANIES[MISSTATED]:
                    misstate(held.books)
            return held.books

    def set_books(self, books: Books, *, login: str = "demo") -> None:
        """Serve books that were made by hand, as a dossier of that login."""
        self._dossiers[books.card.id] = _Dossier(books.card, DossierKind.MONTHLY, books)
        self.logins[login].dossiers.add(books.card.id)

    def store(self, dossier: int) -> LedgerStore:
        """The rendered ledger of a dossier."""
        books, held = self.books(dossier), self._dossiers[dossier]
        if held.store is None:
            held.store = LedgerStore(books)
        return held.store

    def warm(self, dossier: int) -> None:
        """Generate and render a dossier before anyone asks.

        The books are then out of the garbage collector's sight: walking millions of tuples stalls every answer.
        """
        books, store = self.books(dossier), self.store(dossier)
        with books.lock:
            for year in books.bookyears:
                for journal_type in store.types(year, self.switches):
                    store.lines(year, journal_type, EVER, self.switches)
        gc.freeze()

    def truth(self, dossier: int) -> Truth:
        return Truth(self.books(dossier), self.switches)

    def disable(self, dossier: int, *, disabled: bool = True) -> None:
        held = self._dossiers[dossier]
        held.card = replace(held.card, disabled=disabled)
        if disabled:
            self.tokens.end_dossier(dossier)

    def disable_for(self, login: str, dossier: int, *, disabled: bool = True) -> None:
        """The dossier is disabled for one login; others go on."""
        (self.logins[login].disabled.add if disabled else self.logins[login].disabled.discard)(dossier)
        if disabled:
            self.tokens.end_dossier(dossier, login)

    def rename(self, dossier: int, name: str | None = None, vat_number: str | None = None) -> DossierCard:
        """Give a dossier another name or VAT number; the list of dossiers tells."""
        held = self._dossiers[dossier]
        held.card = replace(held.card, name=name or held.card.name, vat_number=vat_number or held.card.vat_number)
        if held.books is not None:
            held.books.card = held.card
        return held.card

    def remove(self, dossier: int) -> None:
        """The dossier is gone: no list shows it, connecting answers 404."""
        del self._dossiers[dossier]
        self.tokens.end_dossier(dossier)

    def withdraw(self, dossier: int, login: str) -> None:
        """The login no longer has access to the dossier."""
        self.logins[login].dossiers.discard(dossier)

    def admit(self, dossier: int, login: str) -> None:
        """The login has access to the dossier."""
        self.logins[login].dossiers.add(dossier)

    def revoke(self, login: str) -> None:
        """The user withdraws the consent: every token of the login is dead, and the consent page shows again."""
        self.tokens.revoke(login)
        self.logins[login].consented = False

    @property
    def all_dossiers(self) -> list[int]:
        return sorted(self._dossiers)

    @property
    def generated_dossiers(self) -> list[int]:
        """The dossiers that have books of their own or will."""
        return [id for id, dossier in sorted(self._dossiers.items()) if not dossier.card.disabled]


def _answered(handler: Callable[[T], Answer], request: T) -> Answer:
    return handler(request)


def _card(id: int, position: int) -> DossierCard:
    name, postal_code, city, language = _NAMES[position % len(_NAMES)]
    number = f"{id * 13_337 % 10_000_000:08d}"
    check = 97 - int(number) % 97
    vat_number = f"BE{number[:4]}.{number[4:7]}.{number[7:]}{check:02d}"
    label = name if position < len(_NAMES) else f"{name} {position + 1}"
    return DossierCard(id, label, vat_number, "Kaai 1", postal_code, city, language)
