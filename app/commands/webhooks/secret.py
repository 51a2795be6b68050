"""`python -m app webhooks secret`."""

import sys

from ...settings.webhooks import generate_webhook_secret

FAULTS: tuple[type[Exception], ...] = ()


def run() -> int:
    """Prints a new secret, in the form of Standard Webhooks."""
    sys.stdout.write(f"{generate_webhook_secret()}\n")
    return 0
