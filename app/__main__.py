"""`python -m app`."""

import sys

from app.commands.line import main
from app.system import write_utf8

if __name__ == "__main__":
    write_utf8()
    sys.exit(main(sys.argv[1:]))
