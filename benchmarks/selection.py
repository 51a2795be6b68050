"""Which rows, databases and servers a run is about."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from benchmarks import databases
from benchmarks.adoption import Adoption
from benchmarks.alone import ARGON2, FIRST_VERIFIER, IMPORT, VERIFY
from benchmarks.contestants import ALL, ORIGINAL, OURS, Contestant
from benchmarks.fresh import Fresh, MemoryWithRedis
from benchmarks.growth import SIZES, growth_rows
from benchmarks.http_rows import READS, SIGN_OUT, SIGNING, TASKS, WORKERS
from benchmarks.rows import Row

_QUICK_SIZES: Final = (1_000, 2_000)


class Selection(Struct, frozen=True):
    """Both by the name of the database; `is_all`: nothing was left out."""

    rows: Mapping[str, Sequence[Row]]
    contestants: Mapping[str, Sequence[Contestant]]
    is_all: bool


def select(
    names: Sequence[str],
    engines: Sequence[str] | None,
    servers: Sequence[str] | None,
    *,
    quick: bool,
) -> Selection:
    """What isn't named is everything; but a quick run leaves the peer out."""
    wanted = engines or databases.NAMES
    sizes = _QUICK_SIZES if quick else SIZES
    rows = {
        engine: [row for row in each if not names or row.name in names]
        for engine, each in _rows(sizes).items()
        if engine in (*wanted, databases.NONE)
    }
    return Selection(
        {engine: each for engine, each in rows.items() if each},
        {engine: _contestants(engine, servers, quick=quick) for engine in rows},
        is_all=not (names or engines or servers or quick),
    )


def row_names() -> list[str]:
    return list(dict.fromkeys(row.name for rows in _rows(SIZES).values() for row in rows))


def _contestants(engine: str, servers: Sequence[str] | None, *, quick: bool) -> list[Contestant]:
    """The peer has its turns on SQLite, or where it is named: it would take minutes more."""
    if engine == databases.NONE:
        return [OURS]
    if servers:
        return [each for each in ALL if each.name in servers]
    return [OURS, ORIGINAL] if quick or engine != "sqlite" else [*ALL]


def _rows(sizes: tuple[int, ...]) -> dict[str, list[Row]]:
    http: list[Row] = [*READS, *WORKERS, SIGN_OUT, *TASKS, *SIGNING]
    served = [*http, ARGON2, Fresh(), MemoryWithRedis(), *growth_rows(sizes)]
    served.append(Adoption(max(sizes)))
    return {
        **dict.fromkeys(databases.NAMES, served),
        databases.NONE: [VERIFY, IMPORT, FIRST_VERIFIER],
    }
