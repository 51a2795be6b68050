"""Roles, bans and impersonation, and endpoints for administrators.

Source: the `admin` plugin of Better Auth 1.7.25.
"""

from collections.abc import Iterable
from typing import Final

from msgspec import structs

from ...models.additional_fields import AdditionalField
from ...settings.option_types import ColumnNames
from ...settings.settings import Settings
from ..plugin import BuiltPlugin, Plugin, Services
from .access import ROLE, find_role_faults
from .bans import BAN_EXPIRES, BAN_REASON, BANNED, IMPERSONATED_BY
from .impersonation import COOKIE
from .options import AdminOptions

_USER: Final = (
    AdditionalField(name=ROLE, type="string", required=False, input=False),
    AdditionalField(name=BANNED, type="boolean", required=False, input=False, default_value=False),
    AdditionalField(name=BAN_REASON, type="string", required=False, input=False),
    AdditionalField(name=BAN_EXPIRES, type="date", required=False, input=False),
)
_SESSION: Final = (
    AdditionalField(name=IMPERSONATED_BY, type="string", required=False, input=False),
)


class AdminPlugin(Plugin[AdminOptions]):
    """The `admin` plugin."""

    id = "admin"
    options = AdminOptions
    cookies = (COOKIE,)
    lifts = frozenset({BANNED})

    def list_user_fields(self, options: AdminOptions) -> tuple[AdditionalField, ...]:
        """Returns role and ban."""
        return _rename(_USER, options.schema.user.fields)

    def list_session_fields(self, options: AdminOptions) -> tuple[AdditionalField, ...]:
        """Returns who impersonates the user."""
        return _rename(_SESSION, options.schema.session.fields)

    def get_longest_session(self, options: AdminOptions) -> int:
        """Returns the seconds of an impersonation."""
        return options.impersonation_session_duration

    def find_faults(self, settings: Settings) -> Iterable[str]:
        """Returns a line for each role and each column that is unknown."""
        options = self.get_options(settings)
        yield from find_role_faults(options)
        for table, fields in (("USER", _USER), ("SESSION", _SESSION)):
            schema = options.schema.user if table == "USER" else options.schema.session
            known = {field.name for field in fields}
            for name in (schema.fields or {}).keys() - known:
                yield (
                    f"BETTER_AUTH_ADMIN_SCHEMA_{table}_FIELDS: {name!r} is not one of"
                    f" {', '.join(sorted(known))}"
                )

    def build(self, services: Services) -> BuiltPlugin:
        """Returns the endpoints and the hooks."""
        from .assembly import build_admin  # noqa: PLC0415 - only where it is on

        return build_admin(services, self.get_options(services.settings))


def _rename(
    fields: tuple[AdditionalField, ...], names: ColumnNames | None
) -> tuple[AdditionalField, ...]:
    chosen = names or {}
    return tuple(structs.replace(each, field_name=chosen.get(each.name)) for each in fields)


PLUGIN: Final = AdminPlugin()
