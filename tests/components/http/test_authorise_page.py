from monitr.domain.language import Language
from monitr.entrypoints.http import authorise_page


def test_every_language_has_all_the_words() -> None:
    words = authorise_page._WORDS

    assert set(words) == set(Language)
    assert len({frozenset(of) for of in words.values()}) == 1
    assert all(text.strip() for of in words.values() for text in of.values())
