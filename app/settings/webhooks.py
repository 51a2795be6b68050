"""Webhooks: the names of the events, the secrets, and what can be wrong with the URL."""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from secrets import token_bytes
from typing import Final, Literal, get_args
from urllib.parse import urlsplit

from ..models.program_name import COMMAND

WebhookEvent = Literal[
    "user.created",
    "user.updated",
    "user.deleted",
    "user.email_verified",
    "user.password_changed",
    "user.banned",
    "user.unbanned",
    "session.created",
    "session.ended",
]
EVENTS: Final[tuple[str, ...]] = get_args(WebhookEvent)
_PREFIX: Final = "whsec_"
_SHORTEST, _LONGEST = 24, 64  # bytes, as Standard Webhooks says
_MADE: Final = 32
_REMEDY: Final = f"make one with `{COMMAND} webhooks secret`"
_HOST: Final = re.compile(r"[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]")
_PLAIN: Final = re.compile(r"[!-~]+")


def generate_webhook_secret() -> str:
    """Returns a secret of 256 random bits, in the form of Standard Webhooks."""
    return _PREFIX + b64encode(token_bytes(_MADE)).decode()


def decode_webhook_secret(secret: str) -> bytes:
    """Returns the key of a secret. Raises ValueError for other text."""
    if not secret.startswith(_PREFIX):
        raise ValueError
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    except Base64Error:
        raise ValueError from None
    if not _SHORTEST <= len(key) <= _LONGEST:
        raise ValueError
    return key


def find_webhook_faults(
    url: str | None, secrets: Sequence[str], events: Sequence[str], *, allow_private: bool
) -> Iterator[str]:
    """Yields one line for each fault, with its variable and the remedy."""
    for name in events:
        if name not in EVENTS:
            (nearest,) = get_close_matches(name, EVENTS, n=1, cutoff=0)
            yield f"WEBHOOK_EVENTS: {name!r} is no event; did you mean {nearest}?"
    for place, secret in enumerate(secrets, 1):
        if not _is_secret(secret):
            which = f"number {place} " if len(secrets) > 1 else ""
            yield f"WEBHOOK_SECRET {which}must be whsec_ and 24 to 64 bytes in base64: {_REMEDY}"
    if url is None:
        return
    if fault := _find_url_fault(url, allow_private=allow_private):
        yield f"WEBHOOK_URL {fault}"
    if not secrets:
        yield f"WEBHOOK_SECRET is missing, with which webhooks are signed: {_REMEDY}"


def _is_secret(secret: str) -> bool:
    try:
        decode_webhook_secret(secret)
    except ValueError:
        return False
    return True


def _find_url_fault(url: str, *, allow_private: bool) -> str | None:
    try:
        split = urlsplit(url)
        known = split.scheme in {"http", "https"} and bool(split.hostname) and split.port != 0
    except ValueError:
        known = False
    if not known or not _PLAIN.fullmatch(url):
        return "must be a URL, like https://example.com/webhooks"
    if "@" in split.netloc or split.fragment:
        return "must have no user, password or fragment"
    if not _HOST.fullmatch(split.netloc.removesuffix(f":{split.port}")):
        return "has no valid host: write it in ASCII (the xn-- form)"
    if split.scheme == "http" and not allow_private:
        return "must be https; WEBHOOK_ALLOW_PRIVATE=true allows http, for your own network"
    return None
