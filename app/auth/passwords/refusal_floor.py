"""The minimum time of a refusal, so that it does not reveal the scheme of a hash."""

import time
from collections.abc import Iterable
from typing import Final

from .hashes import Kind, get_cost, make

_MARGIN: Final = 1.5


class RefusalFloor:
    """Zero if all hashes cost the same, otherwise above the most expensive one.

    Every check is measured, so a new kind of hash of another server raises it. `kinds`: the schemes
    in the table at the start.
    """

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._unmeasured = sorted(set(kinds) - {Kind.UNKNOWN})
        self._costs: dict[str, float] = {}

    @property
    def is_settled(self) -> bool:
        """Whether every scheme of the start was measured."""
        return not self._unmeasured

    @property
    def seconds(self) -> float:
        """The minimum time in seconds."""
        return 0.0 if len(self._costs) <= 1 else _MARGIN * max(self._costs.values())

    def note(self, stored: str, seconds: float) -> None:
        """Notes the cost of a check. The minimum counts, because a machine may be busy."""
        form = get_cost(stored)
        self._costs[form] = min(seconds, self._costs.get(form, seconds))

    def measure(self) -> None:
        """Measures the schemes of the table. Blocks for one hash of each."""
        for kind in self._unmeasured:
            start = time.perf_counter()
            self.note(make("", kind), time.perf_counter() - start)
        self._unmeasured = []
