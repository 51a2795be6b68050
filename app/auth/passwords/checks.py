"""What every password check needs."""

from msgspec import Struct

from .attempts import Attempts
from .hashing import Passwords


class Checks(Struct, frozen=True):
    """The hashes and the login throttle."""

    passwords: Passwords
    attempts: Attempts
