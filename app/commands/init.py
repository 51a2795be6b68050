"""`python -m app init`; `make serve` runs it first."""

import os
import sys
from pathlib import Path
from tempfile import mkstemp
from typing import Final

from ..models.program_name import SETTINGS_LIST
from ..settings.environment import DOTENV
from ..settings.secrets import generate_secret

_TEXT: Final = """\
# Settings of this folder; {listed} lists all of them.
BETTER_AUTH_SECRET={secret}
BETTER_AUTH_TRUSTED_ORIGINS=http://localhost:3000
"""


class InitError(Exception):
    """The file cannot be written: one line."""


FAULTS = (InitError,)


def run() -> int:
    """Writes `.env` with mode 0600. Never changes an existing file."""
    try:
        written = _write_new(DOTENV, _TEXT.format(listed=SETTINGS_LIST, secret=generate_secret()))
    except OSError as fault:
        raise InitError(f"{DOTENV} can't be written: {fault.strerror}") from None
    if written:
        sys.stdout.write(f"Wrote {DOTENV} with a fresh secret; http://localhost:3000 is trusted\n")
    return 0


def _write_new(path: Path, text: str) -> bool:
    """Writes the whole file or nothing. Returns False if it exists, even if only just now."""
    if os.path.lexists(path):
        return False
    number, name = mkstemp(dir=path.parent, prefix=".env.")  # 0600
    temporary = Path(name)
    try:
        with os.fdopen(number, "w") as file:
            file.write(text)
        path.hardlink_to(temporary)
    except FileExistsError:
        return False
    finally:
        temporary.unlink()
    return True
