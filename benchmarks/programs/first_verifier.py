"""Prints the milliseconds that an API waits for the bridge: its import, and the first verifier."""

import sys
import time

if __name__ == "__main__":
    began = time.perf_counter()
    from app.bridge import Verifier

    Verifier("only-for-measuring-only-for-measuring")  # PyJWT is loaded with it

    took = time.perf_counter() - began
    sys.stdout.write(f"{took * 1e3}\n")
