"""HTTP for organizations."""

import re
from typing import cast

import msgspec
from msgspec import UNSET

from ....auth.sessions.guard import SignedInRequest
from ....web.endpoint import B, Q, Route
from ....web.http.response import JsonResponse
from ..active import ORGANIZATION, TEAM, find_active_organization
from ..bodies import read_whole
from ..common import Common, choose_organization
from ..directory import LISTED
from ..errors import (
    CallerIsNotMember,
    OrganizationDeletionDisabled,
    OrganizationNotFound,
    SlugAlreadyTaken,
)
from ..records import (
    CreatedOrganization,
    FullOrganization,
    Organization,
    OrganizationDetails,
    extend,
)
from . import endpoints
from .endpoints import (
    CheckSlugBody,
    CreateOrganizationBody,
    DeleteOrganizationBody,
    FullOrganizationQuery,
    OrganizationQuery,
    SetActiveBody,
    SlugStatus,
    UpdateOrganizationBody,
)
from .organizations import Organizations

_NUMBER = re.compile(r"\s*\+?0*(\d+)", re.ASCII)
_DIGITS = 9  # more members than there can be, and what every database takes


class OrganizationRoutes:
    """HTTP for `Organizations`, and for what everybody may know of their own."""

    def __init__(self, common: Common, organizations: Organizations) -> None:
        self._common = common
        self._organizations = organizations

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        guard = self._common.services.guard
        return [
            endpoints.CREATE.with_handler(self.create, guard),
            endpoints.UPDATE.with_handler(self.update, guard),
            endpoints.DELETE.with_handler(self.delete, guard, before=self.check_deletion),
            endpoints.SET_ACTIVE.with_handler(self.set_active, guard),
            endpoints.GET.with_handler(self.get, guard),
            endpoints.GET_FULL.with_handler(self.get_full, guard),
            endpoints.LIST.with_handler(self.list_mine, guard),
            endpoints.CHECK_SLUG.with_handler(self.check_slug, guard),
        ]

    async def create(
        self, request: SignedInRequest[CreateOrganizationBody]
    ) -> JsonResponse[CreatedOrganization]:
        """Create an organization. The caller becomes its owner, and it becomes the active one.

        With `keepCurrentActiveOrganization` the active one stays.
        """
        body, metadata = request.body, request.read_fields(["metadata"]).get("metadata")
        created = await self._organizations.create(request.caller.user, body, metadata, request.now)
        if body.keep_current_active_organization is not True:
            team = {} if created.team_id is None else {TEAM: created.team_id}
            await self._common.activation.set(
                request, **{ORGANIZATION: created.organization.id, **team}
            )
        details = _read_metadata(created.organization)
        return JsonResponse(extend(CreatedOrganization, details, members=[created.member]))

    async def update(
        self, request: SignedInRequest[UpdateOrganizationBody]
    ) -> JsonResponse[OrganizationDetails]:
        """Change name, slug, logo or metadata of an organization, by default of the active one."""
        body = read_whole(request, UpdateOrganizationBody)
        chosen = choose_organization(body.organization_id, request, OrganizationNotFound)
        changed = await self._organizations.change(request.caller.user, chosen, body.data)
        return JsonResponse(_read_metadata(changed))

    def check_deletion(self) -> None:
        """Raises OrganizationDeletionDisabled if the options say so."""
        if self._common.options.disable_organization_deletion:
            raise OrganizationDeletionDisabled

    async def delete(
        self, request: SignedInRequest[DeleteOrganizationBody]
    ) -> JsonResponse[Organization]:
        """Delete an organization with its members, invitations, teams and roles."""
        chosen = request.body.organization_id
        if not chosen:
            raise OrganizationNotFound
        deleted = await self._organizations.delete(request.caller.user, chosen)
        if find_active_organization(request.caller) == chosen:
            await self._common.activation.set(request, **{ORGANIZATION: None})
        return JsonResponse(deleted)

    async def set_active(
        self, request: SignedInRequest[SetActiveBody]
    ) -> JsonResponse[Organization | None]:
        """Choose the organization that the endpoints use if a request names none."""
        body, activation = request.body, self._common.activation
        active = find_active_organization(request.caller)
        if body.organization_id is None:
            gone = {ORGANIZATION: None}
            headers = [] if not active else await activation.set_with_cookies(request, **gone)
            return JsonResponse(None, headers)
        chosen = body.organization_id or None
        if not chosen and body.organization_slug:
            chosen = (await self._get_by_slug(body.organization_slug)).id
        chosen = chosen or active
        if not chosen:
            return JsonResponse(None)
        await self._check_member(request, chosen)
        organization = await self._common.get_organization(self._common.database, chosen)
        headers = await activation.set_with_cookies(request, **{ORGANIZATION: organization.id})
        return JsonResponse(organization, headers)

    async def get(
        self, request: SignedInRequest[None, OrganizationQuery]
    ) -> JsonResponse[Organization | None]:
        """Get an organization of mine, by default the active one."""
        found = await self._find(request, request.query)
        if found is not None:
            await self._check_member(request, found.id)
        return JsonResponse(found)

    async def get_full(
        self, request: SignedInRequest[None, FullOrganizationQuery]
    ) -> JsonResponse[FullOrganization | None]:
        """Get an organization of mine with its members, and its teams if teams are on.

        Invitations are listed to members who may invite.
        """
        found = await self._find(request, request.query)
        if found is None:
            return JsonResponse(None)
        role = await self._check_member(request, found.id)
        common, database = self._common, self._common.database
        limit = _parse_limit(request.query.members_limit)
        invitations = await common.directory.list_invitations(database, found.id)
        if invitations and not await common.access.can_view_invitations(database, role, found.id):
            invitations = []
        teams = (
            {"teams": await common.directory.list_counted_teams(database, found.id)}
            if common.records.has_teams
            else {}
        )
        members = await common.directory.list_first_members(database, found.id, limit)
        full = extend(
            FullOrganization,
            found,
            invitations=common.access.select_visible(invitations, role),
            members=[*members],
            **teams,
        )
        return JsonResponse(full)

    async def list_mine(self, request: SignedInRequest[None]) -> JsonResponse[list[Organization]]:
        """List the organizations that the caller is a member of, at most 100."""
        user_id = request.caller.user.id
        found = await self._common.directory.list_of_user(self._common.database, user_id)
        return JsonResponse([*found])

    async def check_slug(self, request: SignedInRequest[CheckSlugBody]) -> JsonResponse[SlugStatus]:
        """Say whether no organization has this slug."""
        slug, directory = request.body.slug, self._common.directory
        if await directory.find_by_slug(self._common.database, slug) is not None:
            raise SlugAlreadyTaken
        return JsonResponse(SlugStatus(status=True))

    async def _find(
        self, request: SignedInRequest[B, Q], query: OrganizationQuery
    ) -> Organization | None:
        """Returns the organization of the query, or the active one. None if neither is there."""
        if query.organization_slug:
            return await self._get_by_slug(query.organization_slug)
        chosen = query.organization_id or find_active_organization(request.caller)
        if not chosen:
            return None
        return await self._common.get_organization(self._common.database, chosen)

    async def _get_by_slug(self, slug: str) -> Organization:
        found = await self._common.directory.find_by_slug(self._common.database, slug)
        if found is None:
            raise OrganizationNotFound
        return found

    async def _check_member(self, request: SignedInRequest[B, Q], organization_id: str) -> str:
        """Returns the caller's role.

        Raises CallerIsNotMember, and no organization is active then, as in Better Auth.
        """
        common, user_id = self._common, request.caller.user.id
        member = await common.directory.find_member(common.database, user_id, organization_id)
        if member is None:
            await common.activation.set(request, **{ORGANIZATION: None})
            raise CallerIsNotMember
        return member.role


def _read_metadata(organization: Organization) -> OrganizationDetails:
    stored = organization.metadata
    return OrganizationDetails(
        name=organization.name,
        slug=organization.slug,
        logo=organization.logo,
        created_at=organization.created_at,
        metadata=_parse_metadata(stored) if stored else UNSET,
        id=organization.id,
    )


def _parse_metadata(text: str) -> dict[str, object]:
    """Returns the object. Another program may have stored a text that is no JSON."""
    try:
        found: dict[str, object] = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return cast("dict[str, object]", text)
    return found


def _parse_limit(text: object) -> int:
    """Returns the number like JavaScript's `parseInt`, or 100 if it is none or not positive."""
    found = _NUMBER.match(text) if isinstance(text, str) else None
    number = int(found[1][:_DIGITS]) if found else 0
    return number if number > 0 else LISTED
