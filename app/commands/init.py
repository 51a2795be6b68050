"""`python -m app init`: what `make serve` runs first."""

import os
import sys
from argparse import Namespace
from pathlib import Path
from tempfile import mkstemp
from typing import Final

from ..settings.environment import DOTENV
from ..settings.secrets import fresh_secret

_TEXT: Final = """\
# Settings of this folder; .env.example lists all of them.
BETTER_AUTH_SECRET={secret}
BETTER_AUTH_TRUSTED_ORIGINS=http://localhost:3000
"""


class InitError(Exception):
    """The file can't be written: one line."""


FAULTS = (InitError,)


def run(_arguments: Namespace) -> int:
    """Writes `.env` for the user alone; one that is there is never touched."""
    try:
        written = _write_new(DOTENV, _TEXT.format(secret=fresh_secret()))
    except OSError as fault:
        raise InitError(f"{DOTENV} can't be written: {fault.strerror}") from None
    if written:
        sys.stdout.write(f"Wrote {DOTENV} with a fresh secret; http://localhost:3000 is trusted\n")
    return 0


def _write_new(path: Path, text: str) -> bool:
    """Whole or not at all; False when the file is there, even if it came this very moment."""
    if os.path.lexists(path):
        return False
    number, name = mkstemp(dir=path.parent, prefix=".env.")  # 0600
    draft = Path(name)
    try:
        with os.fdopen(number, "w") as file:
            file.write(text)
        path.hardlink_to(draft)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True
