"""Removes members, and changes their roles."""

from collections.abc import Sequence

from msgspec import structs
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ....auth.access_control import Permissions
from ....models.records import User
from ..common import Common
from ..errors import (
    MemberDeletionNotAllowed,
    MemberNotFound,
    MemberUpdateNotAllowed,
    OnlyOwner,
    RoleMissing,
    UnknownRoles,
    WithoutOwner,
)
from ..records import Member, MemberWithUser
from ..role_names import join_role_names, parse_role_names
from ..team_membership import TeamMembership

_REMOVE: Permissions = {"member": ("delete",)}
_UPDATE: Permissions = {"member": ("update",)}


class Members:
    """Every change of members holds the lock of their organization, so an owner always stays."""

    def __init__(self, common: Common, membership: TeamMembership) -> None:
        self._common = common
        self._membership = membership

    async def remove(self, user: User, organization_id: str, id_or_email: str) -> Member:
        """Removes a member, named by its id or by the address of its user, and returns it.

        Raises MemberNotFound, OnlyOwner and MemberDeletionNotAllowed.
        """
        common, access, directory = self._common, self._common.access, self._common.directory
        async with common.change(organization_id, user.id) as (tx, caller):
            is_email = "@" in id_or_email
            found = (
                await directory.find_member_by_email(tx, id_or_email, organization_id)
                if is_email
                else await directory.find_member_by_id(tx, id_or_email)
            )
            if found is None:
                raise MemberNotFound
            if access.is_creator(found.role):
                if not access.is_creator(caller.role):
                    raise OnlyOwner
                if await directory.count_with(tx, organization_id, access.creator_role) <= 1:
                    raise OnlyOwner
            if not await access.is_allowed(tx, caller.role, _REMOVE, organization_id):
                raise MemberDeletionNotAllowed
            if found.organization_id != organization_id:
                raise MemberNotFound
            await self._delete(tx, found)
            return found if is_email else _strip_user(found)

    async def leave(self, user: User, organization_id: str) -> MemberWithUser:
        """Removes the user's own membership, and returns it.

        Raises MemberNotFound and OnlyOwner.
        """
        access, directory = self._common.access, self._common.directory
        async with self._common.change(organization_id, user.id) as (tx, caller):
            owners = await directory.count_with(tx, organization_id, access.creator_role)
            if access.is_creator(caller.role) and owners <= 1:
                raise OnlyOwner
            await self._delete(tx, caller)
            return caller

    async def change_role(
        self, user: User, organization_id: str, member_id: str, roles: Sequence[str]
    ) -> Member:
        """Gives a member these roles, and returns the member.

        Raises MemberNotFound, MemberUpdateNotAllowed, WithoutOwner and UnknownRoles.
        """
        common, access = self._common, self._common.access
        async with common.change(organization_id, user.id) as (tx, caller):
            found = await common.directory.find_member_by_id(tx, member_id)
            if found is None:
                raise MemberNotFound
            await self._check_change(tx, caller, found, roles)
            if not access.is_creator(caller.role) and not await access.is_allowed(
                tx, caller.role, _UPDATE, organization_id
            ):
                raise MemberUpdateNotAllowed
            unknown = await access.find_unknown(tx, roles, organization_id)
            if unknown:
                raise UnknownRoles(f"ROLE_NOT_FOUND: {', '.join(unknown)}")
            await common.get_organization(tx, organization_id)
            table, role = common.records.members.table, join_role_names(roles)
            await tx.execute(update(table).where(table.c.id == found.id).values(role=role))
            owner = (found.user_id, organization_id)
            await common.record(tx, "member_role_changed", *owner, role=role)
            return structs.replace(_strip_user(found), role=role)

    async def _check_change(
        self, tx: AsyncConnection, caller: Member, found: Member, roles: Sequence[str]
    ) -> None:
        """Only owners make owners, and change them. One owner stays."""
        access, directory = self._common.access, self._common.directory
        if found.organization_id != caller.organization_id:
            raise MemberUpdateNotAllowed
        was_owner, is_owner = access.is_creator(found.role), access.creator_role in roles
        if (was_owner or is_owner) and not access.is_creator(caller.role):
            raise MemberUpdateNotAllowed
        if not was_owner or is_owner:
            return
        if await directory.count_with(tx, found.organization_id, access.creator_role) <= 1:
            raise WithoutOwner

    async def _delete(self, tx: AsyncConnection, member: Member) -> None:
        table = self._common.records.members.table
        await tx.execute(delete(table).where(table.c.id == member.id))
        removed, organization_id = member.user_id, member.organization_id
        await self._common.record(tx, "member_removed", removed, organization_id)
        if self._common.records.has_teams:
            await self._membership.remove_from_all(tx, member.organization_id, member.user_id)


def read_roles(named: str | Sequence[str]) -> list[str]:
    """Returns the names of roles that a request gives. Raises RoleMissing if there is none."""
    names = parse_role_names(named)
    if not names:
        raise RoleMissing
    return names


def _strip_user(member: MemberWithUser) -> Member:
    return Member(
        organization_id=member.organization_id,
        user_id=member.user_id,
        role=member.role,
        created_at=member.created_at,
        id=member.id,
    )
