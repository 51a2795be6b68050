"""Prints how often a password is checked with argon2-cffi and nothing else, on all its cores.

The parameters are the service's; the argument is for how many seconds.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from argon2 import PasswordHasher

from app.settings.system import count_cores

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_PASSWORD: Final = "correct horse battery staple"


def main(seconds: float) -> float:
    """Checks a second."""
    threads = count_cores()
    stored = _HASHER.hash(_PASSWORD)
    began = time.perf_counter()
    end = began + seconds

    def check(_: int) -> int:
        count = 0
        while time.perf_counter() < end or not count:
            _HASHER.verify(stored, _PASSWORD)
            count += 1
        return count

    with ThreadPoolExecutor(threads) as pool:
        count = sum(pool.map(check, range(threads)))
    return count / (time.perf_counter() - began)


if __name__ == "__main__":
    sys.stdout.write(f"{main(float(sys.argv[1]))}\n")
