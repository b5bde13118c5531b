import pytest

from monitr.domain.accounting.account import Names
from monitr.domain.language import Language, preferred_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, None),
        ("", None),
        ("fr", Language.FR),
        ("fr-BE", Language.FR),
        ("FR-be, nl;q=0.9", Language.FR),
        ("nl;q=0.5,de;q=0.8 , en;q=0.7", Language.DE),
        ("es, en;q=0.1", Language.EN),
        ("es, *", None),
        ("nl;q=0", None),
        ("nl;q=0, en;q=0.001", Language.EN),
        ("en, nl", Language.EN),
        ("nl;q=high", None),
        ("nl;q=1.5, fr;q=0.2", Language.FR),
        ("*;q=0.5, de;q=0.1", Language.DE),
        ("\x00\udc80;q=,;,", None),
        ("nl;;, fr", Language.FR),
        ("x" * 100_000 + ",nl", None),
    ],
)
def test_the_language_that_is_liked_best_is_chosen(header: str | None, language: Language | None) -> None:
    assert preferred_language(header) is language


@pytest.mark.parametrize(
    ("names", "language", "shown"),
    [
        (Names("kas", "caisse", "cash", "Kasse"), Language.DE, "Kasse"),
        (Names("kas", "caisse", "cash", "Kasse"), None, "kas"),
        (Names("kas", "caisse", " "), Language.EN, "kas"),
        (Names("", "caisse", "cash"), Language.DE, "caisse"),
        (Names(), Language.NL, "570000"),
    ],
)
def test_a_name_that_is_empty_is_that_of_the_usual_order(names: Names, language: Language | None, shown: str) -> None:
    assert names.in_language(language, "570000") == shown
