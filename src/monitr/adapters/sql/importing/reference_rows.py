"""Where each kind of row is stored whose whole list, or changes, replace what is there: its table, and its values."""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from monitr.adapters.sql.database import tables
from monitr.application.octopus import AccountAmount
from monitr.domain.accounting.account import Account, CostCentre, Names, Relation
from monitr.domain.accounting.bookyear import Bookyear, Journal
from monitr.domain.accounting.fixed_assets import Acquisition
from monitr.domain.accounting.matchings import Matching
from monitr.domain.accounting.outstanding_items import OutstandingItem

_OWNER = "administration_id"
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own


@dataclass(frozen=True, slots=True)
class Stored:
    """``columns`` maps each to its SQL type, the key's first; ``values`` gives them in that order. The owner of the
    row, the administration, is in neither."""

    table: str
    key: tuple[str, ...]
    columns: dict[str, str]
    values: Callable[[Any], tuple[object, ...]]

    def rows(self, rows: Sequence[Any]) -> list[tuple[object, ...]]:
        """Their values, one for each key: of two with the same key the last counts."""
        width = len(self.key)
        return list({values[:width]: values for values in map(self.values, rows)}.values())


def _stored(
    table: Table, values: Callable[[Any], tuple[object, ...]] | None = None, *, but: Collection[str] = ()
) -> Stored:
    """Without ``values`` the rows have an attribute for each column; ``but`` for those that the import adds."""
    left_out = {_OWNER, *but}
    columns = {column.name: column.type.compile(_DIALECT) for column in table.columns if column.name not in left_out}
    key = tuple(column.name for column in table.primary_key if column.name != _OWNER)
    assert tuple(columns)[: len(key)] == key
    return Stored(table.name, key, columns, values or attrgetter(*columns))


def _names(names: Names) -> tuple[str, str, str, str]:
    return names.nl, names.fr, names.en, names.de


def _bookyear(row: Bookyear) -> tuple[object, ...]:
    periods = [[period.number, period.start.isoformat(), period.end.isoformat()] for period in row.periods]
    return row.number, row.description, row.start, row.end, row.closed, json.dumps(periods), row.unlisted_since


def _outstanding_item(row: OutstandingItem) -> tuple[object, ...]:
    """With the ordinal of the first; ``open_items`` numbers those of one line."""
    type, *key = _ITEM_KEY(row)
    return (type.value, *key, 1, *_ITEM_REST(row))


def _matching(row: Matching) -> tuple[object, ...]:
    return (*row.debit, *row.credit, *_MATCHED(row))


def _acquisition(row: Acquisition) -> tuple[object, ...]:
    return (*row.booking, *_ACQUIRED(row))


def _attributes(table: Table, first: str, last: str) -> Callable[[object], tuple[Any, ...]]:
    """Those that are named like the columns from one to the other."""
    names = table.columns.keys()
    return attrgetter(*names[names.index(first) : names.index(last) + 1])


_ITEM_KEY = _attributes(tables.outstanding_item, "type", "line_sequence")
_ITEM_REST = _attributes(tables.outstanding_item, "relation", "reference")
_MATCHED = _attributes(tables.matching, "kind", "matched_on")
_ACQUIRED = _attributes(tables.fixed_asset, "ordinal", "relation")

STORED: dict[type, Stored] = {
    Bookyear: _stored(tables.bookyear, _bookyear),
    Journal: _stored(tables.journal),
    Account: _stored(tables.account, lambda row: (row.bookyear, row.number, *_names(row.names))),
    CostCentre: _stored(tables.cost_centre, lambda row: (row.number, *_names(row.names), row.closed)),
    Relation: _stored(tables.relation),
    AccountAmount: _stored(tables.account_amount),
    OutstandingItem: _stored(tables.outstanding_item, _outstanding_item, but=("found_on",)),
    Matching: _stored(tables.matching, _matching, but=("counts",)),
    Acquisition: _stored(tables.fixed_asset, _acquisition),
}
