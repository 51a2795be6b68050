"""The whole harness, tried on the real servers; how fast anything is doesn't matter here."""

import pytest

from benchmarks.__main__ import measure
from benchmarks.databases import NONE
from benchmarks.load import Generator
from benchmarks.rows import Plan
from benchmarks.selection import Selection, row_names, select

PLAN = Plan(Generator(wrk=False), rounds=1, seconds=0.2, warm_up=0, patience=0)


@pytest.mark.parametrize(
    ("rows", "engine"),
    [([], "sqlite"), (["get-session", "sign-out", "storm", "start"], "postgresql")],
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
