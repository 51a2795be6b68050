"""HTTP for teams."""

from msgspec import UNSET

from ....auth.errors import NobodySignedIn
from ....auth.sessions.guard import SignedInRequest
from ....auth.sessions.store import ActiveSession
from ....web.endpoint import ApiRequest, Route
from ....web.http.response import JsonResponse
from ..active import TEAM, find_active_organization, find_active_team
from ..bodies import read_whole
from ..common import Common, choose_organization
from ..directory import LISTED
from ..errors import (
    MemberUpdateNotAllowed,
    NoActiveOrganization,
    NotMember,
    UserIsNotMember,
)
from ..records import Team, TeamMember
from ..team_membership import TeamMembership
from . import endpoints
from .coercion import convert_to_text
from .endpoints import (
    MEMBER_REMOVED,
    REMOVED,
    CreateTeamBody,
    RemoveTeamBody,
    SetActiveTeamBody,
    TeamMemberBody,
    TeamMembersQuery,
    TeamMessage,
    TeamsQuery,
    UpdateTeamBody,
    UserTeamsQuery,
)
from .errors import (
    CallerIsNotTeamMember,
    NoActiveTeam,
    OrganizationAccessNotAllowed,
    TeamNotFound,
    UserIsNotTeamMember,
)
from .teams import Teams


