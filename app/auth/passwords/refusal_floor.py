"""How long a refusal takes at least, so that its time does not tell how a password is stored."""

import re
import time
from collections.abc import Iterable
from typing import Final

from .foreign_hashes import read_foreign
from .hashes import Kind, make

_MARGIN: Final = 1.5
# A scheme with its parameters: they, not the salt, decide what a check costs.
_FORM: Final = re.compile(r"\$argon2[^$]*(\$v=\d+)?\$[^$]+|\$2[aby]\$\d\d")
_SCRYPT: Final = "scrypt"


class RefusalFloor:
    """Nothing while all hashes cost the same; else above the dearest of them.

    It learns from every check, so that a kind of hash that another server writes to the table
    raises it. `kinds` are those that the table holds from the start.
    """

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._unmeasured = sorted(set(kinds) - {Kind.UNKNOWN})
        self._costs: dict[str, float] = {}

    @property
    def is_settled(self) -> bool:
        """Whether every kind that the table began with has been measured."""
        return not self._unmeasured

    @property
    def seconds(self) -> float:
        """The floor."""
        return 0.0 if len(self._costs) <= 1 else _MARGIN * max(self._costs.values())

    def note(self, stored: str, seconds: float) -> None:
        """Learn what a check of this hash cost; the least seen counts, a busy machine doesn't."""
        form = _form(stored)
        self._costs[form] = min(seconds, self._costs.get(form, seconds))

    def measure(self) -> None:
        """Learn what the table's kinds cost. Blocks for a hash of each."""
        for kind in self._unmeasured:
            start = time.perf_counter()
            self.note(make("", kind), time.perf_counter() - start)
        self._unmeasured = []


def _form(stored: str) -> str:
    if found := _FORM.match(stored):
        return found[0]
    foreign = read_foreign(stored)
    return _SCRYPT if foreign is None else foreign.cost
