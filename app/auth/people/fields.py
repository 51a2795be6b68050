"""The fields of a user in a file. In CSV they are the columns."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from ...models.additional_fields import AdditionalField, Kind
from ...models.tables import RESTRICTION_COLUMNS, to_snake_case

PASSWORD: Final = "passwordHash"  # noqa: S105  # a field's name
_CORE: Final[dict[str, Kind]] = {
    "id": "string",
    "email": "string",
    "name": "string",
    "emailVerified": "boolean",
    "image": "string",
    "createdAt": "string",
    "updatedAt": "string",
    PASSWORD: "string",
}


class Fields:
    """The fields of Better Auth and the additional fields, which are `offered`.

    `kinds` also has the columns of Node plugins, which must not be set.
    """

    def __init__(self, additional: tuple[AdditionalField, ...]) -> None:
        self.additional = additional
        named: dict[str, Kind] = {field.name: field.kind for field in additional}
        self.marks = tuple(mark for mark in RESTRICTION_COLUMNS if mark not in named)
        self.offered: dict[str, Kind] = {**_CORE, **named}
        self.kinds: dict[str, Kind] = {**self.offered, **dict.fromkeys(self.marks, "boolean")}

    def find_objection(self, name: str) -> str | None:
        """Returns why a field cannot have this name, or None for a known field."""
        if name in self.kinds:
            return None
        near = get_close_matches(name.lower(), self._forms, n=1)
        return f"is unknown: {self._suggest(near)}"

    @property
    def _forms(self) -> dict[str, str]:
        snake = {to_snake_case(name): name for name in self.kinds}
        return {**snake, **{name.lower(): name for name in self.kinds}, "password": PASSWORD}

    def _suggest(self, near: Sequence[str]) -> str:
        if near:
            return f"is {self._forms[near[0]]} meant?"
        return "leave it out, or name it in BETTER_AUTH_USER_ADDITIONAL_FIELDS"
