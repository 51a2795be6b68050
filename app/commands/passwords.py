"""Reads a password without showing it: never as an argument, which other users could see."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getpass
from typing import Final

from ..auth.errors import PasswordTooLong, PasswordTooShort
from ..settings.environment import SettingsError
from ..settings.options import EmailAndPasswordOptions

_NO_TERMINAL: Final = "there is no terminal to ask for the password: give it with --password-stdin"
_DIFFERENT: Final = "the two passwords differ: nothing was changed"
_EMPTY: Final = "the password is empty: nothing was changed"


class UnusablePassword(Exception):
    """A password is too short or too long: one line, with the limit."""


@contextmanager
def explain_length(options: EmailAndPasswordOptions) -> Iterator[None]:
    """Raises UnusablePassword in place of a refusal that does not say the limit."""
    try:
        yield
    except PasswordTooShort as refusal:
        limit = f"at least {options.min_password_length} characters"
        raise UnusablePassword(f"{refusal}: {limit}") from refusal
    except PasswordTooLong as refusal:
        limit = f"at most {options.max_password_length} characters"
        raise UnusablePassword(f"{refusal}: {limit}") from refusal


def read_password(*, from_stdin: bool) -> str:
    """Returns the first line of standard input, or what is typed twice. Raises `SettingsError`."""
    if not from_stdin and not sys.stdin.isatty():
        raise SettingsError((_NO_TERMINAL,))
    password = read_new_password(from_stdin=from_stdin)
    if password is None:
        raise SettingsError((_EMPTY,))
    return password


def read_new_password(*, from_stdin: bool) -> str | None:
    """Does the same for a user who may have none: None if nothing is typed, or nobody can type."""
    if from_stdin:
        line = sys.stdin.readline().removesuffix("\n").removesuffix("\r")
        if not line:
            raise SettingsError((_EMPTY,))
        return line
    password = getpass("Password: ") if sys.stdin.isatty() else ""
    if password and password != getpass("Again: "):
        raise SettingsError((_DIFFERENT,))
    return password or None
