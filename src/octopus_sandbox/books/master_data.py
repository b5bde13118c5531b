"""Accounts, journals, relations, cost centres and VAT codes: what ledger lines refer to."""

from dataclasses import dataclass, field

from octopus_sandbox.books.entries import JOURNAL_TYPES


@dataclass(frozen=True, slots=True)
class Names:
    """A name in Octopus's languages; an empty one is sent as such, None is left out (octopus.md 2.4)."""

    nl: str
    fr: str = ""
    en: str | None = ""
    de: str | None = None

    def in_language(self, locale: int) -> str:
        """The name for localeId 1 NL, 2 FR, 3 EN, 4 DE (0 is taken as NL), with NL, FR as fall-back."""
        wanted = {1: self.nl, 2: self.fr, 3: self.en, 4: self.de}.get(locale)
        return wanted or self.nl or self.fr


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the chart of one bookyear (octopus.md 2.4)."""

    bookyear: int
    number: int
    names: Names
    modified: int
    purchase_vat_code: str | None = None
    sales_vat_code: str | None = None
    cost_centre_type: int = 0
    """0 none, 1 mandatory, 2 allowed."""
    vat_recoverable: int = 100
    """Percent."""


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal of one bookyear (octopus.md 2.3)."""

    bookyear: int
    key: str
    """Letter and number."""
    names: Names
    modified: int
    closed: bool = False
    currency: str | None = None
    account: int | None = None
    """The ledger account of a financial journal."""
    iban: str = ""
    insertion_type: int = 1

    @property
    def type(self) -> int:
        return JOURNAL_TYPES.get(self.key[0], 4)

    @property
    def number(self) -> int:
        return int(self.key[1:])


@dataclass(frozen=True, slots=True)
class Relation:
    """A client, a supplier, or both (octopus.md 2.8)."""

    id: int
    name: str
    modified: int
    client: bool = False
    supplier: bool = False
    street: str = ""
    postal_code: str = ""
    city: str | None = ""
    country: str = "BE"
    vat_number: str = ""
    """Dotted, as Octopus sends it."""
    vat_type: int = 1
    language: int = 0
    """factLanguage: 0 NL, 1 FR, 2 EN, 3 DE."""
    currency: str = "EUR"
    expiration_days: int = 30
    active: bool = True
    external_id: int = 0
    iban: str = ""
    default_purchase_account: int = 0
    default_sales_account: int = 0


@dataclass(frozen=True, slots=True)
class CostCentre:
    """The one dimension that Octopus has (octopus.md 2.7)."""

    id: int
    names: Names
    closed: bool = False


@dataclass(frozen=True, slots=True)
class VatCode:
    """A VAT code (octopus.md 2.16); `type` 1 purchase, 2 sale, 3 and 4 their credit notes."""

    code: str
    type: int
    percentage: int
    names: Names = field(default_factory=lambda: Names(""))
    default_sales_account: int = 0


VAT_CODES = (
    VatCode("D21", 1, 21, Names("Diensten en goederen 21%", "Services et biens divers 21%")),
    VatCode("D06", 1, 6, Names("Diensten en goederen 6%", "Services et biens divers 6%")),
    VatCode("D00", 1, 0, Names("Diensten en goederen 0%", "Services et biens divers 0%")),
    VatCode("H21", 1, 21, Names("Handelsgoederen 21%", "Marchandises 21%")),
    VatCode("I21", 1, 21, Names("Investeringen 21%", "Investissements 21%")),
    VatCode("I06", 1, 6, Names("Investeringen 6%", "Investissements 6%")),
    VatCode("DEU", 1, 21, Names("Intracommunautaire verwerving", "Acquisition intracommunautaire")),
    VatCode("21", 2, 21, Names("Verkoop 21%", "Ventes 21%"), 700000),
    VatCode("06", 2, 6, Names("Verkoop 6%", "Ventes 6%"), 700100),
    VatCode("00", 2, 0, Names("Verkoop 0%", "Ventes 0%"), 700200),
    VatCode("EU", 2, 0, Names("Intracommunautaire levering", "Livraison intracommunautaire"), 701000),
    VatCode("DC21", 3, 21, Names("Creditnota aankoop 21%", "Note de crédit achat 21%")),
    VatCode("C21", 4, 21, Names("Creditnota verkoop 21%", "Note de crédit vente 21%"), 700000),
)
