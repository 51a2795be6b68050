"""`python -m app hash calibrate`."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ...auth.passwords.calibration import BUSY, TOLERANCE, Calibration, calibrate
from ...settings.system import count_cores
from ..console import print_message
from ..output import print_done

FAULTS: tuple[type[Exception], ...] = ()
_MIB: Final = 1024  # KiB


class _Found(Struct, frozen=True, rename="camel"):
    memory_cost: int
    time_cost: int
    parallelism: int
    milliseconds: int
    sign_ins_per_second: float
    cores: int
    memory_of_all_cores: int
    is_busy: bool


def run(*, target: float, memory_limit: float, as_json: bool) -> int:
    """Prints the parameters for this machine, and what they mean."""
    cores = count_cores()
    found = calibrate(target, int(memory_limit), cores)
    cost = found.cost
    result = _Found(
        memory_cost=cost.memory,
        time_cost=cost.passes,
        parallelism=cost.lanes,
        milliseconds=round(1000 * found.seconds),
        sign_ins_per_second=round(found.per_second, 1),
        cores=cores,
        memory_of_all_cores=cores * cost.memory,
        is_busy=found.share < BUSY,
    )
    lines = (
        f"ARGON2_MEMORY_COST={cost.memory}",
        f"ARGON2_TIME_COST={cost.passes}",
        f"ARGON2_PARALLELISM={cost.lanes}",
    )
    print_done("\n".join(lines), result, as_json=as_json)
    print_message(*_explain(result, found, target))
    return 0


def _explain(result: _Found, found: Calibration, target: float) -> Iterator[str]:
    cores = "1 core does" if result.cores == 1 else f"{result.cores} cores do"
    yield (
        f"A check takes {result.milliseconds} ms here. {cores} {result.sign_ins_per_second}"
        f" sign-ins in a second, whose hashes take {result.memory_of_all_cores // _MIB} MiB of"
        " memory."
    )
    if found.seconds > target * (1 + TOLERANCE):
        asked = round(1000 * target)
        yield f"That is OWASP's minimum; {asked} ms are not possible on this machine."
    if result.is_busy:
        yield (
            f"This machine is busy: a hash got {round(100 * found.share)} % of a core. Run the"
            " command again when it is quiet."
        )
