"""JSON objects of tokens, read so that no two readers can differ about what they say."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import NoReturn

from .errors import InvalidToken, quoted


def read_object(raw: bytes, what: str) -> Mapping[str, object]:
    """The object; raises InvalidToken, which names `what` it is.

    Python would also read UTF-16, NaN and Infinity, take the last of two members of a name, and
    make infinity of a number that is too large (RFC 7519 §4, RFC 8259 §6 and §8.1).
    """
    try:
        found = json.loads(
            raw.decode(), parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_unique
        )
    except _Ambiguous as why:
        raise InvalidToken(f"{what} {why}") from None
    except (ValueError, RecursionError):
        raise InvalidToken(f"{what} is not JSON") from None
    if not isinstance(found, dict):
        raise InvalidToken(f"{what} is not a JSON object")
    return found


class _Ambiguous(Exception):
    """JSON by its grammar, but not the same to all readers."""


def _unique(members: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        repeated = next(name for name in names if names.count(name) > 1)
        raise _Ambiguous(f"says {quoted(repeated)} twice")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _Ambiguous("has a number that is out of range")
    return number


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
