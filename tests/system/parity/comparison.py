"""Holds the two runs of a scenario against each other, step by step."""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import zip_longest

from msgspec import Struct

from .reading import Json, document_of
from .side import Step

# Seconds by which the two runs of a scenario may drift apart on a loaded machine.
DRIFT = 45
SPAN = 5  # seconds by which what lies between two moments of one answer may differ

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
# What a server invents: uuids, ids of 32, one-time tokens of 24 and 32 (no word has both capitals
# and small letters), JWTs and tokens within links, names of cookies and addresses.
# Of second factors: challenges, which ours ties to a password, trusted devices, secrets and codes.
_FACTORS = (
    r"2fa-[\w-]{20}(?:\.[\w-]{22})?|[\w-]{43}!trust-device-[\w-]{32}|[A-Z2-7]{52}"
    r"|[A-Za-z0-9]{5}-[A-Za-z0-9]{5,7}"
)
_RANDOM = re.compile(
    rf"(?<![\w-])(?:{_FACTORS}"
    r"|ey[\w-]+\.ey[\w-]+\.[\w-]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|[A-Za-z0-9]{32}|[A-Za-z0-9]{24}|(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{32})(?![\w-])"
    r"|(?<=[?&]token=)[^&#]+|(?<=_multi-)[0-9a-z]{32}|(?<=\btemp-)[0-9a-z]{32}(?=@)"
)
_SECONDS = (1_600_000_000, 4_000_000_000)
_MILLISECONDS = (1_600_000_000_000, 4_000_000_000_000)


class Mismatch(Struct, frozen=True):
    """`field` is a path such as `body.user.name` or `header.vary`; texts are of JSON's values."""

    step: str
    field: str
    original: str
    ours: str

    def __str__(self) -> str:
        return f"{self.step}: {self.field}: {self.original} there, {self.ours} here"


class Ledger:
    """Which of our random values stands for which of the original's."""

    def __init__(self) -> None:
        self._ours: dict[str, str] = {}
        self._theirs: dict[str, str] = {}

    def agree(self, theirs: str, ours: str) -> bool:
        """Whether they are the same thing, so far as anything is known of either."""
        expected = self._ours.setdefault(theirs, ours)
        return expected == ours and self._theirs.setdefault(ours, theirs) == theirs


class Pairing(Struct, frozen=True):
    """Two answers being compared: when each was asked for, and what is known of both sides."""

    step: str
    moments: tuple[float, float]
    ledger: Ledger

    def mismatch(self, field: str, theirs: object, ours: object) -> Mismatch:
        return Mismatch(self.step, field, repr(theirs), repr(ours))


def mismatches(original: list[Step], ours: list[Step], secret: str) -> Iterator[Mismatch]:
    """All that differs between two runs of one scenario."""
    ledger = Ledger()
    for a, b in zip_longest(original, ours):
        if a is None or b is None:
            one = a or b
            yield Mismatch(one.name, "step", str(a and a.name), str(b and b.name))
            return
        pairing = Pairing(a.name, (a.moment, b.moment), ledger)
        if _masked(a.name) != _masked(b.name):
            yield pairing.mismatch("step", a.name, b.name)
        yield from _documents(document_of(a, secret), document_of(b, secret), "", pairing)


def _masked(text: str) -> str:
    return _RANDOM.sub("*", text)


def _documents(a: Json, b: Json, field: str, pairing: Pairing) -> Iterator[Mismatch]:
    if isinstance(a, dict) and isinstance(b, dict):
        yield from _objects(a, b, field, pairing)
    elif isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            yield pairing.mismatch(f"{field}.length", a, b)
        for index, (x, y) in enumerate(zip(a, b, strict=False)):
            yield from _documents(x, y, f"{field}.{_label(x, index)}", pairing)
    elif not _same(a, b, pairing):
        yield pairing.mismatch(field, a, b)


def _objects(
    a: dict[str, Json], b: dict[str, Json], field: str, pairing: Pairing
) -> Iterator[Mismatch]:
    above = f"{field}." if field else ""
    for key in [*a, *(key for key in b if key not in a)]:
        if key in a and key in b:
            yield from _documents(a[key], b[key], above + key, pairing)
        else:
            yield pairing.mismatch(above + key, a.get(key, "<absent>"), b.get(key, "<absent>"))
    shared = [[key for key in one if key in a and key in b] for one in (a, b)]
    if shared[0] != shared[1]:
        yield pairing.mismatch(f"{above}order", *shared)
    for key in ("createdAt", "updatedAt"):
        spans = [_span(one, key) for one in (a, b)]
        if None not in spans and abs((spans[0] or 0) - (spans[1] or 0)) > SPAN:
            yield pairing.mismatch(f"{above}expiresAt - {key}", *spans)


def _label(value: Json, index: int) -> str:
    """Cookies go by their names."""
    return str(value["name"]) if isinstance(value, dict) and "attributes" in value else str(index)


def _span(document: dict[str, Json], start: str) -> float | None:
    ends = [document.get("expiresAt"), document.get(start)]
    moments = [_seconds(each) for each in ends]
    return None if moments[0] is None or moments[1] is None else moments[0] - moments[1]


def _same(a: Json, b: Json, pairing: Pairing) -> bool:
    moments = [_seconds(each) for each in (a, b)]
    if moments[0] is not None and moments[1] is not None and type(a) is type(b):
        ages = [pairing.moments[side] - (moments[side] or 0) for side in (0, 1)]
        return abs(ages[0] - ages[1]) <= DRIFT
    if isinstance(a, str) and isinstance(b, str):
        found = [_RANDOM.findall(each) for each in (a, b)]
        return _masked(a) == _masked(b) and all(map(pairing.ledger.agree, *found))
    return type(a) is type(b) and bool(a == b)


def _seconds(value: Json) -> float | None:
    """A moment, in seconds since 1970; None for anything else."""
    if isinstance(value, str) and _TIME.fullmatch(value):
        return datetime.fromisoformat(value).timestamp()
    if isinstance(value, int) and _SECONDS[0] < value < _SECONDS[1]:
        return value
    if isinstance(value, int) and _MILLISECONDS[0] < value < _MILLISECONDS[1]:
        return value / 1000
    return None
