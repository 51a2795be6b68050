"""Prints the milliseconds that an API waits for the import of the bridge."""

import sys
import time

if __name__ == "__main__":
    began = time.perf_counter()
    import app.bridge

    took = time.perf_counter() - began
    assert app.bridge.__name__ in sys.modules
    sys.stdout.write(f"{took * 1e3}\n")
