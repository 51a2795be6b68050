"""`python -m app`, and the program `better-auth` of the package."""

import gc
import sys


def main() -> int:
    """Runs the command line. Returns the exit status."""
    # What modules make stays. To look through it for garbage again and again, while they are
    # loaded, took a sixth of a start. `run` switches this on again.
    gc.disable()
    # Ctrl-C may also come while the modules are loaded.
    try:
        from .commands.cli import main as run  # noqa: PLC0415 - in the block
        from .settings.system import write_utf8  # noqa: PLC0415 - in the block

        write_utf8()
        return run(sys.argv[1:])
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
