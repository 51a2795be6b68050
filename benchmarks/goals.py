"""The goals, and whether a book reaches them."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from benchmarks.book import Book
from benchmarks.databases import NONE
from benchmarks.growth import SIZES
from benchmarks.table import number

_OURS, _ORIGINAL = "ours", "original"


class Goal(Struct, frozen=True):
    """`measured` is None where the run did not measure it."""

    title: str
    wanted: float
    unit: str
    measured: Callable[[Book], float | None]
    at_most: bool = False


class Verdict(Struct, frozen=True):
    """`is_reached` is None where it was not measured."""

    goal: Goal
    measured: float | None
    is_reached: bool | None


def judge(book: Book, goals: tuple[Goal, ...]) -> list[Verdict]:
    return [_verdict(goal, goal.measured(book)) for goal in goals]


def as_table(verdicts: list[Verdict]) -> list[list[str]]:
    head = ["Goal", "Wanted", "Measured", "Reached"]
    said = {True: "yes", False: "**no**", None: "not measured"}
    rows = [
        [each.goal.title, _wanted(each.goal), _measured(each), said[each.is_reached]]
        for each in verdicts
    ]
    return [head, ["---", "---", "---:", "---"], *rows]


def ratio(key: str, part: str) -> Callable[[Book], float | None]:
    """How many times better than the original."""
    return lambda book: book.ratio(key, part, _OURS, _ORIGINAL)


def figure(key: str, part: str) -> Callable[[Book], float | None]:
    return lambda book: book.figure(key, part, _OURS)


def share(key: str, of: str, part: str) -> Callable[[Book], float | None]:
    """One figure of ours over another."""

    def measured(book: Book) -> float | None:
        mine, other = (book.figure(each, part, _OURS) for each in (key, of))
        return mine / other if mine and other else None

    return measured


def _verdict(goal: Goal, measured: float | None) -> Verdict:
    if measured is None:
        return Verdict(goal, None, None)
    reached = measured <= goal.wanted if goal.at_most else measured >= goal.wanted
    return Verdict(goal, measured, reached)


def _wanted(goal: Goal) -> str:
    return f"{'at most' if goal.at_most else 'at least'} {number(goal.wanted)}{goal.unit}"


def _measured(verdict: Verdict) -> str:
    found = verdict.measured
    return "–" if found is None else f"{number(found)}{verdict.goal.unit}"


def _of_engine(part: str, name: str) -> tuple[Goal, ...]:
    return (
        Goal(f"`/get-session` on {name}", 15, "×", ratio("get-session", part)),
        Goal(f"`/token` on {name}", 15, "×", ratio("token", part)),
        Goal(f"two workers on {name}, over one", 1.8, "×", share("workers", "one-worker", part)),
        Goal(
            f"99th percentile of `/get-session` at 90 % of its rate on {name}",
            10,
            " ms",
            figure("paced-p99", part),
            at_most=True,
        ),
        *_of_signing(part, name),
        *_of_process(part, name),
        *_of_growth(part, name),
    )


def _of_signing(part: str, name: str) -> tuple[Goal, ...]:
    return (
        Goal(f"sign-in on {name}", 3.5, "×", ratio("sign-in", part)),
        Goal(f"sign-in on {name} of bare argon2-cffi", 0.92, "×", share("sign-in", "argon2", part)),
        Goal(f"sign-up on {name}", 6, "×", ratio("sign-up", part)),
        Goal(f"`/get-session` during sign-ins on {name}", 50, "×", ratio("storm", part)),
        Goal(f"its 99th percentile on {name}", 8, " ms", figure("storm-p99", part), at_most=True),
    )


def _of_process(part: str, name: str) -> tuple[Goal, ...]:
    loaded, more = figure("memory-loaded", part), figure("memory-with-redis", part)
    return (
        Goal(f"start to first answer on {name}", 0.6, " s", figure("start", part), at_most=True),
        Goal(f"memory under load on {name}", 100, " MiB", loaded, at_most=True),
        Goal(f"… with key pairs and Redis on {name}", 130, " MiB", more, at_most=True),
    )


def _of_growth(part: str, name: str) -> tuple[Goal, ...]:
    few, many = min(SIZES), max(SIZES)
    of = f"{many:,} users on {name}"
    return (
        Goal(
            f"`/get-session` of {many:,} users, cost over {few:,} on {name}",
            1.15,
            "×",
            share(f"get-session-of-{few}", f"get-session-of-{many}", part),
            at_most=True,
        ),
        Goal(f"`migrate --check`, {of}", 10, " s", figure("migrate-check", part), at_most=True),
        Goal(f"`migrate`, {of}", 60, " s", figure("adoption", part), at_most=True),
        Goal(f"its memory, {of}", 200, " MiB", figure("adoption-memory", part), at_most=True),
    )


GOALS: Final = (
    *_of_engine("sqlite", "SQLite"),
    *_of_engine("postgresql", "PostgreSQL"),
    Goal("`Verifier.verify` for HS256", 40, " µs", figure("verify", NONE), at_most=True),
    Goal("`import better_auth_bridge`", 60, " ms", figure("import", NONE), at_most=True),
)
