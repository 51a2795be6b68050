"""What every check of a password needs."""

from msgspec import Struct

from app.users.attempts import Attempts
from app.users.passwords import Passwords


class Checks(Struct, frozen=True):
    """The hashes, and how often somebody may be wrong."""

    passwords: Passwords
    attempts: Attempts
