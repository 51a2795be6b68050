"""One scenario played on all sides, and what came of it."""

import asyncio
from collections.abc import Sequence

from msgspec import Struct

from .comparison import Mismatch, mismatches
from .differences import Difference
from .older import OLDER
from .scenario import Run, Scenario
from .servers import Pair
from .side import Side


class Verdict(Struct, frozen=True):
    """`idle` are differences that should have shown in this scenario and did not."""

    unexplained: list[Mismatch]
    idle: list[Difference]

    def __str__(self) -> str:
        silent = (f"no longer differs: {each.what}" for each in self.idle)
        return "\n".join([*map(str, self.unexplained), *silent])


class Outcome(Struct, frozen=True):
    """`verdict` is on ours, `of_older` on the older version, where that played along."""

    exchanges: int
    paths: frozenset[str]
    verdict: Verdict
    of_older: Verdict | None


class _Played(Struct, frozen=True):
    side: Side
    fault: Exception | None


async def play(scenario: Scenario, pair: Pair, differences: Sequence[Difference]) -> Outcome:
    """All sides at once; raises what the scenario itself raised on two that are compared."""
    original, ours, *older = await asyncio.gather(
        *(_play(scenario.run, side) for side in pair.sides_and_older())
    )
    steps = original.side.steps
    return Outcome(
        len(steps),
        frozenset(step.path for step in steps),
        _judge(scenario, original, ours, differences),
        _judge(scenario, older[0], original, OLDER) if older else None,
    )


async def _play(run: Run, side: Side) -> _Played:
    try:
        await run(side)
    except Exception as fault:  # noqa: BLE001  # whatever it is, both sides must agree on it
        return _Played(side, fault)
    return _Played(side, None)


def _judge(
    scenario: Scenario, measure: _Played, judged: _Played, differences: Sequence[Difference]
) -> Verdict:
    found = list(mismatches(measure.side.steps, judged.side.steps, judged.side.setup.secret))
    if measure.fault is not None and (judged.fault is not None or not found):
        raise measure.fault
    if judged.fault is not None:
        found.append(Mismatch("the scenario", "fault", "none", repr(judged.fault)))
    unexplained, used = [], set()
    for one in found:
        reasons = [d for d in differences if d.explains(scenario.name, one)]
        used |= {d.what for d in reasons}
        if not reasons:
            unexplained.append(one)
    idle = [d for d in differences if d.must_show(scenario.name) and d.what not in used]
    return Verdict(unexplained, idle)
