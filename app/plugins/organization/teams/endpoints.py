"""The endpoints of teams, as they are declared."""

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from ....auth.errors import FailedToGetSession, NobodySignedIn
from ....models.records import ADA
from ....web.endpoint import Caller, Endpoint
from ....web.input.validation import WireBody, WireQuery
from ..errors import (
    FailedToSave,
    InvitingNotAllowed,
    MemberUpdateNotAllowed,
    NoActiveOrganization,
    NotMember,
    OrganizationNotFound,
    UserIsNotMember,
)
from ..examples import ACME, NotEmpty
from ..records import Team, TeamMember
from .errors import (
    CallerIsNotTeamMember,
    LastTeam,
    NoActiveTeam,
    OrganizationAccessNotAllowed,
    TeamCreationNotAllowed,
    TeamDeletionNotAllowed,
    TeamMemberCreationNotAllowed,
    TeamMemberLimitReached,
    TeamMemberRemovalNotAllowed,
    TeamNotFound,
    TeamsDeletionNotAllowed,
    TeamUpdateNotAllowed,
    TooManyTeams,
    UserIsNotTeamMember,
)

TAG: Final = "Organization teams"
_TEAM: Final = Team(
    name="Sales",
    organization_id=ACME.id,
    created_at=ACME.created_at,
    updated_at=ACME.created_at,
    id="tL9sD4gH7fAoQ3xN8vQ1mZ6kT0yR5wJ2",
)
_MEMBER: Final = TeamMember(
    team_id=_TEAM.id,
    user_id=ADA.id,
    created_at=ACME.created_at,
    id="kT0yR5wJ2pL9sD4gH7fAoQ3xN8vQ1mZ6",
)
AnyId = Annotated[object, Meta(extra_json_schema={"type": "string"})]


class CreateTeamBody(WireBody, frozen=True):
    """The body of `/organization/create-team`."""

    name: str
    organization_id: str | UnsetType = UNSET


class RemoveTeamBody(WireBody, frozen=True):
    """The body of `/organization/remove-team`."""

    team_id: str
    organization_id: str | UnsetType = UNSET


class TeamChanges(Struct, frozen=True, kw_only=True, rename="camel"):
    """The fields of a team that are to change, and its organization."""

    name: NotEmpty | UnsetType = UNSET
    organization_id: str | UnsetType = UNSET


class UpdateTeamBody(WireBody, frozen=True):
    """The body of `/organization/update-team`."""

    team_id: str
    data: TeamChanges


class SetActiveTeamBody(WireBody, frozen=True):
    """Null takes the active team away."""

    team_id: str | UnsetType | None = UNSET


class TeamMemberBody(WireBody, frozen=True):
    """Which user in which team."""

    team_id: str
    user_id: AnyId  # the original takes anything for a text
    organization_id: str | UnsetType = UNSET


class TeamsQuery(WireQuery, frozen=True):
    """Which organization: without any the active one."""

    organization_id: str | UnsetType = UNSET


class UserTeamsQuery(WireQuery, frozen=True):
    """Whose teams, and in which organization: without any in all."""

    user_id: str | UnsetType = UNSET
    organization_id: str | UnsetType = UNSET


class TeamMembersQuery(WireQuery, frozen=True):
    """Which team: without any the active one."""

    team_id: str | UnsetType = UNSET


class TeamMessage(Struct, frozen=True):
    """What was done."""

    message: str


REMOVED: Final = TeamMessage("Team removed successfully.")
MEMBER_REMOVED: Final = TeamMessage("Team member removed successfully.")

