"""`python -m app secret`."""

import sys

from ..settings.secrets import generate_secret

FAULTS = ()


def run() -> int:
    """Prints a secret for `BETTER_AUTH_SECRET`."""
    sys.stdout.write(f"{generate_secret()}\n")
    return 0