class TeamRoutes:
    """HTTP for `Teams`."""

    def __init__(self, common: Common, teams: Teams, membership: TeamMembership) -> None:
        self._common = common
        self._teams = teams
        self._membership = membership

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        guard = self._common.services.guard
        return [
            endpoints.CREATE_TEAM.with_handler(self.create, guard),
            endpoints.REMOVE_TEAM.with_handler(self.remove, guard),
            endpoints.UPDATE_TEAM.with_handler(self.update, guard),
            endpoints.LIST_TEAMS.with_handler(self.list_teams, guard),
            endpoints.SET_ACTIVE_TEAM.with_handler(self.set_active, guard),
            endpoints.LIST_USER_TEAMS.with_handler(self.list_of_user, guard),
            endpoints.LIST_TEAM_MEMBERS.with_handler(self.list_members, guard),
            endpoints.ADD_TEAM_MEMBER.with_handler(self.add_member, guard),
            endpoints.REMOVE_TEAM_MEMBER.with_handler(self.remove_member, guard),
        ]

    async def create(self, request: SignedInRequest[CreateTeamBody]) -> JsonResponse[Team]:
        """Create a team in an organization, by default in the active one."""
        body, user = request.body, request.caller.user
        chosen = choose_organization(body.organization_id, request)
        return JsonResponse(await self._teams.create(user, chosen, body.name, request.now))

    async def remove(
        self, request: ApiRequest[RemoveTeamBody, ActiveSession | None]
    ) -> JsonResponse[TeamMessage]:
        """Remove a team, also from invitations. Neither the active team nor the last one can go."""
        body, caller = request.body, request.caller
        chosen = body.organization_id or find_active_organization(caller)
        if not chosen:
            raise NoActiveOrganization
        if caller is None:
            raise NobodySignedIn
        active = find_active_team(caller)
        await self._teams.remove(caller.user, chosen, body.team_id, active)
        return JsonResponse(REMOVED)

    async def update(self, request: SignedInRequest[UpdateTeamBody]) -> JsonResponse[Team]:
        """Give a team another name."""
        body = read_whole(request, UpdateTeamBody)
        chosen = choose_organization(body.data.organization_id, request)
        name = None if body.data.name is UNSET else body.data.name
        user, now = request.caller.user, request.now
        return JsonResponse(await self._teams.rename(user, chosen, body.team_id, name, now))

    async def list_teams(
        self, request: SignedInRequest[None, TeamsQuery]
    ) -> JsonResponse[list[Team]]:
        """List the teams of an organization of mine, by default of the active one, at most 100."""
        chosen = choose_organization(request.query.organization_id, request)
        common, user_id = self._common, request.caller.user.id
        if await common.directory.find_member(common.database, user_id, chosen) is None:
            raise OrganizationAccessNotAllowed
        teams = await common.directory.list_teams(common.database, chosen)
        return JsonResponse([*teams[:LISTED]])

    async def set_active(
        self, request: SignedInRequest[SetActiveTeamBody]
    ) -> JsonResponse[Team | None]:
        """Choose a team of the active organization that the caller is in."""
        named, active = request.body.team_id, find_active_team(request.caller)
        activation, database = self._common.activation, self._common.database
        if named is None:
            gone = {TEAM: None}
            headers = [] if not active else await activation.set_with_cookies(request, **gone)
            return JsonResponse(None, headers)
        chosen = named or active
        if not chosen:
            return JsonResponse(None)
        organization_id = choose_organization(None, request)
        team = await self._teams.get(database, chosen, organization_id)
        if await self._membership.find(database, chosen, request.caller.user.id) is None:
            raise CallerIsNotTeamMember
        headers = await activation.set_with_cookies(request, **{TEAM: team.id})
        return JsonResponse(team, headers)

    async def list_of_user(
        self, request: SignedInRequest[None, UserTeamsQuery]
    ) -> JsonResponse[list[Team]]:
        """List the caller's teams, in one organization or in all of them.

        Those of another member are for who may update members.
        """
        query, caller_id = request.query, request.caller.user.id
        target = query.user_id or caller_id
        if target == caller_id and not query.organization_id:
            return JsonResponse(await self._list_everywhere(caller_id))
        chosen = choose_organization(query.organization_id, request)
        directory, database = self._common.directory, self._common.database
        caller = await directory.find_member(database, caller_id, chosen)
        if caller is None:
            raise NotMember
        if target != caller_id:
            if not await self._teams.can_manage(database, caller):
                raise MemberUpdateNotAllowed
            if await directory.find_member(database, target, chosen) is None:
                raise UserIsNotMember
        teams = await self._teams.list_of_user(database, target)
        return JsonResponse([team for team in teams if team.organization_id == chosen])

    async def _list_everywhere(self, user_id: str) -> list[Team]:
        """Returns the teams of organizations that the user is still in."""
        directory, database = self._common.directory, self._common.database
        teams = await self._teams.list_of_user(database, user_id)
        members = {
            each: await directory.find_member(database, user_id, each)
            for each in dict.fromkeys(team.organization_id for team in teams)
        }
        return [team for team in teams if members[team.organization_id] is not None]

    async def list_members(
        self, request: SignedInRequest[None, TeamMembersQuery]
    ) -> JsonResponse[list[TeamMember]]:
        """List the members of a team of mine, by default of the active one, at most 100."""
        chosen = request.query.team_id or find_active_team(request.caller)
        if not chosen:
            raise NoActiveTeam
        common, user_id = self._common, request.caller.user.id
        team = await self._teams.find(common.database, chosen)
        if team is None:
            raise TeamNotFound
        organization_id = team.organization_id
        member = await common.directory.find_member(common.database, user_id, organization_id)
        is_in = await self._membership.find(common.database, chosen, user_id)
        if member is None or is_in is None:
            raise UserIsNotTeamMember
        return JsonResponse([*await self._membership.list_all(common.database, chosen)])

    async def add_member(
        self, request: SignedInRequest[TeamMemberBody]
    ) -> JsonResponse[TeamMember]:
        """Add a member of the organization to a team."""
        body, user, now = read_whole(request, TeamMemberBody), request.caller.user, request.now
        chosen, added = self._choose(request, body)
        return JsonResponse(await self._teams.add_member(user, chosen, body.team_id, added, now))

    async def remove_member(
        self, request: SignedInRequest[TeamMemberBody]
    ) -> JsonResponse[TeamMessage]:
        """Remove a member of the organization from a team."""
        body = read_whole(request, TeamMemberBody)
        chosen, removed = self._choose(request, body)
        await self._teams.remove_member(request.caller.user, chosen, body.team_id, removed)
        return JsonResponse(MEMBER_REMOVED)

    def _choose(
        self, request: SignedInRequest[TeamMemberBody], body: TeamMemberBody
    ) -> tuple[str, str]:
        """Returns the ids of the organization and of the user that a body names."""
        chosen = choose_organization(body.organization_id, request)
        return chosen, convert_to_text(body.user_id)
