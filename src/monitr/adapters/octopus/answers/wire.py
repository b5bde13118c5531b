"""Octopus's JSON as it arrives. Names as in octopus.md; every one that is not a key may be missing (nulls are omitted).

Names that are unknown here are ignored by the decoder and reported once by ``unknown_names``; those that are documented
but not used stand in ``UNUSED``.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, TypeAlias

import msgspec

from monitr.adapters.octopus.answers.ranges import LARGEST, LARGEST_TYPE, is_amount

Int32: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
Number: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=LARGEST)]
JournalType: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_TYPE)]


class Key(msgspec.Struct, gc=False, frozen=True):
    """Every key object is wrapped: ``{"id": 1}``."""

    id: Number


class LedgerElement(msgspec.Struct, gc=False, frozen=True, rename="camel"):
    """A line of bookings/modified (octopus.md 2.10). ``accountKey`` is a plain number here."""

    bookyear_key: Key
    journal_type: JournalType
    journal_nr: Number
    document_sequence_nr: Number
    document_date: date
    account_key: Number
    booking_amount: Decimal
    line_sequence_nr: Int32 | None = None
    bookyear_periode_nr: Number | None = None
    expiry_date: date | None = None
    currency_code: str | None = None
    exchange_rate: Decimal | None = None
    document_amount: Decimal | None = None
    relation_key: Key | None = None
    cost_centre_key: Key | None = None
    comment: str | None = None
    reference: str | None = None
    vat_section_code: str | None = None
    vat_recuperation_percentage: Decimal | None = None


class DeletedBooking(msgspec.Struct, gc=False, frozen=True, rename="camel"):
    """``journalSequenceNr`` here, ``journalNr`` in the lines (octopus.md 3.6)."""

    bookyear_key: Key
    journal_type: JournalType
    journal_sequence_nr: Number
    document_sequence_nr: Number


class ListedDossier(msgspec.Struct, frozen=True, rename="camel"):
    dossier_key: Key
    dossier_description: str | None = None
    vat_nr: str | None = None


class ListedPeriod(msgspec.Struct, frozen=True, rename="camel"):
    bookyear_period: Number
    start_date: date
    end_date: date

    def __post_init__(self) -> None:
        if self.end_date < self.start_date:
            raise ValueError(f"endDate {self.end_date} before startDate {self.start_date}")


class ListedBookyear(msgspec.Struct, frozen=True, rename="camel"):
    bookyear_key: Key
    start_date: date
    end_date: date
    bookyear_description: str | None = None
    closed: bool | None = None
    periods: list[ListedPeriod] | None = None


class ListedJournal(msgspec.Struct, frozen=True, rename="camel"):
    bookyear_key: Key
    journal_key: str
    name: str | None = None
    closed: bool | None = None
    currency_code: str | None = None


class Description(msgspec.Struct, frozen=True):
    nl: str | None = msgspec.field(default=None, name="description_NL")
    fr: str | None = msgspec.field(default=None, name="description_FR")
    en: str | None = msgspec.field(default=None, name="description_EN")
    de: str | None = msgspec.field(default=None, name="description_DE")


class AccountKey(msgspec.Struct, gc=False, frozen=True, rename="camel"):
    bookyear_key: Key
    id: Number


class ListedAccount(msgspec.Struct, frozen=True, rename="camel"):
    account_key: AccountKey
    description: Description | None = None


class PeriodKey(msgspec.Struct, gc=False, frozen=True, rename="camel"):
    """``bookyearPeriodNr`` here, ``bookyearPeriodeNr`` in the ledger (octopus.md 3.6)."""

    bookyear_period_nr: Number | None = None


class AmountKey(msgspec.Struct, gc=False, frozen=True, rename="camel"):
    account_key: AccountKey
    bookyear_period_key: PeriodKey | None = None


class ListedAmount(msgspec.Struct, gc=False, frozen=True, rename="camel"):
    account_amount_key: AmountKey
    balance: Decimal | None = None

    def __post_init__(self) -> None:
        if self.balance is not None and not is_amount(self.balance):
            raise ValueError(f"a balance of {str(self.balance)[:40]} cannot be kept")


class ListedCostCentre(msgspec.Struct, frozen=True, rename="camel"):
    cost_centre_key: Key
    description: Description | None = None
    closed: bool | None = None


class RelationIdentification(msgspec.Struct, frozen=True, rename="camel"):
    relation_key: Key


class ListedRelation(msgspec.Struct, frozen=True, rename="camel"):
    relation_identification_service_data: RelationIdentification
    name: str | None = None
    first_name: str | None = None
    vat_nr: str | None = None
    country: str | None = None
    client: bool | None = None
    supplier: bool | None = None
    active: bool | None = None


class OpenRow(msgspec.Struct, frozen=True, rename="camel"):
    """A row of reports/…/open (octopus.md 2.13)."""

    bookyear_key: Key
    journal_key: str
    document_sequence_nr: Number
    document_date: date
    open_booking_amount: Decimal
    line_sequence_nr: Int32 | None = None
    expiration_date: date | None = None
    relation_key: Key | None = None
    currency_code: str | None = None
    debet_booking_amount: Decimal | None = None
    credit_booking_amount: Decimal | None = None
    debet_document_amount: Decimal | None = None
    credit_document_amount: Decimal | None = None
    open_doc_amount: Decimal | None = None
    comment: str | None = None
    reference: str | None = None

    def __post_init__(self) -> None:
        for amount in (
            self.open_booking_amount,
            self.debet_booking_amount,
            self.credit_booking_amount,
            self.debet_document_amount,
            self.credit_document_amount,
            self.open_doc_amount,
        ):
            if amount is not None and not is_amount(amount):
                raise ValueError(f"an amount of {str(amount)[:40]} cannot be kept")


class MatchedKey(msgspec.Struct, gc=False, frozen=True, rename="camel"):
    """A line: -1 is the head line of an invoice (octopus.md 2.17)."""

    bookyear_key: Key
    journal_key: str
    document_sequence_nr: Number
    line_sequence_nr: Int32 | None = None


class MatchedDocument(msgspec.Struct, gc=False, frozen=True, rename="camel"):
    balancing_key: MatchedKey
    document_date: date | None = None


class MatchingType(msgspec.Struct, gc=False, frozen=True, rename="camel"):
    type: str | None = None
    relation_key: Key | None = None
    account_nr: Number | None = None


class ListedMatching(msgspec.Struct, gc=False, frozen=True, rename="camel"):
    """An element of balancings/modified (octopus.md 2.17); of a removed one nothing but the keys can be relied on."""

    debet_document: MatchedDocument
    credit_document: MatchedDocument
    type: MatchingType | None = None
    debet_balanced_booking_amount: Decimal | None = None
    credit_balanced_booking_amount: Decimal | None = None

    def __post_init__(self) -> None:
        for amount in (self.debet_balanced_booking_amount, self.credit_balanced_booking_amount):
            if amount is not None and not is_amount(amount):
                raise ValueError(f"an amount of {str(amount)[:40]} cannot be kept")


class OpenQuestion(msgspec.Struct, frozen=True, rename="camel"):
    """What reports/…/open is asked. Both ids -1: no filter (a missing one would be relation 0; octopus.md 2.13)."""

    from_bookyear_key: Key
    to_bookyear_key: Key
    from_bookyear_period_nr: int
    to_bookyear_period_nr: int
    external_relation_id: int = -1
    relation_id: int = -1


class DossierToken(msgspec.Struct, frozen=True):
    token: str | None = msgspec.field(default=None, name="Dossiertoken")

    def __repr__(self) -> str:
        return "DossierToken()"


class ErrorResult(msgspec.Struct, frozen=True, rename="camel"):
    """What a refusal says. Its texts can name the user and the caller's address: they are looked at, never shown."""

    error_code: int | None = None
    error_message: str | None = None
    technical_info: str | None = None


