"""Creates the endpoints of organizations, and what answers them."""

from typing import Final

from ..plugin import BuiltPlugin, Services
from .common import make_common
from .invitations import endpoints as invitations
from .invitations.decisions import Decisions
from .invitations.inviting import Inviting
from .invitations.mail import InvitationMail
from .invitations.routes import InvitationRoutes
from .members import endpoints as members
from .members.members import Members
from .members.routes import MemberRoutes
from .options import OrganizationOptions
from .organizations import endpoints as organizations
from .organizations.organizations import Organizations
from .organizations.routes import OrganizationRoutes
from .roles import endpoints as roles
from .roles.roles import OrganizationRoles
from .roles.routes import RoleRoutes
from .team_membership import TeamMembership
from .teams import endpoints as teams
from .teams.routes import TeamRoutes
from .teams.teams import Teams

_TAGS: Final = {
    organizations.TAG: "Organizations of users, and the active one of a session.",
    members.TAG: "Who is in an organization, and what they may do there.",
    invitations.TAG: "Invitations by mail.",
}
_TEAM_TAGS: Final = {teams.TAG: "Teams inside of organizations."}
_ROLE_TAGS: Final = {roles.TAG: "Roles that an organization makes for itself."}


def build_organization(services: Services, options: OrganizationOptions) -> BuiltPlugin:
    """Returns the endpoints."""
    common = make_common(services, options)
    membership = TeamMembership(common.records, options.teams.maximum_members_per_team)
    inviting = Inviting(common, membership, InvitationMail(services, options))
    routes = [
        *OrganizationRoutes(common, Organizations(common, membership)).list_routes(),
        *MemberRoutes(common, Members(common, membership)).list_routes(),
        *InvitationRoutes(common, inviting, Decisions(common, membership)).list_routes(),
    ]
    tags = dict(_TAGS)
    if options.teams.enabled:
        routes += TeamRoutes(common, Teams(common, membership), membership).list_routes()
        tags |= _TEAM_TAGS
    if options.dynamic_access_control.enabled:
        routes += RoleRoutes(common, OrganizationRoles(common)).list_routes()
        tags |= _ROLE_TAGS
    return BuiltPlugin(routes=routes, tags=tags)