CREATE_TEAM = Endpoint(
    "POST /organization/create-team",
    name="createTeam",
    tag=TAG,
    summary="Create a team",
    caller=Caller.SESSION,
    unauthorized=NobodySignedIn,
    body=CreateTeamBody,
    body_examples={"A team": {"name": "Sales"}},
    responses={"Created": _TEAM},
    refuses=(
        NoActiveOrganization,
        InvitingNotAllowed,
        TeamCreationNotAllowed,
        TooManyTeams,
        OrganizationNotFound,
        FailedToSave,
    ),
)
REMOVE_TEAM = Endpoint(
    "POST /organization/remove-team",
    name="removeTeam",
    tag=TAG,
    summary="Remove a team",
    caller=Caller.OPTIONAL,
    body=RemoveTeamBody,
    body_examples={"A team": {"teamId": _TEAM.id}},
    responses={"Removed": REMOVED},
    refuses=(
        NoActiveOrganization,
        NobodySignedIn,
        TeamDeletionNotAllowed,
        TeamsDeletionNotAllowed,
        TeamNotFound,
        LastTeam,
        OrganizationNotFound,
    ),
)
UPDATE_TEAM = Endpoint(
    "POST /organization/update-team",
    name="updateTeam",
    tag=TAG,
    summary="Rename a team",
    caller=Caller.SESSION,
    accepts_nested=True,
    body=UpdateTeamBody,
    body_examples={"A name": {"teamId": _TEAM.id, "data": {"name": "Support"}}},
    responses={"Changed": _TEAM},
    refuses=(
        NoActiveOrganization,
        TeamUpdateNotAllowed,
        TeamNotFound,
        OrganizationNotFound,
        FailedToSave,
    ),
)
LIST_TEAMS = Endpoint(
    "GET /organization/list-teams",
    name="listOrganizationTeams",
    tag=TAG,
    summary="List the teams of an organization",
    caller=Caller.SESSION,
    query=TeamsQuery,
    responses={"The teams": [_TEAM]},
    refuses=(NoActiveOrganization, OrganizationAccessNotAllowed),
)
SET_ACTIVE_TEAM = Endpoint(
    "POST /organization/set-active-team",
    name="setActiveTeam",
    tag=TAG,
    summary="Choose my active team",
    caller=Caller.SESSION,
    body=SetActiveTeamBody,
    body_examples={"A team": {"teamId": _TEAM.id}, "None": {"teamId": None}},
    responses={"Active": _TEAM, "None is active": None},
    refuses=(NoActiveOrganization, TeamNotFound, CallerIsNotTeamMember, FailedToGetSession),
)
LIST_USER_TEAMS = Endpoint(
    "GET /organization/list-user-teams",
    name="listUserTeams",
    tag=TAG,
    summary="List the teams of a user",
    caller=Caller.SESSION,
    query=UserTeamsQuery,
    responses={"The teams": [_TEAM]},
    refuses=(NoActiveOrganization, NotMember, MemberUpdateNotAllowed, UserIsNotMember),
)
LIST_TEAM_MEMBERS = Endpoint(
    "GET /organization/list-team-members",
    name="listTeamMembers",
    tag=TAG,
    summary="List the members of a team",
    caller=Caller.SESSION,
    query=TeamMembersQuery,
    responses={"The members": [_MEMBER]},
    refuses=(NoActiveTeam, TeamNotFound, UserIsNotTeamMember),
)
ADD_TEAM_MEMBER = Endpoint(
    "POST /organization/add-team-member",
    name="addTeamMember",
    tag=TAG,
    summary="Add a member to a team",
    caller=Caller.SESSION,
    accepts_nested=True,
    body=TeamMemberBody,
    body_examples={"A member": {"teamId": _TEAM.id, "userId": ADA.id}},
    responses={"Added": _MEMBER},
    refuses=(
        NoActiveOrganization,
        UserIsNotMember,
        TeamMemberCreationNotAllowed,
        TeamNotFound,
        OrganizationNotFound,
        TeamMemberLimitReached,
    ),
)
REMOVE_TEAM_MEMBER = Endpoint(
    "POST /organization/remove-team-member",
    name="removeTeamMember",
    tag=TAG,
    summary="Remove a member from a team",
    caller=Caller.SESSION,
    accepts_nested=True,
    body=TeamMemberBody,
    body_examples={"A member": {"teamId": _TEAM.id, "userId": ADA.id}},
    responses={"Removed": MEMBER_REMOVED},
    refuses=(
        NoActiveOrganization,
        UserIsNotMember,
        TeamMemberRemovalNotAllowed,
        TeamNotFound,
        OrganizationNotFound,
        UserIsNotTeamMember,
    ),
)
