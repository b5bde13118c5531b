import pytest

from monitr.entrypoints.http import authorise_page
from monitr.entrypoints.http.languages import LANGUAGES, preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("nl", "nl"),
        ("NL-be,fr;q=0.9", "nl"),
        ("en;q=0.4, fr-BE ; q=0.8", "fr"),
        ("pl, de;q=0.1", "de"),
        ("nl;q=0, fr;q=0.1", "fr"),
        ("nl;q=x, nl;q=-1, nl;level=1, *", "en"),
        (";q=1,,;;q", "en"),
        ("nl;q=999", "nl"),
        ("x," * 5000 + "nl", "en"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_first_of_our_languages_that_the_reader_prefers(header: str | None, language: str) -> None:
    assert preferred(header) == language


def test_every_language_has_all_the_words() -> None:
    words = authorise_page._WORDS

    assert set(words) == set(LANGUAGES)
    assert len({frozenset(of) for of in words.values()}) == 1
    assert all(text.strip() for of in words.values() for text in of.values())
