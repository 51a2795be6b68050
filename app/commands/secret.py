"""`python -m app secret`."""

import sys
from argparse import Namespace

from ..settings.secrets import generate_secret

FAULTS = ()


def run(_arguments: Namespace) -> int:
    """Prints a secret for `BETTER_AUTH_SECRET`."""
    sys.stdout.write(f"{generate_secret()}\n")
    return 0
