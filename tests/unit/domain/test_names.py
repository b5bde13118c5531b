import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr.domain.names import LONGEST_NAME, readable


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("Bakkerij Peeters & Zonen BV", "Bakkerij Peeters & Zonen BV"),
        ("Société Générale Ümit Łódź 会社 שלום", "Société Générale Ümit Łódź 会社 שלום"),
        ("  Anna\u00a0 Peeters\n", "Anna Peeters"),
        ("Monitr\r\n\u2028click here", "Monitr click here"),
        ("abc\u202egnp.exe\u202c", "abcgnp.exe"),
        ("\u2066Monitr\u2069 \u200bofficial\ufeff", "Monitr official"),
        ("a\x00b\x1b[31mc\x7f", "ab[31mc"),
        ("half \ud83d of one, private \ue000", "half of one, private"),
        ("\u200b\n", ""),
        ("é" * 300, "é" * LONGEST_NAME),
        ("e\u0301", "é"),
    ],
)
def test_a_name_is_read_on_one_line_without_what_is_not_seen(name: str, read: str) -> None:
    assert readable(name) == read


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=2000))
def test_whatever_a_name_is_it_can_be_shown(name: str) -> None:
    read = readable(name)

    assert readable(read) == read
    assert len(read.encode()) <= 4 * LONGEST_NAME
    assert read == read.strip()
    assert not set(read) & {"\n", "\r", "\t", "\x00", "\u202e", "\u2066"}
