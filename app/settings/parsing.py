"""Parses the texts of the environment into values of the setting's type."""

import json
import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from types import NoneType
from typing import Annotated, Final, Literal, get_args, get_origin

from msgspec import MsgspecError
from msgspec import json as strict_json

from ..models.additional_fields import AdditionalField, read_fields
from .argon2_cost import LEAST_MEMORY, MOST_LANES, MOST_MEMORY, MOST_PASSES
from .cookie_options import CookieOverrides
from .option_types import CENTURY, JsonText, Range, TimeSpan, find_mark
from .options import VersionedSecret
from .rate_limit_rules import CustomRule, read_custom_rules
from .variables import Path

_BOOLEANS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,15}")
# jose's grammar (`secs`), without its "ago": a token that has expired already helps nobody.
_SPAN: Final = re.compile(
    r"\+?\s?(\d+(?:\.\d+)?)\s?"
    r"(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|y|yrs?|years?)"
    r"(?:\sfrom\snow)?",
    re.IGNORECASE,
)
_VERSIONED: Final = re.compile(r"([0-9]{1,9})\s*:(.*)", re.DOTALL)
_SAME_SITE: Final = re.compile(r'"sameSite"\s*:\s*"[A-Za-z]+"')
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31557600}


_RANGES: Final[Mapping[Path, Range]] = {
    ("argon2_memory_cost",): Range(LEAST_MEMORY, MOST_MEMORY),
    ("argon2_time_cost",): Range(1, MOST_PASSES),
    ("argon2_parallelism",): Range(1, MOST_LANES),
    ("port",): Range(1, 65535),
    ("database_wait",): Range(0, 24 * 3600),
    ("workers",): Range(1, 1024),
    ("audit_keep_days",): Range(0, 36500),
    ("session", "expires_in"): Range(1),
    ("session", "cookie_cache", "max_age"): Range(1),
    ("user", "delete_user", "delete_token_expires_in"): Range(1),
    ("email_and_password", "reset_password_token_expires_in"): Range(1),
    ("email_verification", "expires_in"): Range(1),
    ("rate_limit", "window"): Range(1),
    ("rate_limit", "max"): Range(1),
    ("advanced", "ip_address", "ipv6_subnet"): Range(1, 128),
    ("advanced", "default_cookie_attributes", "max_age"): Range(1),
    ("email_and_password", "min_password_length"): Range(1, 4096),
    ("email_and_password", "max_password_length"): Range(1, 4096),
}


class BadValue(Exception):
    """The text has the wrong type. The message says what it must be, never what it is."""


def parse_value(path: Path, annotation: object, text: str) -> object:
    """Returns the value of a setting. Raises `BadValue`."""
    if path in _OWN_GRAMMAR:
        return _OWN_GRAMMAR[path](text)
    kind = _strip_type(annotation)
    if kind is int or kind is bool:
        return _parse_number(path, annotation, text) if kind is int else _parse_boolean(text)
    if get_origin(kind) is Literal:
        return _parse_choice(text, get_args(kind))
    if get_origin(kind) is tuple:
        is_network = IPv4Network in get_args(get_args(kind)[0])
        return _parse_list(text, _parse_network if is_network else _check_printable)
    written = find_mark(annotation, JsonText)
    if written is not None:
        return _parse_json(text, kind, written)
    return _parse_names(text) if get_origin(kind) is Mapping else _check_printable(text)


def _parse_rules(text: str) -> tuple[CustomRule, ...]:
    try:
        return read_custom_rules(text)
    except ValueError as fault:
        raise BadValue(str(fault)) from None


def _parse_fields(text: str) -> tuple[AdditionalField, ...]:
    try:
        return read_fields(text)
    except ValueError as fault:
        raise BadValue(str(fault)) from None


def _parse_names(text: str) -> dict[str, str]:
    try:
        names = strict_json.decode(text, type=dict[str, str])
    except (MsgspecError, UnicodeError):
        raise BadValue('must be JSON such as {"emailVerified": "email_verified"}') from None
    if not all(name.isprintable() and name for name in names.values()):
        raise BadValue("names a column that is empty or cannot be printed")
    return names


def _parse_json(text: str, kind: object, written: JsonText) -> object:
    try:
        return strict_json.Decoder(kind).decode(text)
    except (MsgspecError, UnicodeError) as error:
        raise BadValue(f"must be JSON such as {written.example} ({error})") from None


def _strip_type(annotation: object) -> object:
    """The type without None, and without what else is said of it."""
    rest = [kind for kind in get_args(annotation) if kind is not NoneType]
    kind = rest[0] if NoneType in get_args(annotation) else annotation
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _check_printable(text: str) -> str:
    if not text.isprintable():
        raise BadValue("contains a line break or another character that cannot be printed")
    return text


