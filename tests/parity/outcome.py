"""One scenario played on both sides, and what came of it."""

import asyncio
from collections.abc import Sequence

from msgspec import Struct

from .comparison import Mismatch, mismatches
from .differences import Difference
from .scenario import Run, Scenario
from .servers import Pair
from .side import Side


class Outcome(Struct, frozen=True):
    """`idle` are differences that should have shown in this scenario and did not."""

    exchanges: int
    unexplained: list[Mismatch]
    idle: list[Difference]
    paths: frozenset[str]


async def play(scenario: Scenario, pair: Pair, differences: Sequence[Difference]) -> Outcome:
    """Both sides at once; raises what the scenario itself raised on both of them."""
    original, ours = pair.sides()
    faults = await asyncio.gather(_run(scenario.run, original), _run(scenario.run, ours))
    found = list(mismatches(original.steps, ours.steps, pair.setup.secret))
    if faults[0] is not None and (faults[1] is not None or not found):
        raise faults[0]
    if faults[1] is not None:
        found.append(Mismatch("the scenario", "fault", "none", repr(faults[1])))
    unexplained, used = [], set()
    for one in found:
        reasons = [d for d in differences if d.explains(scenario.name, one)]
        used |= {d.what for d in reasons}
        if not reasons:
            unexplained.append(one)
    idle = [d for d in differences if d.must_show(scenario.name) and d.what not in used]
    paths = frozenset(step.path for step in original.steps)
    return Outcome(len(original.steps), unexplained, idle, paths)


async def _run(run: Run, side: Side) -> Exception | None:
    try:
        await run(side)
    except Exception as fault:  # noqa: BLE001  # whatever it is, both sides must agree on it
        return fault
    return None