class TokenAnswer(msgspec.Struct, frozen=True):
    """The token endpoint's answer; the names are those of RFC 6749 (INF, octopus.md 1.2)."""

    access_token: str | None = None
    refresh_token: str | None = None
    expires_in: int | float | str | None = None
    error: str | None = None
    error_code: int | None = msgspec.field(default=None, name="errorCode")

    def __repr__(self) -> str:
        return "TokenAnswer()"


ESSENTIAL: dict[type[msgspec.Struct], frozenset[str]] = {
    LedgerElement: frozenset({"bookyearPeriodeNr"}),  # when the money counts
    ListedAmount: frozenset({"balance"}),
    OpenRow: frozenset({"debetBookingAmount", "creditBookingAmount"}),  # who owes whom
}
"""What may be missing, but cannot be missed where it is there and cannot be read."""

RATES = frozenset({"exchange_rate", "vat_recuperation_percentage"})
"""Decimals that are no amounts."""

_IN_CURRENCY = ("documentAmount", "exchangeRate", "debetDocumentAmount", "creditDocumentAmount", "openDocAmount")
DEPENDENT = {"currencyCode": _IN_CURRENCY}
"""What says nothing without another: an amount in nobody knows which currency."""

_UNUSED: dict[type[msgspec.Struct], str] = {
    ListedDossier: "city corporationTypeKey country email languageCode postalCode streetAndNr url",
    ListedJournal: """closedPeriod customFieldLineList customFieldList insertionType lastBookedDocumentNr
        protectedPeriod""",
    ListedAccount: """costCentreType defaultCostCentreKey fiscProfessionalPercentage fiscRecupPercentage
        purchaseVatCode salesVatCode vatRecupPercentage""",
    OpenRow: "bookyearPeriodNr exchangeRate externalRelationId",
    ListedRelation: """bankAccountNr bicCode city contactPerson corporationType currencyCode
        defaultBookingAccountClient defaultBookingAccountSupplier deliveryCity deliveryCountry deliveryPostalCode
        deliveryStreetAndNr email expirationDays expirationType externCustomerNr factLanguage fax
        financialDiscount ibanAccountNr invoiceDeliveryMethod mobile participantId postalCode profession remarks
        sddActive sddMandateType sddReference sddSeqtype sddSignatureDate searchField1 searchField2 streetAndNr
        supplierPaymentMethod telephone url vatType""",
}
UNUSED = {shape: frozenset(names.split()) for shape, names in _UNUSED.items()}


def unknown_names(element: msgspec.Raw, shape: type[msgspec.Struct]) -> frozenset[str]:
    """The names of an element that neither the model nor the documents know; none where it is no object."""
    try:
        names = msgspec.json.decode(element, type=dict[str, msgspec.Raw]).keys()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return frozenset()
    known = {field.encode_name for field in msgspec.structs.fields(shape)} | UNUSED.get(shape, frozenset())
    return frozenset(names - known)
