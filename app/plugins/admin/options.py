"""The options of the plugin: `AdminOptions` of Better Auth 1.7.25."""

from typing import Annotated

from msgspec import Struct, field

from ...auth.access_control import RolesOption, StatementsOption
from ...settings.option_types import ColumnNames, Range


class AdminUserSchema(Struct, frozen=True, kw_only=True):
    """The names of columns of `user`, by `role`, `banned`, `banReason` and `banExpires`."""

    fields: ColumnNames | None = None


class AdminSessionSchema(Struct, frozen=True, kw_only=True):
    """The name of the column `impersonatedBy` of `session`."""

    fields: ColumnNames | None = None


class AdminSchemaOptions(Struct, frozen=True, kw_only=True):
    """The names of columns."""

    user: AdminUserSchema = field(default_factory=AdminUserSchema)
    session: AdminSessionSchema = field(default_factory=AdminSessionSchema)


class AdminOptions(Struct, frozen=True, kw_only=True):
    """Times are in seconds. `ac` lists the statements that `roles` may have.

    A ban without `default_ban_expires_in` does not expire.
    """

    default_role: str = "user"
    admin_roles: tuple[str, ...] = ("admin",)
    admin_user_ids: tuple[str, ...] = ()
    default_ban_reason: str | None = None
    default_ban_expires_in: Annotated[int, Range(1)] | None = None
    impersonation_session_duration: Annotated[int, Range(1)] = 3600
    banned_user_message: str = (
        "You have been banned from this application. Please contact support if you believe this is"
        " an error."
    )
    allow_impersonating_admins: bool = False
    ac: StatementsOption | None = None
    roles: RolesOption | None = None
    schema: AdminSchemaOptions = field(default_factory=AdminSchemaOptions)
