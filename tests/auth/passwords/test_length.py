"""Lengths as JavaScript's `length` counts them."""

import pytest

from app.auth.errors import PasswordTooLong, PasswordTooShort
from app.auth.passwords.length import refuse_long, refuse_short
from app.settings.options import EmailAndPasswordOptions

POLICY = EmailAndPasswordOptions()


@pytest.mark.parametrize("password", ["xxxxxxxx", "😀" * 4, " " * 8, "\0" * 8, "é" * 8])
def test_eight_utf16_units_are_enough(password: str) -> None:
    refuse_short(password, POLICY)


@pytest.mark.parametrize("password", ["", "xxxxxxx", "😀" * 3 + "x", "é" * 7])
def test_seven_are_too_few(password: str) -> None:
    with pytest.raises(PasswordTooShort):
        refuse_short(password, POLICY)


@pytest.mark.parametrize("password", ["x" * 128, "😀" * 64, "é" * 128])
def test_128_utf16_units_are_not_too_many(password: str) -> None:
    refuse_long(password, POLICY)


@pytest.mark.parametrize("password", ["x" * 129, "😀" * 64 + "x", "x" * 1_000_000])
def test_129_are(password: str) -> None:
    with pytest.raises(PasswordTooLong):
        refuse_long(password, POLICY)


def test_combining_characters_count_before_normalisation() -> None:
    refuse_short("e\u0301" * 4, POLICY)


def test_bounds_are_the_setting_s() -> None:
    policy = EmailAndPasswordOptions(min_password_length=15, max_password_length=20)
    with pytest.raises(PasswordTooShort):
        refuse_short("x" * 14, policy)
    refuse_short("x" * 15, policy)
    refuse_long("x" * 20, policy)
    with pytest.raises(PasswordTooLong):
        refuse_long("x" * 21, policy)
