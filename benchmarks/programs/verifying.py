"""Prints the microseconds that `Verifier.verify` takes; the argument is for how many seconds."""

import sys
import time
from statistics import median
from typing import Final

from app.bridge import Verifier
from app.bridge.testing import sign

_SECRET: Final = "a-secret-for-benchmarks-only-Zk83hq0Vt5Lw"
_TOKENS: Final = 1000  # different ones, so that nothing is remembered
# What the service's tokens say beside what `sign` says.
_CLAIMS: Final = {
    "iss": "http://localhost:8000",
    "user_id": "Yq3mJ0fVbW8sRk2LxTn5cGhD7uPzAe4o",
    "id": "Yq3mJ0fVbW8sRk2LxTn5cGhD7uPzAe4o",
    "emailVerified": False,
    "image": None,
    "createdAt": "2026-11-21T08:00:00.000Z",
    "updatedAt": "2026-11-21T08:00:00.000Z",
}


def main(seconds: float) -> float:
    """The median of as many passes over all tokens as the seconds allow."""
    verifier = Verifier(_SECRET)
    tokens = [sign(f"user{n}", secret=_SECRET, claims=_CLAIMS) for n in range(_TOKENS)]
    passes: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or not passes:
        began = time.perf_counter()
        for token in tokens:
            verifier.verify(token)
        passes.append((time.perf_counter() - began) / _TOKENS * 1e6)
    return median(passes)


if __name__ == "__main__":
    sys.stdout.write(f"{main(float(sys.argv[1]))}\n")
