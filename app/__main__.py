"""`python -m app`."""

import sys

from .commands.cli import main
from .settings.system import write_utf8

if __name__ == "__main__":
    write_utf8()
    sys.exit(main(sys.argv[1:]))
