from uuid import UUID

import pytest

from monitr.adapters.security.cipher import AesGcmCipher, Undecipherable

OLD, NEW = b"o" * 32, b"n" * 32
PLACE = "credential|refresh_token|1"
MINE, THEIRS = UUID(int=1), UUID(int=2)


def test_a_secret_comes_back_and_is_not_readable_in_between() -> None:
    cipher = AesGcmCipher([NEW])
    sealed = cipher.encrypt("geheim €", PLACE, MINE)

    assert cipher.decrypt(sealed, PLACE, MINE) == "geheim €"
    assert b"geheim" not in sealed


def test_the_same_secret_never_looks_the_same() -> None:
    cipher = AesGcmCipher([NEW])

    assert cipher.encrypt("secret", PLACE, MINE) != cipher.encrypt("secret", PLACE, MINE)


def test_after_a_rotation_old_secrets_are_read_and_new_ones_use_the_new_key() -> None:
    old = AesGcmCipher([OLD]).encrypt("secret", PLACE, MINE)
    rotated = AesGcmCipher([NEW, OLD])

    assert rotated.decrypt(old, PLACE, MINE) == "secret"
    assert AesGcmCipher([NEW]).decrypt(rotated.encrypt("secret", PLACE, MINE), PLACE, MINE) == "secret"


def test_a_secret_does_not_decrypt_at_another_place() -> None:
    cipher = AesGcmCipher([NEW])

    with pytest.raises(Undecipherable, match="altered or moved"):
        cipher.decrypt(cipher.encrypt("secret", PLACE, MINE), "credential|refresh_token|2", MINE)


def test_a_secret_does_not_decrypt_for_another_organisation() -> None:
    cipher = AesGcmCipher([NEW])

    with pytest.raises(Undecipherable, match="altered or moved"):
        cipher.decrypt(cipher.encrypt("secret", PLACE, MINE), PLACE, THEIRS)


OF_BEFORE = bytes.fromhex("01c562e8c684c49e2ba1afb2901bee083ec02ecd645aa4dd6528bb12fcf5acbef5824fa02caf400eaa96")
"""The secret "of before", by the program before there was a second format."""


def test_what_a_program_before_has_written_is_read_and_is_bound_to_its_place() -> None:
    cipher = AesGcmCipher([NEW, bytes(range(32))])

    assert cipher.decrypt(OF_BEFORE, PLACE, MINE) == "of before"
    with pytest.raises(Undecipherable):
        cipher.decrypt(OF_BEFORE, "credential|refresh_token|2", MINE)
    with pytest.raises(Undecipherable):
        cipher.decrypt(b"\x02" + OF_BEFORE[1:], PLACE, MINE)


def test_what_a_program_before_has_to_read_is_written_in_its_format() -> None:
    sealed = AesGcmCipher([NEW]).encrypt("secret", PLACE, None)

    assert sealed[:1] == b"\x01"
    assert AesGcmCipher([NEW]).decrypt(sealed, PLACE, MINE) == "secret"


@pytest.mark.parametrize("position", [0, 1, 5, 17, -1], ids=["version", "key id", "nonce", "text", "tag"])
def test_an_altered_byte_is_noticed(position: int) -> None:
    cipher = AesGcmCipher([NEW])
    sealed = bytearray(cipher.encrypt("secret", PLACE, MINE))
    sealed[position] ^= 1

    with pytest.raises(Undecipherable):
        cipher.decrypt(bytes(sealed), PLACE, MINE)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" * 20])
def test_something_else_than_a_sealed_secret_is_refused(sealed: bytes) -> None:
    with pytest.raises(Undecipherable):
        AesGcmCipher([NEW]).decrypt(sealed, PLACE, MINE)


def test_a_key_that_went_away_is_named_as_the_reason() -> None:
    with pytest.raises(Undecipherable, match="MONITR_ENCRYPTION_KEYS"):
        AesGcmCipher([NEW]).decrypt(AesGcmCipher([OLD]).encrypt("secret", PLACE, MINE), PLACE, MINE)


@pytest.mark.parametrize("keys", [[], [b"short"], [NEW, b"short"]])
def test_keys_of_another_length_are_refused(keys: list[bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        AesGcmCipher(keys)


def test_keys_are_in_no_representation() -> None:
    assert "nnnn" not in repr(AesGcmCipher([NEW]))
