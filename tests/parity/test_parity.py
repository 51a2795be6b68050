"""Every scenario, against the original and against ours: whatever differs must be on purpose."""

import asyncio
import json
from collections.abc import Iterator

import pytest

from .differences import DIFFERENCES
from .outcome import Outcome, play
from .pairs import Pairs
from .scenario import Engine, Scenario, all_scenarios
from .summary import PROPERTY


def cases() -> Iterator[object]:
    """Those that share servers run one after the other in one process."""
    for engine in ("sqlite", "postgresql"):
        for one in all_scenarios():
            if engine in one.engines:
                group = pytest.mark.xdist_group(f"parity {one.group(engine)}")
                yield pytest.param(one, engine, id=f"{one.name}-{engine}", marks=group)


@pytest.mark.parametrize(("scenario", "engine"), list(cases()))
def test_answers_are_those_of_the_original(
    scenario: Scenario,
    engine: Engine,
    pairs: Pairs,
    request: pytest.FixtureRequest,
) -> None:
    outcome = asyncio.run(play(scenario, pairs.of(scenario, engine, request), DIFFERENCES))
    request.node.user_properties.append((PROPERTY, json.dumps(_report(scenario, engine, outcome))))
    faults = [
        *map(str, outcome.unexplained),
        *(f"no longer differs: {d.what}" for d in outcome.idle),
    ]
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


def _report(scenario: Scenario, engine: str, outcome: Outcome) -> dict[str, object]:
    return {
        "scenario": scenario.name,
        "engine": engine,
        "exchanges": outcome.exchanges,
        "unexplained": len(outcome.unexplained),
        "paths": sorted(outcome.paths),
    }
