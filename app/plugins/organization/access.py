"""What members may do, by their roles: `hasPermission` of Better Auth 1.7.25."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec
from sqlalchemy import bindparam, select

from ...auth.access_control import Permissions, Roles, Statements, has_permission, list_undeclared
from .errors import UnreadableRole
from .options import OrganizationOptions
from .queries import Query, Source
from .records import Invitation, OrganizationRole, Records
from .role_names import parse_role_names

DEFAULT_STATEMENTS: Final[Statements] = {
    "organization": ("update", "delete"),
    "member": ("create", "update", "delete"),
    "invitation": ("create", "cancel"),
    "team": ("create", "update", "delete"),
    "ac": ("create", "read", "update", "delete"),
}
DEFAULT_ROLES: Final[Roles] = {
    "admin": {**DEFAULT_STATEMENTS, "organization": ("update",)},
    "owner": DEFAULT_STATEMENTS,
    "member": {
        **dict.fromkeys(("organization", "member", "invitation", "team"), ()),
        "ac": ("read",),
    },
}
_CREATE_INVITATIONS: Final[Permissions] = {"invitation": ("create",)}


class Access:
    """Decides what members may do."""

    def __init__(self, options: OrganizationOptions, records: Records) -> None:
        self.creator_role = options.creator_role
        self.ac = options.ac
        self.static_roles: Roles = DEFAULT_ROLES if options.roles is None else options.roles
        self._is_dynamic = options.dynamic_access_control.enabled
        self._names = {*DEFAULT_ROLES, *(options.roles or {})}
        mapper = records.roles
        self._stored = Query(
            select(*mapper.columns).where(
                mapper.table.c.organizationId == bindparam("organization_id")
            ),
            lambda row: read_role(mapper.to_record(row)),
        )

    def is_creator(self, role: str | None) -> bool:
        """Whether these roles include the one of the creator, by default `owner`."""
        return self.creator_role in parse_role_names(role)

    async def is_allowed(
        self, source: Source, role: str, permissions: Permissions, organization_id: str
    ) -> bool:
        """Whether a member with these roles has all permissions in the organization.

        Raises UnreadableRole.
        """
        roles = await self.list_roles(source, organization_id)
        return has_permission(roles, parse_role_names(role), permissions)

    async def list_roles(self, source: Source, organization_id: str) -> Roles:
        """Returns all roles of an organization: those of the options, and its own.

        A role of both may do what either says. Raises UnreadableRole.
        """
        if not self._is_dynamic:
            return self.static_roles
        roles = dict(self.static_roles)
        for own in await self._stored.list_all(source, organization_id=organization_id):
            roles[own.role] = _join(roles.get(own.role, {}), own.permission)
        return roles

    async def find_unknown(
        self, source: Source, names: Sequence[str], organization_id: str
    ) -> list[str]:
        """Returns those of the names that no role of this organization has."""
        unknown = [name for name in names if name not in self._names]
        if not unknown or not self._is_dynamic:
            return unknown
        own = await self._stored.list_all(source, organization_id=organization_id)
        known = {each.role for each in own}
        return [name for name in unknown if name not in known]

    async def can_view_invitations(self, source: Source, role: str, organization_id: str) -> bool:
        """Whether a member may see invitations, whose ids are their links."""
        return await self.is_allowed(source, role, _CREATE_INVITATIONS, organization_id)

    def select_visible(self, invitations: Sequence[Invitation], role: str) -> list[Invitation]:
        """Returns the invitations that a member with these roles could have made."""
        is_creator = self.is_creator(role)
        return [each for each in invitations if is_creator or not self.is_creator(each.role)]


def find_role_faults(options: OrganizationOptions, prefix: str) -> Iterator[str]:
    """Returns a line for each option about roles that contradicts another one.

    `prefix` is that of the plugin's variables.
    """
    creator, roles = options.creator_role, options.roles
    if parse_role_names(creator) != [creator]:
        yield f"{prefix}CREATOR_ROLE must be the name of one role, without commas or spaces"
    elif roles is None and creator not in DEFAULT_ROLES:
        yield (
            f"{prefix}CREATOR_ROLE: {creator!r} is none of {', '.join(sorted(DEFAULT_ROLES))}:"
            f" take one of these, or list all roles in {prefix}ROLES"
        )
    elif roles is not None and creator not in roles:
        yield (
            f"{prefix}ROLES has no role {creator!r}, which creators of organizations get: add it,"
            f" or name another role in {prefix}CREATOR_ROLE"
        )
    if options.dynamic_access_control.enabled and options.ac is None:
        yield (
            f"{prefix}DYNAMIC_ACCESS_CONTROL_ENABLED needs {prefix}AC, with the actions that roles"
            " may have: set it"
        )
    declared = DEFAULT_STATEMENTS if options.ac is None else options.ac
    for role, resource, action in list_undeclared(roles or {}, declared):
        yield f"{prefix}ROLES: {role} has {resource}:{action}, which {prefix}AC does not have"


def read_role(stored: OrganizationRole) -> OrganizationRole:
    """Returns the role with its permissions, which are stored as JSON. Raises UnreadableRole."""
    try:
        permission = msgspec.json.decode(str(stored.permission), type=dict[str, tuple[str, ...]])
    except msgspec.MsgspecError:
        raise UnreadableRole(f"Invalid permissions for role {stored.role}") from None
    return msgspec.structs.replace(stored, permission=permission)


def _join(
    one: Mapping[str, Sequence[str]], other: Mapping[str, Sequence[str]]
) -> Mapping[str, tuple[str, ...]]:
    resources = dict.fromkeys([*one, *other])
    return {
        name: tuple(dict.fromkeys([*one.get(name, ()), *other.get(name, ())])) for name in resources
    }
