"""Validates a row: the rules of sign-up, and the hashes that can be verified."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import UNSET, Struct

from ...auth.additional_input import refuse_unfit
from ...auth.passwords.hash_limits import UnusableHash, usable_hash
from ...auth.users.emails import is_email
from ...models.additional_fields import AdditionalField, Json
from ...models.clock import from_iso, to_iso
from ...models.errors import InvalidBody
from ...models.identifiers import generate_id
from .fields import PASSWORD, Fields
from .rows import Flaw, Raw

# An id stands in paths (`/api/{user_id}/tasks`), in tokens and in the keys of a cache.
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:|-]{0,127}", re.ASCII)
_PLACE: Final = re.compile(r"\[body\.[^\]]*\] ")


class Person(Struct, frozen=True):
    """A valid user to write. `row` is the row of `user`, by column.

    `keeps_id`: the file has the id. `hashed` is None without a password.
    """

    line: int
    id: str
    keeps_id: bool
    email: str
    hashed: str | None
    row: Mapping[str, object]


class Rules:
    """Checks types like `/update-user`."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def person(self, raw: Raw, now: datetime) -> Person:
        """Returns the user of a row. `now` is the default for its timestamps. Raises `Flaw`."""
        given = raw.fields
        self._refuse_names(given)
        user_id, email = _id(given.get("id")), _email(given.get("email"))
        created = _moment(given, "createdAt") or to_iso(now)
        row = {
            "id": user_id or generate_id(),
            "name": _text(given, "name"),
            "email": email,
            "emailVerified": _flag(given, "emailVerified"),
            "image": None if given.get("image") is None else _text(given, "image"),
            "createdAt": created,
            "updatedAt": _moment(given, "updatedAt") or created,
            **{field.column: _additional(field, given) for field in self._fields.additional},
        }
        return Person(
            line=raw.line,
            id=str(row["id"]),
            keeps_id=user_id is not None,
            email=email,
            hashed=_hash(given),
            row=row,
        )

    def _refuse_names(self, given: Mapping[str, Json]) -> None:
        for name in given:
            if objection := self._fields.objection(name):
                raise Flaw(name, objection)
        for mark in self._fields.marks:
            if _flag(given, mark):
                raise Flaw(mark, "is set, and the plugin that heeds it is not offered here")


def _id(value: Json) -> str | None:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if text is None:
        return None
    if not isinstance(text, str) or not _ID.fullmatch(text):
        raise Flaw(
            "id", "must be 1 to 128 letters, digits or _ . : | -, the first a letter or a digit"
        )
    return text


def _email(value: Json) -> str:
    if value is None:
        raise Flaw("email", "is missing")
    if not isinstance(value, str) or not is_email(value):
        raise Flaw("email", "is no e-mail address")
    return value.lower()


def _text(given: Mapping[str, Json], name: str) -> str:
    value = given.get(name)
    if value is None:
        raise Flaw(name, "is missing")
    if not isinstance(value, str):
        raise Flaw(name, "must be text")
    return value


def _flag(given: Mapping[str, Json], name: str) -> bool:
    value = given.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise Flaw(name, "must be true or false")


def _moment(given: Mapping[str, Json], name: str) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    try:
        return to_iso(from_iso(_text(given, name)))
    except (Flaw, ValueError):
        raise Flaw(name, "must be a moment of ISO 8601, as 2026-11-21T00:44:05.831Z") from None


def _hash(given: Mapping[str, Json]) -> str | None:
    if given.get(PASSWORD) is None:
        return None
    try:
        return usable_hash(_text(given, PASSWORD))
    except UnusableHash as fault:
        raise Flaw(PASSWORD, str(fault)) from None


def _additional(field: AdditionalField, given: Mapping[str, Json]) -> Json:
    """Returns additional fields. An operator may also set those with `input: false`."""
    value, default, optional = given.get(field.name), field.default, field.required is False
    if value is None and default is not UNSET and not (optional and field.name in given):
        return default
    if value is None and optional:
        return None
    if value is None:
        raise Flaw(field.name, "is missing")
    if field.kind == "bigint" and _is_whole(value):
        return str(value)  # a float, which is how numbers are stored, would round it
    try:
        refuse_unfit((field,), {field.name: value})
    except InvalidBody as fault:
        raise Flaw(field.name, _PLACE.sub("", fault.message)) from None
    return value


def _is_whole(value: Json) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"-?\d{1,19}", value, re.ASCII) is not None
    return isinstance(value, int) and not isinstance(value, bool)
