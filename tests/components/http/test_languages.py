import pytest

from monitr.entrypoints.http import authorise_page
from monitr.entrypoints.http.languages import Language, preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, Language.ENGLISH),
        ("", Language.ENGLISH),
        ("nl", Language.DUTCH),
        ("NL-be,fr;q=0.9", Language.DUTCH),
        ("en;q=0.4, fr-BE ; q=0.8", Language.FRENCH),
        ("pl, de;q=0.1", Language.GERMAN),
        ("nl;q=0, fr;q=0.1", Language.FRENCH),
        ("nl;q=x, nl;q=-1, nl;level=1, *", Language.ENGLISH),
        (";q=1,,;;q", Language.ENGLISH),
        ("nl;q=999", Language.DUTCH),
        ("x," * 5000 + "nl", Language.ENGLISH),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_first_of_our_languages_that_the_reader_prefers(header: str | None, language: Language) -> None:
    assert preferred(header) is language


def test_every_language_has_all_the_words() -> None:
    words = authorise_page._WORDS

    assert set(words) == set(Language)
    assert len({frozenset(of) for of in words.values()}) == 1
    assert all(text.strip() for of in words.values() for text in of.values())
