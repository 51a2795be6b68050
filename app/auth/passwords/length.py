"""The length of a password, in UTF-16 code units, like JavaScript."""

from ...settings.options import EmailAndPasswordOptions
from ..errors import PasswordTooLong, PasswordTooShort


def refuse_short(password: str, options: EmailAndPasswordOptions) -> None:
    """Raises PasswordTooShort."""
    if _count_code_units(password) < options.min_password_length:
        raise PasswordTooShort


def refuse_long(password: str, options: EmailAndPasswordOptions) -> None:
    """Raises PasswordTooLong, before the password is hashed."""
    if _count_code_units(password) > options.max_password_length:
        raise PasswordTooLong


def _count_code_units(password: str) -> int:
    return len(password.encode("utf-16-le")) // 2
