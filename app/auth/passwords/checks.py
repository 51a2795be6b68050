"""What every check of a password needs."""

from msgspec import Struct

from .attempts import Attempts
from .hashing import Passwords


class Checks(Struct, frozen=True):
    """The hashes, and how often somebody may be wrong."""

    passwords: Passwords
    attempts: Attempts
