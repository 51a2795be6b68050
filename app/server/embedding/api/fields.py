"""Reads the additional fields that a call sets. It may set those with `input: false`, too."""

from collections.abc import Mapping

from msgspec import UNSET

from ....auth.additional_input import refuse_unfit
from ....auth.errors import FieldNotAllowed, MissingField
from ....models.additional_fields import Json
from ....models.errors import InvalidBody
from ...container import Container
from .arguments import check_text, to_json


class FieldValues:
    """The fields of users in the settings, without those that plugins alone may change."""

    def __init__(self, container: Container) -> None:
        of_plugins = {
            field.name
            for plugin in container.settings.plugins
            for field in plugin.user_fields
            if not field.input
        }
        additional = container.mappers.user.additional
        self._fields = tuple(field for field in additional if field.name not in of_plugins)
        self._names = {field.name for field in self._fields}

    def read_changes(self, values: object) -> dict[str, Json]:
        """Returns the values by name. Raises InvalidBody, FieldNotAllowed."""
        if not isinstance(values, Mapping):
            raise InvalidBody("[fields] Invalid input: expected record")
        for name in values:
            if check_text("fields", name) not in self._names:
                raise FieldNotAllowed(f"{name} is not allowed to be set")
        read = {name: to_json(f"fields.{name}", value) for name, value in values.items()}
        refuse_unfit(self._fields, read, "fields")
        return read

    def read_new(self, values: object) -> dict[str, Json]:
        """Returns the values of a new user by name. Raises what `read_changes` raises.

        Also MissingField for one that is required.
        """
        read = self.read_changes(values)
        for field in self._fields:
            if field.required and field.default is UNSET and field.name not in read:
                raise MissingField(f"{field.name} is required")
        return read
