"""What a whole run of the scenarios came to; the one process that hears of all tests counts."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from msgspec import Struct

from .scenario import all_scenarios

# Fewer in a run of all scenarios fail it: something kept them from being played.
LEAST_EXCHANGES = 2600
PROPERTY = "parity"


class Tally(Struct, frozen=True):
    """`exchanges` are requests and mails that both sides were compared on."""

    exchanges: int
    scenarios: int
    on_postgresql: int
    unexplained: int
    paths: frozenset[str]

    @property
    def is_short(self) -> bool:
        """Whether all scenarios ran and yet too little was compared."""
        return self.scenarios == len(all_scenarios()) and self.exchanges < LEAST_EXCHANGES

    def __str__(self) -> str:
        return (
            f"parity: {self.exchanges} exchanges in {self.scenarios} scenarios,"
            f" {self.on_postgresql} on PostgreSQL, {self.unexplained} unexplained differences"
        )


def tally(stats: Mapping[str, list[Any]]) -> Tally | None:
    """None when no scenario ran."""
    found = list(_reports(report for reports in stats.values() for report in reports))
    if not found:
        return None
    return Tally(
        exchanges=sum(each["exchanges"] for each in found),
        scenarios=len({each["scenario"] for each in found}),
        on_postgresql=sum(e["exchanges"] for e in found if e["engine"] == "postgresql"),
        unexplained=sum(each["unexplained"] for each in found),
        paths=frozenset(path for each in found for path in each["paths"]),
    )


def _reports(reports: Iterable[object]) -> Iterable[dict[str, Any]]:
    for report in reports:
        if isinstance(report, pytest.TestReport) and report.when == "call":
            yield from (json.loads(str(v)) for k, v in report.user_properties if k == PROPERTY)
