"""Checks the claims of a signed payload."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .errors import InvalidToken, quote_value
from .strict_json import read_object

LONGEST_LEEWAY = 30

_END_OF_TIME = 253_402_300_799  # 9999-12-31T23:59:59Z


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules for claims. An empty `audience` means that none is configured."""

    issuer: str | None
    audience: frozenset[str]
    leeway: float


def create_rules(issuer: str | None, audience: str | Iterable[str], leeway: float) -> Rules:
    """Returns the rules. Raises ValueError for an unsafe setting."""
    if not 0 <= leeway <= LONGEST_LEEWAY:
        raise ValueError(f"leeway is {leeway} seconds, it must be 0 to {LONGEST_LEEWAY}")
    audiences = frozenset([audience] if isinstance(audience, str) else audience)
    if issuer == "" or "" in audiences:
        raise ValueError("issuer and audience must not be empty; leave them out instead")
    return Rules(issuer, audiences, leeway)


def read(payload: bytes) -> Mapping[str, object]:
    """Returns the claims of a payload. Raises InvalidToken."""
    return read_object(payload, "payload")


def check(claims: Mapping[str, object], rules: Rules, now: float) -> None:
    """Raises InvalidToken if the claims break the rules at `now` (seconds since 1970)."""
    _check_times(claims, now, rules.leeway)
    _check_subject(claims.get("sub"))
    if rules.issuer is not None and claims.get("iss") != rules.issuer:
        raise InvalidToken(
            f"issuer {quote_value(claims.get('iss'))}, expected {quote_value(rules.issuer)}"
        )
    _check_audience(claims.get("aud"), rules.audience)


def _check_times(claims: Mapping[str, object], now: float, leeway: float) -> None:
    if "exp" not in claims:
        raise InvalidToken("exp is missing")
    expires = _get_timestamp(claims, "exp")
    if expires <= now - leeway:
        raise InvalidToken("token expired")
    if expires > _END_OF_TIME:
        raise InvalidToken("exp is after the year 9999, milliseconds instead of seconds?")
    if "iat" in claims and _get_timestamp(claims, "iat") > now + leeway:
        raise InvalidToken("issued in the future (iat)")
    if "nbf" in claims and _get_timestamp(claims, "nbf") > now + leeway:
        raise InvalidToken("not valid yet (nbf)")


def _get_timestamp(claims: Mapping[str, object], name: str) -> float:
    value = claims[name]
    # bool is an int to Python; PyJWT takes it, and digits in a string too.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidToken(f"{name} is not a number of seconds")
    return value


def _check_subject(subject: object) -> None:
    # Unprintable covers NUL and lone surrogates, which a database can't be asked for.
    if not isinstance(subject, str) or not subject or not subject.isprintable():
        raise InvalidToken("sub is not a non-empty printable string")


def _check_audience(claimed: object, configured: frozenset[str]) -> None:
    if claimed is None and not configured:
        return
    names = claimed if isinstance(claimed, list) else [claimed]
    if any(isinstance(name, str) and name in configured for name in names):
        return
    shown = quote_value(names[0]) if len(names) == 1 else f"{len(names)} names"
    if not configured:
        raise InvalidToken(f"audience {shown}, but this API has no audience configured")
    expected = " or ".join(sorted(configured))
    raise InvalidToken(f"audience {shown}, expected {quote_value(expected)}")
