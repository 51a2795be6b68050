"""Parses JSON objects of tokens, so that all parsers agree on the content."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import NoReturn

from .errors import InvalidToken, quote_value


def read_object(raw: bytes, what: str) -> Mapping[str, object]:
    """Returns the object. Raises InvalidToken, which names `what` it is.

    Python also accepts UTF-16, NaN, Infinity and repeated members, and makes infinity of a number
    that is too large (RFC 7519 §4, RFC 8259 §6 and §8.1).
    """
    try:
        found = json.loads(
            raw.decode(),
            parse_constant=_refuse,
            parse_float=_check_finite,
            object_pairs_hook=_check_unique,
        )
    except _Ambiguous as why:
        raise InvalidToken(f"{what} {why}") from None
    except (ValueError, RecursionError):
        raise InvalidToken(f"{what} is not JSON") from None
    if not isinstance(found, dict):
        raise InvalidToken(f"{what} is not a JSON object")
    return found


class _Ambiguous(Exception):
    """Valid JSON, but parsers differ about its content."""


def _check_unique(members: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        repeated = next(name for name in names if names.count(name) > 1)
        raise _Ambiguous(f"says {quote_value(repeated)} twice")
    return found


def _check_finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _Ambiguous("has a number that is out of range")
    return number


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
