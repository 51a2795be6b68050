"""Ids and tokens: nobody can guess them, so no character may be likelier than another."""

from collections import Counter
from string import ascii_letters, ascii_lowercase, digits

import pytest

from app.models import identifiers
from app.models.identifiers import generate_id, generate_lower_token


def every_byte_as_often(length: int) -> bytes:
    return bytes(range(256)) * (length // 256 + 1)


@pytest.mark.parametrize("length", [0, 1, 24, 32, 300])
def test_id_has_the_length_that_was_asked_for(length: int) -> None:
    assert len(generate_id(length)) == length
    assert len(generate_lower_token(length)) == length


def test_every_character_occurs_and_no_other() -> None:
    assert set(generate_id(100_000)) == set(ascii_letters + digits)
    assert set(generate_lower_token(100_000)) == set(digits + ascii_lowercase)


def test_no_id_comes_twice() -> None:
    assert len({generate_id() for _ in range(10_000)}) == 10_000


def test_no_character_is_likelier_than_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identifiers, "token_bytes", every_byte_as_often)
    assert set(Counter(generate_id(4 * 62)).values()) == {4}
    assert set(Counter(generate_lower_token(7 * 36)).values()) == {7}


def test_bytes_that_were_dropped_are_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = iter([b"\xff" * 64, b"\x00" * 20, b"\x01" * 64])
    monkeypatch.setattr(identifiers, "token_bytes", lambda _length: next(pieces))
    assert generate_id() == "a" * 20 + "b" * 12
