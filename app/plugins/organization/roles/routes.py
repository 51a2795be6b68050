"""HTTP for roles that an organization makes."""

from msgspec import UNSET

from ....auth.sessions.guard import SignedInRequest
from ....models.errors import Refusal
from ....web.endpoint import B, Q, Route
from ....web.http.response import JsonResponse
from ..active import find_active_organization
from ..bodies import read_whole
from ..common import Common
from ..errors import NoActiveOrganization, NotMember
from ..records import Member, OrganizationRole
from . import endpoints
from .endpoints import (
    CreatedRole,
    CreateRoleBody,
    DeletedRole,
    DeleteRoleBody,
    RoleChoice,
    RoleQuery,
    RolesQuery,
    UpdatedRole,
    UpdateRoleBody,
)
from .errors import NoOrganizationForRole, RoleListingNotAllowed, RoleReadingNotAllowed
from .roles import OrganizationRoles, RoleChange, RoleName


class RoleRoutes:
    """HTTP for `OrganizationRoles`."""

    def __init__(self, common: Common, roles: OrganizationRoles) -> None:
        self._common = common
        self._roles = roles

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        guard = self._common.services.guard
        return [
            endpoints.CREATE_ROLE.with_handler(self.create, guard),
            endpoints.DELETE_ROLE.with_handler(self.delete, guard),
            endpoints.LIST_ROLES.with_handler(self.list_all, guard),
            endpoints.GET_ROLE.with_handler(self.get, guard),
            endpoints.UPDATE_ROLE.with_handler(self.update, guard),
        ]

    async def create(self, request: SignedInRequest[CreateRoleBody]) -> JsonResponse[CreatedRole]:
        """Create a role in an organization, by default in the active one.

        It cannot have a permission that the caller does not have.
        """
        body = read_whole(request, CreateRoleBody)
        chosen = _choose(body.organization_id, request, NoOrganizationForRole)
        user, now = request.caller.user, request.now
        role = await self._roles.create(user, chosen, body.role, body.permission, now)
        done = CreatedRole(success=True, role_data=role, statements=role.permission)
        return JsonResponse(done)

    async def delete(self, request: SignedInRequest[DeleteRoleBody]) -> JsonResponse[DeletedRole]:
        """Delete a role that no member has."""
        chosen = _choose(request.body.organization_id, request)
        await self._roles.delete(request.caller.user, chosen, _read_name(request.body))
        return JsonResponse(DeletedRole(success=True))

    async def list_all(
        self, request: SignedInRequest[None, RolesQuery]
    ) -> JsonResponse[list[OrganizationRole]]:
        """List the roles that an organization made, by default the active one, at most 100."""
        member = await self._get_member(request, request.query.organization_id)
        database = self._common.database
        await self._roles.check_permission(database, member, "read", RoleListingNotAllowed)
        return JsonResponse([*await self._roles.list_all(database, member.organization_id)])

    async def get(
        self, request: SignedInRequest[None, RoleQuery]
    ) -> JsonResponse[OrganizationRole]:
        """Get a role by its name or by its id."""
        member = await self._get_member(request, request.query.organization_id)
        database, name = self._common.database, _read_name(request.query)
        await self._roles.check_permission(database, member, "read", RoleReadingNotAllowed)
        return JsonResponse(await self._roles.get(database, member.organization_id, name))

    async def update(self, request: SignedInRequest[UpdateRoleBody]) -> JsonResponse[UpdatedRole]:
        """Give a role another name, or other permissions, which the caller must have."""
        body = read_whole(request, UpdateRoleBody)
        chosen, data = _choose(body.organization_id, request), body.data
        change = RoleChange(
            None if data.role_name is UNSET else data.role_name,
            None if data.permission is UNSET else data.permission,
            request.now,
        )
        user, which = request.caller.user, _read_name(body)
        role = await self._roles.change(user, chosen, which, change)
        return JsonResponse(UpdatedRole(success=True, role_data=role))

    async def _get_member(self, request: SignedInRequest[B, Q], named: object) -> Member:
        chosen = _choose(named, request)
        common, user_id = self._common, request.caller.user.id
        member = await common.directory.find_member(common.database, user_id, chosen)
        if member is None:
            raise NotMember
        return member


def _choose(
    named: object, request: SignedInRequest[B, Q], refusal: type[Refusal] = NoActiveOrganization
) -> str:
    """Returns the id that a request gives, or the one of the active organization.

    Here, unlike elsewhere, an empty text is not left out.
    """
    found = named if isinstance(named, str) else find_active_organization(request.caller)
    if not found:
        raise refusal
    return found


def _read_name(choice: RoleChoice | RoleQuery) -> RoleName:
    """Returns what names the role: the name first."""
    name = choice.role_name
    if isinstance(name, str) and name:
        return RoleName(name, is_id=False)
    return RoleName(str(choice.role_id), is_id=True)