def _parse_boolean(text: str) -> bool:
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise BadValue("must be true or false") from None


def _parse_number(path: Path, annotation: object, text: str) -> int:
    if find_mark(annotation, TimeSpan) is not None:
        return _parse_time_span(text)
    return _parse_whole(text, choose_range(path, annotation))


def choose_range(path: Path, annotation: object) -> Range:
    """Returns the whole numbers, or the seconds of a duration, that are valid for an option."""
    if find_mark(annotation, TimeSpan) is not None:
        return Range(1)
    return find_mark(annotation, Range) or _RANGES.get(path, Range(0))


def _parse_whole(text: str, allowed: Range) -> int:
    if not _WHOLE.fullmatch(text) or not allowed.least <= int(text) <= allowed.most:
        raise BadValue(f"must be a whole number from {allowed.least} to {allowed.most}")
    return int(text)


def _parse_time_span(text: str) -> int:
    found = _SPAN.fullmatch(text)
    # Half a second more and cut off is how JavaScript rounds.
    seconds = int(float(found[1]) * _SECONDS[found[2][0].lower()] + 0.5) if found else 0
    if not 1 <= seconds <= CENTURY:
        raise BadValue("must be a duration such as 15m, 2h or 7d")
    return seconds


def _parse_choice(text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise BadValue(f"must be {' or '.join(choices)}")
    return text


def _parse_list(text: str, item: Callable[[str], object]) -> tuple[object, ...]:
    is_json = text.startswith("[")
    texts = _parse_json_list(text) if is_json else re.split(r"[,\s]+", text)
    items = tuple(item(part.strip()) for part in texts if part.strip())
    if not items and not (is_json and not texts):  # `[]` says that it means nothing
        raise BadValue("is empty: fill it in or leave it out")
    return items


def _parse_secrets(text: str) -> tuple[VersionedSecret, ...]:
    """Parses like `parseSecretsEnv` of Better Auth 1.7.25. The first is the current secret."""
    found = [_VERSIONED.fullmatch(entry.strip()) for entry in text.split(",")]
    pairs = [(int(match[1]), match[2].strip()) for match in found if match]
    versions = [version for version, _ in pairs]
    if len(pairs) < len(found):
        raise BadValue("must be version:secret, separated by commas, such as 2:new,1:old")
    if len(set(versions)) < len(versions):
        raise BadValue("contains a version twice: each secret needs its own")
    return tuple(VersionedSecret(version, value) for version, value in pairs)


def _parse_switch_or_paths(text: str) -> bool | tuple[object, ...]:
    if "/" in text or text.startswith("["):
        return _parse_list(text, _check_printable)
    if text.lower() not in _BOOLEANS:
        raise BadValue("must be true, false or paths below the base path such as /callback")
    return _parse_boolean(text)


def _parse_log_format(text: str) -> str:
    """Parses the log format. Also accepts names of other loggers for text."""
    return _parse_choice("console" if text in {"text", "pretty"} else text, ("console", "json"))


def _parse_same_site(text: str) -> str:
    return _parse_choice(text.lower(), ("strict", "lax", "none"))


def _parse_cookies(text: str) -> CookieOverrides:
    lower = _SAME_SITE.sub(lambda found: found[0][:10] + found[0][10:].lower(), text)
    try:
        return strict_json.decode(lower, type=CookieOverrides)
    except (MsgspecError, UnicodeError):
        raise BadValue(
            'must be JSON such as {"session_token": {"name": "sid", "attributes": {"path": "/"}}},'
            " by the names that Better Auth has for cookies"
        ) from None


def _parse_json_list(text: str) -> list[str]:
    try:
        texts = json.loads(text)
    except (ValueError, RecursionError):
        texts = None
    if not isinstance(texts, list) or not all(isinstance(part, str) for part in texts):
        raise BadValue('must be a list such as one,two or ["one", "two"]')
    return texts


def _parse_network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise BadValue("must be addresses or networks such as 10.0.0.0/8,fd00::/8") from None


_OWN_GRAMMAR: Final[Mapping[Path, Callable[[str], object]]] = {
    ("secrets",): _parse_secrets,
    ("log_format",): _parse_log_format,
    ("advanced", "disable_origin_check"): _parse_switch_or_paths,
    ("advanced", "default_cookie_attributes", "same_site"): _parse_same_site,
    ("advanced", "cookies"): _parse_cookies,
    ("rate_limit", "custom_rules"): _parse_rules,
    ("user", "additional_fields"): _parse_fields,
    ("session", "additional_fields"): _parse_fields,
}
