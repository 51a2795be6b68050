"""What argon2id may cost: the least that OWASP accepts, and the most that a check may take."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

MOST_MEMORY: Final = 256 * 1024  # KiB a check may take, as libsodium's MODERATE does
MOST_PASSES: Final = 16
MOST_LANES: Final = 16
# OWASP Password Storage Cheat Sheet, argon2id: passes, and the least KiB with so many.
OWASP: Final = {1: 47104, 2: 19456, 3: 12288, 4: 9216, 5: 7168}
LEAST_MEMORY: Final = min(OWASP.values())


class Argon2Cost(Struct, frozen=True):
    """The parameters of argon2id: `memory` in KiB, passes over it, and lanes (threads)."""

    memory: int = OWASP[2]
    passes: int = 2
    lanes: int = 1


def get_least_memory(passes: int) -> int:
    """Returns the least KiB that OWASP accepts with so many passes."""
    return OWASP[min(passes, max(OWASP))]


def find_argon2_faults(cost: Argon2Cost) -> Iterator[str]:
    """Yields a line if OWASP calls the parameters too weak."""
    if cost.memory < get_least_memory(cost.passes):
        pairs = ", ".join(f"{memory} with {passes}" for passes, memory in OWASP.items())
        yield (
            f"ARGON2_MEMORY_COST={cost.memory} with ARGON2_TIME_COST={cost.passes} is below OWASP's"
            f" minimum: set at least {get_least_memory(cost.passes)}, or one of {pairs}"
        )
