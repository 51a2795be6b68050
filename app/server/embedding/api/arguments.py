"""Checks the arguments of calls, with the code of a request: `VALIDATION_ERROR`."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import cast

import msgspec

from ....models.additional_fields import Json
from ....models.clock import to_iso
from ....models.errors import InvalidBody
from ....settings.options import IpAddressOptions
from ....storage.refused_values import has_nul
from ....web.http.client import identify_client
from ....web.http.headers import Headers
from ....web.input.validation import describe_mismatch


def check_text(name: str, value: object) -> str:
    """Returns the argument `name`, which must be a text. Raises InvalidBody."""
    if not isinstance(value, str):
        raise _refuse(name, describe_mismatch("string", _to_json(value)))
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _refuse(name, "Invalid input: not Unicode") from None
    return value


def check_plain_text(name: str, value: object) -> str:
    """Returns a text without NUL, which not every database stores. Raises InvalidBody."""
    text = check_text(name, value)
    if has_nul(text):
        raise _refuse(name, "Invalid input: has a NUL")
    return text


def read_client_ip(value: object, options: IpAddressOptions) -> str:
    """Returns the argument `client_ip` as requests have it: one text for an IPv6 network.

    Empty where it is empty, or where no addresses are stored. Raises InvalidBody.
    """
    text = check_text("client_ip", value)
    found = identify_client(text, Headers([]), options).ip
    if text and not found and not options.disable_ip_tracking:
        raise _refuse("client_ip", "Invalid input: not an IP address")
    return found


def check_flag(name: str, value: object) -> bool:
    """Returns the argument `name`, which must be True or False. Raises InvalidBody."""
    if not isinstance(value, bool):
        raise _refuse(name, describe_mismatch("boolean", _to_json(value)))
    return value


def check_count(name: str, value: object) -> int:
    """Returns the argument `name`, which must be a whole number above 0. Raises InvalidBody."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise _refuse(name, describe_mismatch("number", _to_json(value)))
    if value < 1:
        raise _refuse(name, "Too small: expected number to be >=1")
    return value


def check_items(name: str, value: object) -> Iterable[object]:
    """Returns the argument `name`, which must be an iterable, and no text. Raises InvalidBody."""
    if not isinstance(value, Iterable) or isinstance(value, str | bytes | Mapping):
        raise _refuse(name, describe_mismatch("array", _to_json(value)))
    return value


def to_json(name: str, value: object) -> Json:
    """Returns the value as JSON has it: a time is ISO 8601, a tuple a list. Raises InvalidBody."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise _refuse(name, "Invalid input: a time without a time zone")
        return to_iso(value)
    try:
        decoded: Json = msgspec.json.decode(msgspec.json.encode(value))
    except (TypeError, ValueError, OverflowError, RecursionError):
        raise _refuse(name, "Invalid input: not JSON") from None
    return decoded


def _refuse(name: str, reason: str) -> InvalidBody:
    return InvalidBody(f"[{name}] {reason}")


def _to_json(value: object) -> Json:
    """Returns the value for a message that names its type only: others than JSON are objects."""
    known = (str, int, float, bool, list)
    return cast("Json", value) if value is None or isinstance(value, known) else {}
