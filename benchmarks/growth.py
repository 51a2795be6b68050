"""The same reads on larger and larger databases."""

from typing import Final

from benchmarks.book import Line
from benchmarks.http_rows import session_reads, token_reads
from benchmarks.rows import LoadRow

SIZES: Final = (1_000, 100_000, 1_000_000)
_PEER: Final = {"better-auth-server": "is measured at 1,000 users only"}


def growth_rows(sizes: tuple[int, ...] = SIZES) -> list[LoadRow]:
    """Sessions of randomly chosen users, so that few are asked for twice, and one hot session."""
    return [row for size in sizes for row in _rows(size)]


def _rows(size: int) -> list[LoadRow]:
    kinds = (
        ("get-session", "`/get-session`", session_reads()),
        ("hot-session", "`/get-session` of one session", session_reads(1)),
        ("token", "`/token`", token_reads()),
    )
    return [
        LoadRow(
            name="growth",
            lines=(Line(f"{key}-of-{size}", f"{title}, {size:,} users"),),
            streams=streams,
            users=size,
            lacking=_PEER,
        )
        for key, title, streams in kinds
    ]
