"""Which program runs on which core, and how much memory it has."""

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from msgspec import Struct

_PROCESSES: Final = Path("/proc")


class Cores(Struct, frozen=True):
    """The measured server's, and those of everything else that works for the measurement."""

    server: tuple[int, ...]
    rest: tuple[int, ...]


def of_machine() -> tuple[int, ...]:
    return of_program(0)


def of_program(pid: int) -> tuple[int, ...]:
    """Which it may use; 0 is this one."""
    if sys.platform == "linux":
        return tuple(sorted(os.sched_getaffinity(pid)))
    raise SystemExit("the benchmark binds programs to cores, as Linux alone does")


def apart() -> Cores:
    """The server alone on one core, the last: interrupts prefer the first."""
    *others, last = of_machine()
    return Cores((last,), tuple(others) or (last,))


def alone() -> Cores:
    """One core for everything."""
    *_, last = of_machine()
    return Cores((last,), (last,))


def together() -> Cores:
    return Cores(of_machine(), of_machine())


@contextmanager
def on(cores: Sequence[int]) -> Iterator[None]:
    """Programs that are started in the block stay on these cores, with all their threads."""
    before = of_machine()
    _bind(0, cores)
    try:
        yield
    finally:
        _bind(0, before)


def move(pid: int, cores: Sequence[int]) -> None:
    """Brings a running program to these cores, with its children and those it will have."""
    for each in family(pid):
        for thread in _threads(each):
            with suppress(ProcessLookupError):  # PostgreSQL's helpers come and go
                _bind(thread, cores)


def memory(pid: int) -> float:
    """MiB that a program and its children hold now (resident set)."""
    return _sum_of("VmRSS", pid)


def most_memory(pid: int) -> float:
    """MiB that they have held at most, each at its time."""
    return _sum_of("VmHWM", pid)


def parent(pid: int) -> int:
    """Raises ProcessLookupError where there is no such program."""
    found = re.search(r"^PPid:\s+(\d+)", _status(pid), re.MULTILINE)
    if found is None:
        raise ProcessLookupError(f"no program {pid}")
    return int(found[1])


def family(pid: int) -> list[int]:
    """A program and all its descendants."""
    parents: dict[int, int] = {}
    for path in _PROCESSES.glob("[0-9]*"):
        with suppress(ProcessLookupError):
            parents[int(path.name)] = parent(int(path.name))
    found = [pid]
    for known in found:  # grows while it is read
        found += [each for each, above in parents.items() if above == known]
    return found


def _bind(thread: int, cores: Sequence[int]) -> None:
    if sys.platform == "linux":
        os.sched_setaffinity(thread, cores)


def _sum_of(name: str, pid: int) -> float:
    texts = [_status(each) for each in family(pid)]
    held = [re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE) for text in texts]
    return sum(int(found[1]) for found in held if found) / 1024


def _threads(pid: int) -> list[int]:
    try:
        return [int(path.name) for path in (_PROCESSES / str(pid) / "task").iterdir()]
    except OSError:  # gone meanwhile
        return []


def _status(pid: int) -> str:
    try:
        return (_PROCESSES / str(pid) / "status").read_text()
    except OSError:  # gone meanwhile
        return ""
