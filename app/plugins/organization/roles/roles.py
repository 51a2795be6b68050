"""The roles that an organization makes for itself (`dynamicAccessControl`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct, structs
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ....auth.access_control import Permissions, has_permission
from ....models.clock import to_iso
from ....models.errors import Refusal
from ....models.records import User
from ....storage.compiled import AnyRow
from ..access import read_role
from ..common import Common
from ..directory import LISTED
from ..errors import NotMember, RoleNotFound
from ..queries import Query, Source
from ..records import Member, OrganizationRole
from ..role_names import parse_role_names
from .errors import (
    InvalidResource,
    PredefinedRole,
    RoleCreationNotAllowed,
    RoleDeletionNotAllowed,
    RoleIsAssigned,
    RoleNameTaken,
    RoleRefusal,
    RoleUpdateNotAllowed,
    TooManyRoles,
)

Permission = Mapping[str, Sequence[str]]


class RoleName(Struct, frozen=True):
    """Names a role: `is_id` says how."""

    value: str
    is_id: bool


class RoleChange(Struct, frozen=True):
    """What a role gets: a name, permissions, or both."""

    name: str | None
    permission: Permission | None
    now: datetime


class OrganizationRoles:
    """Creates, changes and deletes roles. Nobody gives a role what they may not do themselves."""

    def __init__(self, common: Common) -> None:
        self._common = common
        self._most = common.options.dynamic_access_control.maximum_roles_per_organization
        mapper, table = common.records.roles, common.records.roles.table
        found = select(*mapper.columns).where(
            table.c.organizationId == bindparam("organization_id")
        )
        self._all = Query(found, self._read)
        self._by_name = Query(found.where(table.c.role == bindparam("value")), self._read)
        self._by_id = Query(found.where(table.c.id == bindparam("value")), self._read)

    def _read(self, row: AnyRow) -> OrganizationRole:
        return read_role(self._common.records.roles.to_record(row))

    async def list_all(self, source: Source, organization_id: str) -> Sequence[OrganizationRole]:
        """Returns the roles of an organization, at most 100. Raises UnreadableRole."""
        found = await self._all.list_all(source, organization_id=organization_id)
        return found[:LISTED]

    async def get(self, source: Source, organization_id: str, name: RoleName) -> OrganizationRole:
        """Returns a role. Raises RoleNotFound and UnreadableRole."""
        query = self._by_id if name.is_id else self._by_name
        found = await query.find(source, organization_id=organization_id, value=name.value)
        if found is None:
            raise RoleNotFound
        return found

    async def check_permission(
        self, source: Source, member: Member, action: str, refusal: type[Refusal]
    ) -> None:
        """Raises the refusal if a member may not do this with roles."""
        permissions: Permissions = {"ac": (action,)}
        organization_id = member.organization_id
        if not await self._common.access.is_allowed(
            source, member.role, permissions, organization_id
        ):
            raise refusal

    async def create(
        self, user: User, organization_id: str, name: str, permission: Permission, now: datetime
    ) -> OrganizationRole:
        """Returns the new role, whose name is in lower case.

        Raises RoleNameTaken, NotMember, RoleCreationNotAllowed, TooManyRoles, InvalidResource,
        UnreadableRole and FailedToSave.
        """
        name = name.lower()
        self._check_not_predefined(name)
        async with self._common.change(organization_id, user.id, NotMember) as (tx, caller):
            refusal = RoleCreationNotAllowed
            await self.check_permission(tx, caller, "create", refusal)
            roles = await self._all.list_all(tx, organization_id=organization_id)
            if self._most is not None and len(roles) >= self._most:
                raise TooManyRoles
            await self._check_grant(tx, caller, permission, refusal)
            await self._check_free(tx, organization_id, name)
            mapper = self._common.records.roles
            role = OrganizationRole(
                organization_id=organization_id,
                role=name,
                permission={resource: (*actions,) for resource, actions in permission.items()},
                created_at=to_iso(now),
                updated_at=None,
                id=mapper.generate_id(),
            )
            row = {**mapper.to_row(role), "permission": _write(permission)}
            await tx.execute(insert(mapper.table), row)
            return role

    async def change(
        self,
        user: User,
        organization_id: str,
        which: RoleName,
        change: RoleChange,
    ) -> OrganizationRole:
        """Returns the role with its new name and permissions, if there are any.

        Its `updatedAt` is the one from before, as in Better Auth. Raises NotMember,
        RoleUpdateNotAllowed, RoleNotFound, InvalidResource, RoleNameTaken, UnreadableRole and
        FailedToSave.
        """
        async with self._common.change(organization_id, user.id, NotMember) as (tx, caller):
            refusal = RoleUpdateNotAllowed
            await self.check_permission(tx, caller, "update", refusal)
            role = await self.get(tx, organization_id, which)
            values = {"updatedAt": to_iso(change.now)}
            name, permission = change.name, change.permission
            if permission is not None:
                await self._check_grant(tx, caller, permission, refusal)
                values["permission"] = _write(permission)
                granted = {resource: (*actions,) for resource, actions in permission.items()}
                role = structs.replace(role, permission=granted)
            if name:
                self._check_not_predefined(name.lower())
                await self._check_free(tx, organization_id, name.lower())
                values["role"] = name.lower()
                role = structs.replace(role, role=name.lower())
            table = self._common.records.roles.table
            await tx.execute(update(table).where(table.c.id == role.id).values(values))
            return role

    async def delete(self, user: User, organization_id: str, which: RoleName) -> None:
        """Deletes a role that no member has.

        Raises NotMember, RoleDeletionNotAllowed, PredefinedRole, RoleNotFound, RoleIsAssigned and
        UnreadableRole.
        """
        common = self._common
        async with common.change(organization_id, user.id, NotMember) as (tx, caller):
            await self.check_permission(tx, caller, "delete", RoleDeletionNotAllowed)
            if not which.is_id and which.value in common.access.static_roles:
                raise PredefinedRole
            role = await self.get(tx, organization_id, which)
            members = await common.directory.list_members(tx, organization_id)
            if any(role.role in parse_role_names(member.role) for member in members):
                raise RoleIsAssigned
            table = common.records.roles.table
            await tx.execute(delete(table).where(table.c.id == role.id))

    def _check_not_predefined(self, name: str) -> None:
        if name in self._common.access.static_roles:
            raise RoleNameTaken

    async def _check_free(self, tx: AsyncConnection, organization_id: str, name: str) -> None:
        found = await self._by_name.find(tx, organization_id=organization_id, value=name)
        if found is not None:
            raise RoleNameTaken

    async def _check_grant(
        self,
        tx: AsyncConnection,
        caller: Member,
        permission: Permission,
        refusal: type[RoleRefusal],
    ) -> None:
        """Raises InvalidResource, and the refusal for what the caller may not do."""
        access = self._common.access
        if not permission.keys() <= (access.ac or {}).keys():
            raise InvalidResource
        roles = await access.list_roles(tx, caller.organization_id)
        names = parse_role_names(caller.role)
        missing = [
            f"{resource}:{action}"
            for resource, actions in permission.items()
            for action in actions
            if not has_permission(roles, names, {resource: (action,)})
        ]
        if missing:
            raise refusal(missing=missing)


def _write(permission: Permission) -> str:
    return msgspec.json.encode(permission).decode()
