import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.domain.accounting.ledger import BookingKey

MODERATE = settings(max_examples=30, deadline=None)
INT32 = st.integers(0, 2**31 - 1)
KEYS = st.builds(BookingKey, INT32, st.one_of(st.integers(-1, 9), INT32), INT32, INT32)


def test_a_code_names_bookyear_journal_and_document() -> None:
    assert BookingKey(2, 2, 1, 17).code == "2-V1-17"


@MODERATE
@given(KEYS)
def test_a_code_reads_back_as_the_booking_it_names(key: BookingKey) -> None:
    assert BookingKey.parse(key.code) == key


@MODERATE
@given(st.one_of(st.text(max_size=12), st.from_regex(r"\A-?[0-9٣²]{1,3}-[AVFDLTX]?-?[0-9]{1,3}(-[0-9]{1,3}){0,3}\Z")))
def test_a_booking_has_one_code_and_any_other_text_is_none(text: str) -> None:
    parsed = BookingKey.parse(text)

    assert parsed is None or parsed.code == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "--",
        "2",
        "2-V1",
        "2-V1-",
        "-V1-17",
        "2--17",
        "2-V1-17-",
        "2-V1-x",
        "²-V1-17",
        "٢-V1-17",
        "+2-V1-17",
        "2-V1-1_7",
        " 2-V1-17",
        "2-V1-17\n",
        "02-V1-17",
        "2147483648-V1-17",
        "2-V2147483648-17",
        "2-V1-2147483648",
        *(
            pytest.param(code.replace("N", "9" * 5000), id=f"{code} where N has 5000 digits")
            for code in ("N-V1-17", "2-VN-17", "2-V1-N")
        ),
        "2-V1-17'; DROP TABLE transaction; --",
    ],
)
def test_a_hostile_code_is_no_booking_and_no_fault(text: str) -> None:
    assert BookingKey.parse(text) is None
