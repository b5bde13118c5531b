"""The keys of journals, where statements write them."""

import pytest

from monitr.adapters.sql.journal_keys import LETTERS, parted
from monitr.domain.accounting.bookyear import journal_key


@pytest.mark.parametrize("type", range(1, 9))
def test_a_statement_writes_them_as_the_domain_does(type: int) -> None:
    """``coalesce(letters[type], 'T' || type || '-') || number``; beyond its end an array has nothing."""
    letter = LETTERS[type - 1] if type <= len(LETTERS) else None
    assert f"{letter or f'T{type}-'}3" == journal_key(type, 3)


def test_what_is_no_key_is_left_out() -> None:
    assert parted(["V1", "nonsense", "T6-2"]) == {"keys": ["V1", "T6-2"], "types": [2, 6], "numbers": [1, 2]}
