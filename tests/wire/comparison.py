"""Holds two answers to one request against each other; random values may differ, lifetimes not."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from hmac import digest
from itertools import zip_longest
from typing import Any
from urllib.parse import quote

import jwt

from .recording import Lines, Response

SECRET = "better-auth-secret-123456789012345678901234567890"
SLACK_SECONDS = 5
ABSENT = "<absent>"

Json = Any  # a decoded JSON document

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_ID = re.compile(r"[A-Za-z0-9]{32}")
_JWT = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+")
_NUMBERS = (".x", ".y", ".n")  # of a public key
_CACHE = re.compile(r"([\w.-]+=)(\{.*\})(;.*)")  # as `Caches.opened` writes it
_NEW_SESSION = re.compile(r"sess(?:ion_token)?=([A-Za-z0-9]{32})\.")


class Ledger:
    """Which of our random values stands for which recorded one."""

    def __init__(self) -> None:
        self._ours: dict[str, str] = {}

    def agree(self, recorded: str, ours: str) -> bool:
        """Whether they are the same thing, so far as anything is known of either."""
        if recorded in self._ours:
            return self._ours[recorded] == ours
        self._ours[recorded] = ours
        return list(self._ours.values()).count(ours) == 1

    def settle(self, recorded: str) -> None:
        """From now on our value is the recorded one."""
        self._ours[recorded] = recorded


def new_token(response: Response) -> str | None:
    """The token of the session that the answer starts, if it does."""
    cookies = (value for name, value in response.headers if name == "set-cookie")
    found = (match[1] for line in cookies if (match := _NEW_SESSION.search(line)))
    return next(found, None)


def with_token(response: Response, ours: str, recorded: str) -> Response:
    """The answer as it would read with the recorded token in place of ours."""
    swaps = [(f"{ours}.{_signature(ours)}", f"{recorded}.{_signature(recorded)}")]
    swaps += [(quote(a, safe=""), quote(b, safe="")) for a, b in swaps] + [(ours, recorded)]

    def swapped(text: str) -> str:
        for old, new in swaps:
            text = text.replace(old, new)
        return text

    headers = [(name, swapped(value)) for name, value in response.headers]
    return Response(response.status, headers, swapped(response.body))


def mismatches(recorded: Response, ours: Response, ledger: Ledger) -> Iterator[str]:
    """One line for each thing that differs."""
    if recorded.status != ours.status:
        yield f"status: {recorded.status} recorded, {ours.status} ours"
    yield from _headers(recorded.headers, ours.headers, ledger)
    yield from _bodies(recorded.body, ours.body, ledger)


def claims_of(token: str) -> Json:
    """The payload of a JWT, unverified."""
    return jwt.decode(token, options={"verify_signature": False})


def _signature(token: str) -> str:
    return b64encode(digest(SECRET.encode(), token.encode(), sha256)).decode()


def _headers(recorded: Lines, ours: Lines, ledger: Ledger) -> Iterator[str]:
    for name in sorted({n for n, _ in recorded} | {n for n, _ in ours}):
        theirs = [value for n, value in recorded if n == name]
        values = [value for n, value in ours if n == name]
        for a, b in zip_longest(theirs, values, fillvalue=ABSENT):
            if not _same_text(a, b, ledger):
                yield f"{name}: {a!r} recorded, {b!r} ours"


def _bodies(recorded: str, ours: str, ledger: Ledger) -> Iterator[str]:
    if recorded.startswith("<omitted"):  # an HTML page
        return
    if not recorded.startswith(("{", "[")):
        if recorded != ours:
            yield f"body: {recorded!r} recorded, {ours!r} ours"
        return
    try:
        document = json.loads(ours)
    except ValueError:
        yield f"body: {recorded!r} recorded, {ours!r} ours"
        return
    yield from _documents(json.loads(recorded), document, "body", ledger)


def _documents(recorded: Json, ours: Json, path: str, ledger: Ledger) -> Iterator[str]:
    if isinstance(recorded, dict) and isinstance(ours, dict):
        if list(recorded) != list(ours):
            yield f"{path}: keys {list(recorded)} recorded, {list(ours)} ours"
        for key in recorded.keys() & ours.keys():
            yield from _documents(recorded[key], ours[key], f"{path}.{key}", ledger)
        yield from _lifetimes(recorded, ours, path)
    elif isinstance(recorded, list) and isinstance(ours, list) and len(recorded) == len(ours):
        for index, pair in enumerate(zip(recorded, ours, strict=True)):
            yield from _documents(*pair, f"{path}[{index}]", ledger)
    elif isinstance(recorded, str) and isinstance(ours, str):
        is_number = path.startswith("body.keys") and path.endswith(_NUMBERS)
        same = len(recorded) == len(ours) if is_number else _same_text(recorded, ours, ledger)
        if not same:
            yield f"{path}: {recorded!r} recorded, {ours!r} ours"
    elif type(recorded) is not type(ours) or recorded != ours:
        yield f"{path}: {recorded!r} recorded, {ours!r} ours"


def _lifetimes(recorded: Json, ours: Json, path: str) -> Iterator[str]:
    """The times themselves differ; what lies between them may not."""
    for start in ("createdAt", "updatedAt"):
        try:
            a, b = _span(recorded, start), _span(ours, start)
        except (KeyError, ValueError):
            continue
        if abs(a - b) > SLACK_SECONDS:
            yield f"{path}: {a:.0f} s from {start} to expiresAt recorded, {b:.0f} s ours"


def _span(session: Json, start: str) -> float:
    end, begin = (datetime.fromisoformat(session[key]) for key in ("expiresAt", start))
    return (end - begin).total_seconds()


def _same_text(recorded: str, ours: str, ledger: Ledger) -> bool:
    theirs, mine = _CACHE.fullmatch(recorded), _CACHE.fullmatch(ours)
    if theirs and mine:
        same = _same_claim(json.loads(theirs[2]), json.loads(mine[2]), ledger)
        return same and theirs.group(1, 3) == mine.group(1, 3)
    if _TIME.fullmatch(recorded):
        return bool(_TIME.fullmatch(ours))
    if _JWT.fullmatch(recorded):
        return bool(_JWT.fullmatch(ours)) and _same_token(recorded, ours, ledger)
    if _ID.fullmatch(recorded) and _ID.fullmatch(ours):
        return ledger.agree(recorded, ours)
    return recorded == ours


def _same_token(recorded: str, ours: str, ledger: Ledger) -> bool:
    headers = [jwt.get_unverified_header(token) for token in (recorded, ours)]
    if headers[1]["alg"] == "HS256":
        return _same_in_effect(recorded, ours, ledger)
    theirs, mine = claims_of(recorded), claims_of(ours)
    lives = theirs.pop("exp") - theirs.pop("iat") == mine.pop("exp") - mine.pop("iat")
    return lives and _same_claim([headers[0], theirs], [headers[1], mine], ledger)


def _same_in_effect(recorded: str, ours: str, ledger: Ledger) -> bool:
    """By decision our token is HS256, adds `user_id` and `sid` and leaves `aud` out."""
    theirs, mine = claims_of(recorded), claims_of(ours)
    jwt.decode(ours, SECRET, algorithms=["HS256"])
    lives = theirs.pop("exp") - theirs.pop("iat") == mine.pop("exp") - mine.pop("iat")
    theirs.pop("aud")
    theirs["user_id"] = theirs["sub"]
    mine_only = mine.pop("sid", "")
    return (
        lives
        and bool(_ID.fullmatch(mine_only))
        and jwt.get_unverified_header(ours) == {"alg": "HS256", "typ": "at+jwt"}
        and theirs.keys() == mine.keys()
        and all(_same_claim(theirs[key], mine[key], ledger) for key in theirs)
    )


def _same_claim(recorded: Json, ours: Json, ledger: Ledger) -> bool:
    return not list(_documents(recorded, ours, "claim", ledger))
