"""The minimum time of a refusal, so that it does not reveal the form of a hash."""

import time
from collections.abc import Iterable
from typing import Final

from .hashes import get_cost, verify_hash

_MARGIN: Final = 1.5


class RefusalFloor:
    """Zero if all hashes cost the same, otherwise above the most expensive one.

    Every check is measured, so a new form of another server's hashes raises it. `decoys`: one of
    each form in the table at the start, and one of new hashes.
    """

    def __init__(self, decoys: Iterable[str]) -> None:
        self._unmeasured = {get_cost(each): each for each in decoys}
        self._costs: dict[str, float] = {}

    @property
    def is_settled(self) -> bool:
        """Whether every form of the start was measured."""
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
        """Measures the forms of the table. Blocks for one check of each."""
        for decoy in self._unmeasured.values():
            start = time.perf_counter()
            verify_hash("", decoy)
            self.note(decoy, time.perf_counter() - start)
        self._unmeasured = {}
