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
from .versions import OLDER, RECORD


def cases() -> Iterator[object]:
    """Those of an engine run one after the other on one worker, which keeps what it started."""
    for engine in ("sqlite", "postgresql"):
        group = pytest.mark.xdist_group(f"parity on {engine}")
        for one in all_scenarios():
            if engine in one.engines:
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
    if faults := str(outcome.verdict):
        pytest.fail(faults, pytrace=False)
    if outcome.of_older and (faults := str(outcome.of_older)):
        pytest.fail(f"{OLDER} there, {RECORD} here:\n{faults}", pytrace=False)


def _report(scenario: Scenario, engine: str, outcome: Outcome) -> dict[str, object]:
    return {
        "scenario": scenario.name,
        "engine": engine,
        "exchanges": outcome.exchanges,
        "unexplained": len(outcome.verdict.unexplained),
        "paths": sorted(outcome.paths),
    }
