"""Finds the parameters of argon2id that take a chosen time on this machine.

OWASP's order: as much memory as allowed, then as many passes as the time has room for. One lane,
because the cores compute the hashes of several sign-ins.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from msgspec import Struct

from ...settings.argon2_cost import MOST_PASSES, OWASP, Argon2Cost, get_least_memory
from .decoys import make_decoy
from .hashes import Kind, Scheme, verify_hash

TOLERANCE: Final = 0.1  # of the target time
TRIES: Final = 4
RUNS: Final = 3  # of one measurement, which is the shortest of them
LONG: Final = 1.0  # seconds after which one run must do
SAMPLE: Final = 0.4  # seconds that a measured check may take; a longer one has fewer passes
LOAD_SECONDS: Final = 1.5  # for which all cores hash
BUSY: Final = 0.85  # of a core: a hash that gets less waits for other programs
_STEP: Final = 1024  # KiB


class Times(Struct):
    """The seconds of all runs: of the core that computed, and of the clock."""

    cpu: float = 0.0
    wall: float = 0.0

    @property
    def share(self) -> float:
        """How much of a core a hash got, at most 1."""
        return min(1.0, self.cpu / self.wall) if self.wall else 1.0


class Calibration(Struct, frozen=True):
    """The parameters, and what they mean here. `share`: how much of a core a hash got.

    A check takes `seconds` on a quiet core. All cores together check `per_second`.
    """

    cost: Argon2Cost
    seconds: float
    per_second: float
    share: float


def calibrate(target: float, most_memory: int, cores: int) -> Calibration:
    """Returns parameters that take about `target` seconds, with at most so many KiB.

    They are never below OWASP's minimum, also if that takes longer. Blocks for less than 30
    seconds.
    """
    times = Times()

    def measure(cost: Argon2Cost, expected: float) -> float:
        sample = _shorten(cost, expected)
        return _measure(sample, times) * cost.passes / sample.passes

    cost, seconds = search_cost(target, most_memory, measure)
    sample = _shorten(cost, seconds)
    per_second = _count_checks(sample, cores) * sample.passes / cost.passes
    return Calibration(cost, seconds, per_second, times.share)


def search_cost(
    target: float, most_memory: int, measure: Callable[[Argon2Cost, float], float]
) -> tuple[Argon2Cost, float]:
    """Returns the parameters and their seconds.

    `measure` returns the seconds of a check, and gets how many are expected.
    """
    cost = _choose(0, most_memory)
    seconds = measure(cost, 0)
    measured = {cost: seconds}
    while abs(seconds - target) > TOLERANCE * target and len(measured) < TRIES:
        speed = _get_work(cost) / seconds
        cost = _choose(target * speed, most_memory)
        if cost in measured:
            break
        seconds = measured[cost] = measure(cost, _get_work(cost) / speed)
    return min(measured.items(), key=lambda found: abs(found[1] - target))


def _choose(work: float, most_memory: int) -> Argon2Cost:
    """Returns the parameters with the most memory that come near so much work.

    Work is KiB times passes. If OWASP accepts nothing with so little, returns what is the least.
    """
    found = [
        Argon2Cost(memory, passes)
        for passes in range(1, MOST_PASSES + 1)
        if (memory := min(most_memory, int(work / passes)) // _STEP * _STEP)
        >= get_least_memory(passes)
    ]
    if found:
        near = (1 - TOLERANCE) * work
        return max(found, key=lambda cost: (_get_work(cost) >= near, cost.memory, cost.passes))
    least = (Argon2Cost(memory, passes) for passes, memory in OWASP.items())
    return min((cost for cost in least if cost.memory <= most_memory), key=_get_work)


def _shorten(cost: Argon2Cost, seconds: float) -> Argon2Cost:
    """Returns the cost with as many passes as a measurement has time for: each takes the same."""
    passes = cost.passes if seconds <= SAMPLE else int(cost.passes * SAMPLE / seconds)
    return Argon2Cost(cost.memory, max(1, passes))


def _get_work(cost: Argon2Cost) -> int:
    return cost.memory * cost.passes


def _measure(cost: Argon2Cost, times: Times) -> float:
    """Returns the seconds of a core. The clock's would also count other programs."""
    decoy, shortest = make_decoy(Scheme(Kind.ARGON2ID, cost)), float("inf")
    for _ in range(RUNS):
        start, core = time.perf_counter(), time.thread_time()
        verify_hash("", decoy)
        cpu, wall = time.thread_time() - core, time.perf_counter() - start
        times.cpu, times.wall = times.cpu + cpu, times.wall + wall
        shortest = min(shortest, cpu or wall)  # a coarse clock may say that it took nothing
        if wall > LONG:
            break
    return shortest


def _count_checks(cost: Argon2Cost, cores: int) -> float:
    """Returns the checks in a second while every core computes them: they share the memory bus."""
    decoy = make_decoy(Scheme(Kind.ARGON2ID, cost))
    start = time.perf_counter()

    def check_repeatedly(_: int) -> int:
        count = 0
        while not count or time.perf_counter() - start < LOAD_SECONDS:
            verify_hash("", decoy)
            count += 1
        return count

    with ThreadPoolExecutor(cores) as pool:
        done = sum(pool.map(check_repeatedly, range(cores)))
    return done / (time.perf_counter() - start)
