"""The whole harness, tried on the real servers; how fast anything is doesn't matter here."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
import uvloop

from benchmarks import arena, bundled, cores, http_rows
from benchmarks.__main__ import measure
from benchmarks.contestants import OURS, Contestant, Given, Server, Way
from benchmarks.databases import NONE
from benchmarks.load import Generator, LoadError
from benchmarks.rows import Plan
from benchmarks.selection import Selection, row_names, select
from benchmarks.streams import Load, Outcome
from tests.support import programs
from tests.system.parity import versions
from tests.system.parity.database import Place
from tests.system.parity.host import host

ALL = cores.of_machine()


class SparingGenerator(Generator, frozen=True):
    """The bundled one in this process; `test_load.py` starts it as it is."""

    def run(self, load: Load, on: Sequence[int]) -> list[Outcome]:
        with cores.on(on):
            tallies = uvloop.run(bundled.run(load))
        if fault := bundled.find_fault(tallies):
            raise LoadError(fault)
        return [tally.outcome() for tally in tallies]


# Each connection has an answer, however short the load is.
PLAN = Plan(SparingGenerator(wrk=False), rounds=1, seconds=0.01, warm_up=0, patience=0)


@contextmanager
def running_ready(contestant: Contestant, place: Place, way: Way, folder: Path) -> Iterator[Server]:
    """As `contestants.running`, from the processes that have imported the servers."""
    given = Given(place, programs.free_port(), way)
    environ = contestant.program(given).environ
    with ExitStack() as stack:
        with cores.on(ALL):  # other tests use these processes, too
            if contestant == OURS:
                pid = stack.enter_context(programs.running_service(environ, folder, given.port))
            else:
                stack.enter_context(host(versions.package()).running(environ))
                pid = 0
        yield Server(given.port, pid)


@pytest.fixture
def _ready_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """For loads on a server that stays; the row `start` starts both as an operator does."""
    monkeypatch.setattr(arena, "contestants", SimpleNamespace(running=running_ready))
    for module in (arena, http_rows):
        monkeypatch.setattr(module, "CLIENTS", 2)
    monkeypatch.setattr(http_rows, "_SIGN_OUTS", 100)
    monkeypatch.setattr(http_rows, "_SIGN_UPS", 100)


@pytest.mark.usefixtures("_ready_servers")
@pytest.mark.parametrize(
    ("rows", "engine"),
    [([], "sqlite"), (["get-session", "sign-out", "storm"], "postgresql")],
)
def test_every_cell_has_a_figure_or_lacks_it_by_nature(rows: list[str], engine: str) -> None:
    selection = select(rows, [engine], None, quick=True)
    book = measure(selection, PLAN)
    reasons = {key: cell.reason for key, cell in book.cells.items() if cell.figure is None}
    assert reasons == lacking(selection)
    assert {line.key for line in book.lines.values()} == {
        line.key for rows in selection.rows.values() for row in rows for line in row.lines
    }


def lacking(selection: Selection) -> dict[tuple[str, str, str], str]:
    return {
        (line.key, engine, server): reason
        for engine, rows in selection.rows.items()
        for row in rows
        for line in row.lines
        for server, reason in row.lacking.items()
        if server in {each.name for each in selection.contestants[engine]}
    }


def test_rows_databases_and_servers_can_be_chosen() -> None:
    selection = select(["token", "verify"], ["postgresql"], ["ours"], quick=False)
    assert [row.name for row in selection.rows["postgresql"]] == ["token"]
    assert [row.name for row in selection.rows[NONE]] == ["verify"]
    assert [each.name for each in selection.contestants["postgresql"]] == ["ours"]
    assert not selection.is_all


def test_nothing_chosen_is_everything() -> None:
    selection = select([], None, None, quick=False)
    assert selection.is_all
    measured = {row.name for rows in selection.rows.values() for row in rows}
    assert measured == set(row_names())
    assert len(selection.contestants["sqlite"]) == 3
