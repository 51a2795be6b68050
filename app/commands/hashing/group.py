"""The commands `hash …`."""

import re
from collections.abc import Mapping
from typing import Final

import click

from ...settings.argon2_cost import LEAST_MEMORY, MOST_MEMORY
from ..command_line import Command, Commands, make_json_option

_LEAST_TIME: Final = 0.01  # seconds
_MOST_TIME: Final = 3.0


class _Amount(click.ParamType[float]):
    """A number with a unit. `units` are their sizes; the value is between two ends."""

    def __init__(
        self, name: str, units: Mapping[str, float], least: float, most: float, demand: str
    ) -> None:
        self.name = name
        self._units = units
        self._least = least
        self._most = most
        self._demand = demand

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Returns the number in seconds or KiB. Raises `click.UsageError`."""
        found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?) ?([A-Za-z]+)", value, re.ASCII)
        unit = 0.0 if found is None else self._units.get(found[2].lower(), 0.0)
        amount = 0.0 if found is None else float(found[1]) * unit
        if not self._least <= amount <= self._most:
            self.fail(self._demand, param, ctx)
        return amount


_TIME: Final = _Amount(
    "time",
    {"ms": 0.001, "s": 1.0},
    _LEAST_TIME,
    _MOST_TIME,
    "must be a time such as 250ms, from 10ms to 3s",
)
_MEMORY: Final = _Amount(
    "memory",
    {"kib": 1, "mib": 1024},
    LEAST_MEMORY,
    MOST_MEMORY,
    "must be a size such as 64MiB, from 7MiB to 256MiB",
)
_CALIBRATE: Final = Command(
    "calibrate",
    "hashing.calibration",
    "Find the cost of password hashes for this machine.",
    [
        click.Option(
            ["--time", "target"], type=_TIME, default="250ms", help="How long a check may take."
        ),
        click.Option(
            ["--memory-limit"], type=_MEMORY, default="64MiB", help="For one hash at a time."
        ),
        make_json_option(),
    ],
)
_CALIBRATE.epilog = "Prints lines for .env. It takes less than half a minute and needs no database."
HASH: Final = Commands("hash", "Password hashes.", (_CALIBRATE,))
