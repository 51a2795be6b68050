"""Validates a row: the rules of sign-up, and the hashes that can be verified."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import UNSET, Struct

from ...models.additional_fields import AdditionalField, Json
from ...models.clock import from_iso, to_iso
from ...models.column_types import IdType, is_uuid
from ...models.errors import InvalidBody
from ...models.tables import Tables
from ..additional_input import refuse_unfit
from ..passwords.hash_limits import UnusableHash, get_usable_hash
from ..passwords.hashes import Kind, get_kind
from ..users.emails import is_email
from .fields import PASSWORD, Fields
from .rows import RawRow, RowError

# An id stands in paths (`/api/{user_id}/tasks`), in tokens and in the keys of a cache.
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:|-]{0,127}", re.ASCII)
_PLACE: Final = re.compile(r"\[body\.[^\]]*\] ")


class ImportedUser(Struct, frozen=True):
    """A valid user to write. `row` is the row of `user`, by column.

    `keeps_id`: the file has the id. `hashed` is None without a password.
    """

    line: int
    id: str
    keeps_id: bool
    email: str
    hashed: str | None
    row: Mapping[str, object]


class RowRules:
    """Checks types like `/update-user`.

    `has_own_hashes`: a function of the user verifies hashes that the service does not know.
    """

    def __init__(self, fields: Fields, tables: Tables, *, has_own_hashes: bool = False) -> None:
        self._has_own_hashes = has_own_hashes
        self._fields = fields
        self._generate_id = tables.generate_id
        self._has_uuids = isinstance(tables.users.c.id.type, IdType)

    def read_user(self, raw: RawRow, now: datetime) -> ImportedUser:
        """Returns the user of a row. `now` is the default for its timestamps. Raises `RowError`."""
        fields = raw.fields
        self._refuse_names(fields)
        user_id, email = self._read_id(fields.get("id")), _read_email(fields.get("email"))
        created = _read_timestamp(fields, "createdAt") or to_iso(now)
        row = {
            "id": user_id or self._generate_id(),
            "name": _read_text(fields, "name"),
            "email": email,
            "emailVerified": _read_flag(fields, "emailVerified"),
            "image": None if fields.get("image") is None else _read_text(fields, "image"),
            "createdAt": created,
            "updatedAt": _read_timestamp(fields, "updatedAt") or created,
            **{field.column: _read_additional(field, fields) for field in self._fields.additional},
        }
        return ImportedUser(
            line=raw.line,
            id=str(row["id"]),
            keeps_id=user_id is not None,
            email=email,
            hashed=_read_hash(fields, takes_unknown=self._has_own_hashes),
            row=row,
        )

    def _read_id(self, value: Json) -> str | None:
        user_id = _read_id(value)
        if user_id is not None and self._has_uuids and not is_uuid(user_id):
            raise RowError("id", "must be a UUID, because the ids of this database are UUIDs")
        return user_id

    def _refuse_names(self, fields: Mapping[str, Json]) -> None:
        for name in fields:
            if objection := self._fields.find_objection(name):
                raise RowError(name, objection)
        for mark in self._fields.marks:
            if _read_flag(fields, mark):
                raise RowError(mark, "is set, but its plugin is off here")


def _read_id(value: Json) -> str | None:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if text is None:
        return None
    if not isinstance(text, str) or not _ID.fullmatch(text):
        raise RowError(
            "id", "must be 1 to 128 letters, digits or _ . : | -, the first a letter or a digit"
        )
    return text


def _read_email(value: Json) -> str:
    if value is None:
        raise RowError("email", "is missing")
    if not isinstance(value, str) or not is_email(value):
        raise RowError("email", "is not an email address")
    return value.lower()


def _read_text(fields: Mapping[str, Json], name: str) -> str:
    value = fields.get(name)
    if value is None:
        raise RowError(name, "is missing")
    if not isinstance(value, str):
        raise RowError(name, "must be text")
    return value


def _read_flag(fields: Mapping[str, Json], name: str) -> bool:
    value = fields.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise RowError(name, "must be true or false")


def _read_timestamp(fields: Mapping[str, Json], name: str) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    try:
        return to_iso(from_iso(_read_text(fields, name)))
    except (RowError, ValueError):
        raise RowError(
            name, "must be an ISO 8601 timestamp, like 2026-11-21T00:44:05.831Z"
        ) from None


def _read_hash(fields: Mapping[str, Json], *, takes_unknown: bool) -> str | None:
    if fields.get(PASSWORD) is None:
        return None
    hashed = _read_text(fields, PASSWORD)
    if takes_unknown and hashed and get_kind(hashed) is Kind.UNKNOWN:
        return hashed
    try:
        return get_usable_hash(hashed)
    except UnusableHash as fault:
        raise RowError(PASSWORD, str(fault)) from None


def _read_additional(field: AdditionalField, fields: Mapping[str, Json]) -> Json:
    """Returns additional fields. An operator may also set those with `input: false`."""
    value, default, optional = fields.get(field.name), field.default, field.required is False
    if value is None and default is not UNSET and not (optional and field.name in fields):
        return default
    if value is None and optional:
        return None
    if value is None:
        raise RowError(field.name, "is missing")
    if field.kind == "bigint" and _is_whole(value):
        return str(value)  # a float, which is how numbers are stored, would round it
    try:
        refuse_unfit((field,), {field.name: value})
    except InvalidBody as fault:
        raise RowError(field.name, _PLACE.sub("", fault.message)) from None
    return value


def _is_whole(value: Json) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"-?\d{1,19}", value, re.ASCII) is not None
    return isinstance(value, int) and not isinstance(value, bool)
