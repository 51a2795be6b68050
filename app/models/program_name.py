"""How this program is called: messages name its commands so that they can be pasted."""

import os
import sys
from pathlib import Path
from typing import Final

PACKAGE: Final = __name__.partition(".")[0]
IS_INSTALLED: Final = PACKAGE != "app"  # from the package, not from a checkout
SCRIPT: Final = "better-auth"  # the program of the package
_PYTHON: Final = r".venv\Scripts\python" if os.name == "nt" else ".venv/bin/python"


def find_program(started: str) -> str:
    """Returns the words that call this program. `started` is the file that Python runs.

    A program of others, which imports the package, has `better-auth` next to it.
    """
    is_module = Path(started).parts[-2:] == (PACKAGE, "__main__.py")
    return f"python -m {PACKAGE}" if is_module or not IS_INSTALLED else SCRIPT


PROGRAM: Final = find_program(sys.argv[0])
# The same as one pastes it: a checkout has a Python of its own.
COMMAND: Final = PROGRAM if IS_INSTALLED else f"{_PYTHON} -m app"
# In the development mode of Python, which shows tracebacks.
DEVELOPED: Final = f"{'python' if IS_INSTALLED else _PYTHON} -X dev -m {PACKAGE}"
SETTINGS_LIST: Final = f"`{PROGRAM} info --all`" if IS_INSTALLED else ".env.example"
