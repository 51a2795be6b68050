"""What a row of the table is, and those that a load on a server makes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from benchmarks.arena import Arena
from benchmarks.book import Line
from benchmarks.contestants import Contestant, Way
from benchmarks.load import Generator
from benchmarks.site import USERS, Site
from benchmarks.streams import Load, Outcome, Stream


class Plan(Struct, frozen=True):
    """How long and how often everything is measured.

    `patience`: seconds to wait for a quiet machine before each measurement; 0 does not care.
    """

    generator: Generator
    rounds: int = 3
    seconds: float = 1
    warm_up: float = 1
    patience: float = 5


class Turn(Struct, frozen=True):
    """What one measurement is made with."""

    plan: Plan
    arena: Arena
    contestant: Contestant
    is_first: bool  # of this server at this row

    def run(
        self, site: Site, streams: list[Stream], seconds: float, on: Sequence[int]
    ) -> list[Outcome]:
        load = Load(port=site.port, streams=streams, seconds=seconds)
        return self.plan.generator.run(load, on)


class Row(Protocol):
    """`name` is what the command line says; `lacking` are the servers that can't, and why."""

    @property
    def name(self) -> str: ...
    @property
    def lines(self) -> tuple[Line, ...]: ...
    @property
    def lacking(self) -> Mapping[str, str]: ...

    def figures(self, turn: Turn) -> list[float]:
        """One for each line. Raises one of `benchmarks.load.FAULTS`."""
        ...


def first_rate(outcomes: Sequence[Outcome]) -> list[float]:
    return [outcomes[0].rate]


def no_check(_: Site) -> None:
    """The load generator checks every answer; some rows look at one more closely."""


class LoadRow(Struct, frozen=True, kw_only=True):
    """A load on a server that stays."""

    name: str
    lines: tuple[Line, ...]
    streams: Callable[[Site], list[Stream]]
    way: Way = Way()
    users: int = USERS
    longer: float = 1  # than the plan says, where one second has few answers
    check: Callable[[Site], None] = no_check
    outcome: Callable[[Sequence[Outcome]], list[float]] = first_rate
    lacking: Mapping[str, str] = {}

    def figures(self, turn: Turn) -> list[float]:
        site = turn.arena.site(turn.contestant, self.way, self.users)
        on = self.way.cores.rest
        if turn.is_first:
            self.check(site)
            if turn.plan.warm_up:  # other requests than those that are measured
                turn.run(site, self.streams(site), turn.plan.warm_up, on)
        site.warm()
        seconds = turn.plan.seconds * self.longer
        return self.outcome(turn.run(site, self.streams(site), seconds, on))


class PacedRow(LoadRow, frozen=True, kw_only=True):
    """And then a part of the rate that it has just found, for `paced_longer` times the seconds.

    Its other line is the 99th percentile of the latency at that pace.
    """

    part: float
    paced_longer: float

    def figures(self, turn: Turn) -> list[float]:
        (rate,) = super().figures(turn)
        site = turn.arena.site(turn.contestant, self.way, self.users)
        paced = [replace(each, rate=rate * self.part) for each in self.streams(site)]
        seconds = turn.plan.seconds * self.paced_longer
        (outcome,) = turn.run(site, paced, seconds, self.way.cores.rest)
        return [rate, outcome.p99]
