"""The refusals about teams."""

from ....models.errors import Refusal


class TeamNotFound(Refusal):
    status, code, message = 400, "TEAM_NOT_FOUND", "Team not found"


class InvalidTeamId(Refusal):
    status, code, message = 400, "INVALID_TEAM_ID", "Team id contains a reserved character"


class TooManyTeams(Refusal):
    status, code = 400, "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_TEAMS"
    message = "You have reached the maximum number of teams"


class LastTeam(Refusal):
    status, code, message = 400, "UNABLE_TO_REMOVE_LAST_TEAM", "Unable to remove last team"


class TeamCreationNotAllowed(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_TEAMS_IN_THIS_ORGANIZATION"
    message = "You are not allowed to create teams in this organization"


class TeamsDeletionNotAllowed(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_TEAMS_IN_THIS_ORGANIZATION"
    message = "You are not allowed to delete teams in this organization"


class TeamUpdateNotAllowed(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM"
    message = "You are not allowed to update this team"


class TeamDeletionNotAllowed(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM"
    message = "You are not allowed to delete this team"


class TeamMemberLimitReached(Refusal):
    status, code, message = 403, "TEAM_MEMBER_LIMIT_REACHED", "Team member limit reached"


class UserIsNotTeamMember(Refusal):
    status, code = 400, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM"
    message = "User is not a member of the team"


class CallerIsNotTeamMember(UserIsNotTeamMember):
    """The same where the caller chooses the team."""

    status = 403


class NoActiveTeam(Refusal):
    status, code = 400, "YOU_DO_NOT_HAVE_AN_ACTIVE_TEAM"
    message = "You do not have an active team"


class TeamMemberCreationNotAllowed(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_TEAM_MEMBER"
    message = "You are not allowed to create a new member"


class TeamMemberRemovalNotAllowed(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_REMOVE_A_TEAM_MEMBER"
    message = "You are not allowed to remove a team member"


class OrganizationAccessNotAllowed(Refusal):
    status, code = 403, "YOU_ARE_NOT_ALLOWED_TO_ACCESS_THIS_ORGANIZATION"
    message = "You are not allowed to access this organization as an owner"
