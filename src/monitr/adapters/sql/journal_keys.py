"""Journals: the ledger has them by type and number, Octopus's reports and matchings by their keys."""

from collections.abc import Iterable, Mapping

from monitr.domain.accounting.bookyear import JOURNAL_LETTERS, parse_journal_key

LETTERS = [JOURNAL_LETTERS.get(type) for type in range(1, max(JOURNAL_LETTERS) + 1)]
"""By type, counted from 1 as PostgreSQL counts: where a statement writes keys, it asks for these."""


def parted(keys: Iterable[str]) -> Mapping[str, object]:
    """Those that are keys, with their types and numbers, as three arrays of a statement."""
    journals = {key: journal for key in keys if (journal := parse_journal_key(key))}
    types, numbers = ([journal[at] for journal in journals.values()] for at in (0, 1))
    return {"keys": list(journals), "types": types, "numbers": numbers}
