"""Where each kind of reference data is stored: its table, key, columns, and the values of a row."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from monitr.application.octopus import AccountAmount
from monitr.domain.accounting.account import Account, CostCentre, Names, Relation
from monitr.domain.accounting.bookyear import Bookyear, Journal
from monitr.domain.accounting.outstanding_items import OutstandingItem


@dataclass(frozen=True, slots=True)
class Stored:
    """``columns`` maps each to its SQL type, the key's first; ``values`` gives them in that order."""

    table: str
    key: tuple[str, ...]
    columns: dict[str, str]
    values: Callable[[Any], tuple[object, ...]]

    def rows(self, rows: Sequence[Any]) -> list[tuple[object, ...]]:
        """Their values, one for each key: of two with the same key the last counts."""
        width = len(self.key)
        return list({values[:width]: values for values in map(self.values, rows)}.values())


_NAMES = {"name_nl": "text", "name_fr": "text", "name_en": "text", "name_de": "text"}


def _names(names: Names) -> tuple[str, str, str, str]:
    return names.nl, names.fr, names.en, names.de


def _bookyear(row: Bookyear) -> tuple[object, ...]:
    periods = [[period.number, period.start.isoformat(), period.end.isoformat()] for period in row.periods]
    return row.number, row.description, row.start, row.end, row.closed, json.dumps(periods)


def _outstanding_item(row: OutstandingItem) -> tuple[object, ...]:
    """With the ordinal of the first; ``item_stage`` numbers those of one line."""
    return (
        row.type.value,
        row.bookyear,
        row.journal_key,
        row.document_number,
        row.line_sequence,
        1,
        row.relation,
        row.document_date,
        row.due_date,
        row.amount,
        row.amount_outstanding,
        row.currency,
        row.currency_amount,
        row.currency_amount_outstanding,
        row.description,
        row.reference,
    )


STORED: dict[type, Stored] = {
    Bookyear: Stored(
        "bookyear",
        ("number",),
        {
            "number": "int4",
            "description": "text",
            "start_date": "date",
            "end_date": "date",
            "closed": "bool",
            "periods": "jsonb",
        },
        _bookyear,
    ),
    Journal: Stored(
        "journal",
        ("bookyear", "type", "number"),
        {"bookyear": "int4", "type": "text", "number": "int4", "name": "text", "closed": "bool", "currency": "text"},
        lambda row: (row.bookyear, row.type, row.number, row.name, row.closed, row.currency),
    ),
    Account: Stored(
        "account",
        ("bookyear", "number"),
        {"bookyear": "int4", "number": "int4", **_NAMES},
        lambda row: (row.bookyear, row.number, *_names(row.names)),
    ),
    CostCentre: Stored(
        "cost_centre",
        ("number",),
        {"number": "int4", **_NAMES, "closed": "bool"},
        lambda row: (row.number, *_names(row.names), row.closed),
    ),
    Relation: Stored(
        "relation",
        ("number",),
        {
            "number": "int4",
            "name": "text",
            "vat_number": "text",
            "country": "text",
            "is_client": "bool",
            "is_supplier": "bool",
            "active": "bool",
        },
        lambda row: (
            row.number,
            row.name,
            row.vat_number,
            row.country,
            row.is_client,
            row.is_supplier,
            row.active,
        ),
    ),
    AccountAmount: Stored(
        "account_amount",
        ("bookyear", "period", "account"),
        {"bookyear": "int4", "period": "int4", "account": "int4", "balance": "numeric"},
        lambda row: (row.bookyear, row.period, row.account, row.balance),
    ),
    OutstandingItem: Stored(
        "outstanding_item",
        ("type", "bookyear", "journal_key", "document_number", "line_sequence", "ordinal"),
        {
            "type": "text",
            "bookyear": "int4",
            "journal_key": "text",
            "document_number": "int4",
            "line_sequence": "int4",
            "ordinal": "int4",
            "relation": "int4",
            "document_date": "date",
            "due_date": "date",
            "amount": "numeric",
            "amount_outstanding": "numeric",
            "currency": "text",
            "currency_amount": "numeric",
            "currency_amount_outstanding": "numeric",
            "description": "text",
            "reference": "text",
        },
        _outstanding_item,
    ),
}
