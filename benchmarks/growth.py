"""The same reads on larger and larger databases."""

from collections.abc import Callable
from typing import Final

from benchmarks.book import Line
from benchmarks.http_rows import session_reads, token_reads
from benchmarks.rows import LoadRow
from benchmarks.site import Site
from benchmarks.streams import Stream

SIZES: Final = (1_000, 100_000, 1_000_000)
_PEER: Final = {"better-auth-server": "is measured at 1,000 users only"}


def growth_rows(sizes: tuple[int, ...] = SIZES) -> list[LoadRow]:
    """Sessions of randomly chosen users, so that few are asked for twice, and one hot session."""
    reads = [_row("get-session", "`/get-session`", session_reads(), size) for size in sizes]
    tokens = [_row("token", "`/token`", token_reads(), size) for size in sizes]
    title = "`/get-session` of one session"
    return [*reads, *tokens, _row("hot-session", title, session_reads(1), max(sizes))]


def _row(key: str, title: str, streams: Callable[[Site], list[Stream]], size: int) -> LoadRow:
    return LoadRow(
        name="growth",
        lines=(Line(f"{key}-of-{size}", f"{title}, {size:,} users"),),
        streams=streams,
        users=size,
        lacking=_PEER,
    )
