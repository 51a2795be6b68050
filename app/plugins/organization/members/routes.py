"""HTTP for members."""

from ....auth.sessions.guard import SignedInRequest
from ....web.endpoint import B, Q, Route
from ....web.http.response import JsonResponse
from ..active import ORGANIZATION, find_active_organization
from ..bodies import read_whole
from ..common import Common, choose_organization
from ..errors import (
    MemberNotFound,
    NoActiveOrganization,
    NotMember,
    OrganizationNotFound,
    PermissionOfNoMember,
)
from ..records import Member, MemberWithUser
from . import endpoints
from .endpoints import (
    HasPermissionBody,
    LeaveBody,
    MemberList,
    MemberRole,
    MemberRoleQuery,
    MembersQuery,
    PermissionResult,
    RemovedMember,
    RemoveMemberBody,
    UpdateMemberRoleBody,
)
from .listing import MemberListing
from .members import Members, read_roles


class MemberRoutes:
    """HTTP for `Members`, and for what members may know of each other."""

    def __init__(self, common: Common, members: Members) -> None:
        self._common = common
        self._members = members
        self._listing = MemberListing(common)

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        guard = self._common.services.guard
        return [
            endpoints.REMOVE.with_handler(self.remove, guard),
            endpoints.UPDATE_ROLE.with_handler(self.update_role, guard),
            endpoints.LEAVE.with_handler(self.leave, guard),
            endpoints.ACTIVE_MEMBER.with_handler(self.get_active_member, guard),
            endpoints.ACTIVE_MEMBER_ROLE.with_handler(self.get_role, guard),
            endpoints.LIST_MEMBERS.with_handler(self.list_members, guard),
            endpoints.HAS_PERMISSION.with_handler(self.check_permission, guard),
        ]

    async def remove(
        self, request: SignedInRequest[RemoveMemberBody]
    ) -> JsonResponse[RemovedMember]:
        """Remove a member from an organization, by default from the active one.

        The last owner cannot be removed.
        """
        body, caller = request.body, request.caller
        chosen = choose_organization(body.organization_id, request)
        removed = await self._members.remove(caller.user, chosen, body.member_id_or_email)
        if removed.user_id == caller.user.id and find_active_organization(caller) == chosen:
            await self._common.activation.set(request, **{ORGANIZATION: None})
        return JsonResponse(RemovedMember(removed))

    async def update_role(
        self, request: SignedInRequest[UpdateMemberRoleBody]
    ) -> JsonResponse[Member]:
        """Give a member other roles. Only an owner makes owners, or changes one."""
        body = read_whole(request, UpdateMemberRoleBody)
        if body.role == "":
            read_roles(body.role)
        chosen = choose_organization(body.organization_id, request)
        roles, user = read_roles(body.role), request.caller.user
        return JsonResponse(await self._members.change_role(user, chosen, body.member_id, roles))

    async def leave(self, request: SignedInRequest[LeaveBody]) -> JsonResponse[MemberWithUser]:
        """Leave an organization. The last owner cannot."""
        chosen, caller = request.body.organization_id, request.caller
        left = await self._members.leave(caller.user, chosen)
        if find_active_organization(caller) == chosen:
            await self._common.activation.set(request, **{ORGANIZATION: None})
        return JsonResponse(left)

    async def get_active_member(
        self, request: SignedInRequest[None]
    ) -> JsonResponse[MemberWithUser]:
        """Get the caller's membership in the active organization."""
        chosen = choose_organization(None, request)
        common, user_id = self._common, request.caller.user.id
        member = await common.directory.find_member(common.database, user_id, chosen)
        if member is None:
            raise MemberNotFound
        return JsonResponse(member)

    async def get_role(
        self, request: SignedInRequest[None, MemberRoleQuery]
    ) -> JsonResponse[MemberRole]:
        """Get the role of a member of an organization of mine, by default my own."""
        query = request.query
        chosen = await self._choose(request, query)
        member = await self._get_member(request.caller.user.id, chosen)
        if query.user_id:
            member = await self._get_member(query.user_id, chosen)
        return JsonResponse(MemberRole(member.role))

    async def list_members(
        self, request: SignedInRequest[None, MembersQuery]
    ) -> JsonResponse[MemberList]:
        """List the members of an organization of mine, by default of the active one."""
        chosen = await self._choose(request, request.query)
        await self._get_member(request.caller.user.id, chosen)
        return JsonResponse(await self._listing.list_members(chosen, request.query))

    async def check_permission(
        self, request: SignedInRequest[HasPermissionBody]
    ) -> JsonResponse[PermissionResult]:
        """Say whether the roles of the caller have all these permissions."""
        body = read_whole(request, HasPermissionBody)
        chosen = choose_organization(body.organization_id, request)
        common, user_id = self._common, request.caller.user.id
        member = await common.directory.find_member(common.database, user_id, chosen)
        if member is None:
            raise PermissionOfNoMember
        permissions = body.permissions
        success = isinstance(permissions, dict) and await common.access.is_allowed(
            common.database, member.role, permissions, chosen
        )
        return JsonResponse(PermissionResult(error=None, success=success))

    async def _choose(
        self, request: SignedInRequest[B, Q], query: MembersQuery | MemberRoleQuery
    ) -> str:
        """Returns the id of the organization that a query asks for, or of the active one.

        Raises OrganizationNotFound and NoActiveOrganization.
        """
        if query.organization_slug:
            common = self._common
            found = await common.directory.find_by_slug(common.database, query.organization_slug)
            if found is None:
                raise OrganizationNotFound
            return found.id
        return choose_organization(query.organization_id, request, NoActiveOrganization)

    async def _get_member(self, user_id: str, organization_id: str) -> MemberWithUser:
        common = self._common
        found = await common.directory.find_member(common.database, user_id, organization_id)
        if found is None:
            raise NotMember
        return found
