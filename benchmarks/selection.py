"""Which rows, databases and servers a run is about."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from benchmarks import databases
from benchmarks.alone import ARGON2, IMPORT, VERIFY
from benchmarks.contestants import ALL, ORIGINAL, OURS, Contestant
from benchmarks.fresh import Fresh
from benchmarks.growth import SIZES, growth_rows
from benchmarks.http_rows import READS, SIGN_OUT, SIGNING, TASKS
from benchmarks.rows import Row

_QUICK_SIZES: Final = (1_000, 2_000)


class Selection(Struct, frozen=True):
    """`rows` by the name of the database; `is_all`: nothing was left out."""

    rows: Mapping[str, Sequence[Row]]
    contestants: Sequence[Contestant]
    is_all: bool


def select(
    names: Sequence[str],
    engines: Sequence[str] | None,
    servers: Sequence[str] | None,
    *,
    quick: bool,
) -> Selection:
    """What isn't named is everything; but a quick run leaves the third server out."""
    offered = (OURS, ORIGINAL) if quick else ALL
    wanted = engines or databases.NAMES
    sizes = _QUICK_SIZES if quick else SIZES
    rows = {
        engine: [row for row in each if not names or row.name in names]
        for engine, each in _rows(sizes).items()
        if engine in (*wanted, databases.NONE)
    }
    return Selection(
        {engine: each for engine, each in rows.items() if each},
        [each for each in offered if not servers or each.name in servers],
        is_all=not (names or engines or servers or quick),
    )


def row_names() -> list[str]:
    return list(dict.fromkeys(row.name for rows in _rows(SIZES).values() for row in rows))


def _rows(sizes: tuple[int, ...]) -> dict[str, list[Row]]:
    served: list[Row] = [*READS, SIGN_OUT, *TASKS, *SIGNING, ARGON2, Fresh(), *growth_rows(sizes)]
    return {**dict.fromkeys(databases.NAMES, served), databases.NONE: [VERIFY, IMPORT]}
