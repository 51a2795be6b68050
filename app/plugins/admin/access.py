"""Who may do what: `hasPermission` and the roles of the plugin.

Source: `plugins/admin/has-permission`, `plugins/admin/access` of Better Auth 1.7.25.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from ...auth.access_control import Permissions, Roles, Statements, has_permission, list_undeclared
from ...models.additional_fields import Json
from ...models.errors import Refusal
from ...models.records import User
from .errors import InvalidRoleType, UnknownRole
from .options import AdminOptions

ROLE: Final = "role"
_SESSION: Final = ("list", "revoke", "delete")
_OVER_ADMINS: Final = "impersonate-admins"
_USER: Final = (
    "create",
    "list",
    "set-role",
    "ban",
    "impersonate",
    "delete",
    "set-password",
    "set-email",
    "set-phone",
    "get",
    "update",
)
DEFAULT_ROLES: Final[Roles] = {
    "admin": {"user": _USER, "session": _SESSION},
    "user": {"user": (), "session": ()},
}
DEFAULT_STATEMENTS: Final[Statements] = {"user": (*_USER, _OVER_ADMINS), "session": _SESSION}


class AdminAccess:
    """The permissions of users by their roles. A role without permissions is possible."""

    def __init__(self, options: AdminOptions) -> None:
        self._options = options
        self._roles = options.roles or DEFAULT_ROLES
        self._admin_roles = frozenset(options.admin_roles)
        self._admin_user_ids = frozenset(options.admin_user_ids)

    def has(self, user: User, permissions: Permissions) -> bool:
        """Whether one of the user's roles has all permissions. `adminUserIds` have every one."""
        return user.id in self._admin_user_ids or has_permission(
            self._roles, self._list_roles(user), permissions
        )

    def check(self, user: User, resource: str, action: str, refusal: type[Refusal]) -> None:
        """Raises the refusal if the user lacks the permission."""
        if not self.has(user, {resource: [action]}):
            raise refusal

    def is_admin(self, user: User) -> bool:
        """Whether the user has one of `adminRoles`, or is one of `adminUserIds`."""
        in_role = not self._admin_roles.isdisjoint(self._list_roles(user))
        return in_role or user.id in self._admin_user_ids

    def can_impersonate_admins(self, user: User) -> bool:
        """Whether the user may impersonate administrators, too."""
        allowed = self._options.allow_impersonating_admins
        return allowed or self.has(user, {"user": [_OVER_ADMINS]})

    def join_roles(self, asked: Json) -> str:
        """Returns the value of the column for one role or a list.

        Raises InvalidRoleType, and UnknownRole for a role that is not in the option `roles`.
        """
        roles = asked if isinstance(asked, list) else [asked]
        for role in roles:
            if not isinstance(role, str):
                raise InvalidRoleType
            if self._options.roles is not None and role not in self._options.roles:
                raise UnknownRole
        return ",".join(map(str, roles))

    def _list_roles(self, user: User) -> Sequence[str]:
        return str(getattr(user, ROLE, None) or self._options.default_role or "user").split(",")


def find_role_faults(options: AdminOptions) -> Iterator[str]:
    """Returns a line for each option about roles that contradicts another one."""
    known = {role.lower() for role in options.roles or DEFAULT_ROLES}
    unknown = [role for role in options.admin_roles if role.lower() not in known]
    # Who names administrators by their ids may do without the default role.
    if unknown and (
        options.admin_roles != AdminOptions().admin_roles or not options.admin_user_ids
    ):
        names = ", ".join(unknown)
        yield (
            f"BETTER_AUTH_ADMIN_ADMIN_ROLES names {names}, which BETTER_AUTH_ADMIN_ROLES does not"
            " have: add the role there, or set BETTER_AUTH_ADMIN_ADMIN_ROLES to the roles of"
            " administrators"
        )
    yield from _find_default_role_faults(options)
    for user_id in options.admin_user_ids:
        if "@" in user_id:
            yield (
                f"BETTER_AUTH_ADMIN_ADMIN_USER_IDS: {user_id!r} is an address: write the id of the"
                " user, which the database has"
            )
    for role, resource, action in _list_undeclared(options):
        yield (
            f"BETTER_AUTH_ADMIN_ROLES gives {role} the action {action!r} on {resource!r}, which"
            " BETTER_AUTH_ADMIN_AC does not have: add it there, or correct the name"
        )


def _find_default_role_faults(options: AdminOptions) -> Iterator[str]:
    # Without `roles` any name is a role. `user` may be none, and then has no permissions.
    if options.roles is None or options.default_role == AdminOptions().default_role:
        return
    for role in options.default_role.split(","):
        if role not in options.roles:
            yield (
                f"BETTER_AUTH_ADMIN_DEFAULT_ROLE names {role}, which BETTER_AUTH_ADMIN_ROLES does"
                " not have: add the role there, or name another one"
            )


def _list_undeclared(options: AdminOptions) -> Iterator[tuple[str, str, str]]:
    roles = options.roles or {}
    if options.ac is not None:
        return list_undeclared(roles, options.ac)
    grants = list_undeclared(roles, DEFAULT_STATEMENTS)
    return (grant for grant in grants if grant[1] in DEFAULT_STATEMENTS)
