"""Prints the milliseconds that `import app.bridge` takes in a fresh interpreter."""

import sys
import time

if __name__ == "__main__":
    began = time.perf_counter()
    import app.bridge  # noqa: F401 - what is measured

    took = time.perf_counter() - began
    sys.stdout.write(f"{took * 1e3}\n")
