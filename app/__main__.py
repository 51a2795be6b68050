"""`python -m app`."""

import sys

from app.commands.line import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
