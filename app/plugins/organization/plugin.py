"""Organizations with members, invitations, teams and roles.

Source: the `organization` plugin of Better Auth 1.7.25.
"""

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from ...models.additional_fields import AdditionalField
from ...settings.option_types import TableNames
from ...settings.plugin_settings import MailTemplate
from ...settings.settings import Settings
from ..plugin import BuiltPlugin, Plugin, Services
from .access import DEFAULT_STATEMENTS, find_role_faults
from .active import ORGANIZATION, TEAM
from .common import make_common
from .invitations import endpoints as invitations
from .invitations.decisions import Decisions
from .invitations.inviting import Inviting
from .invitations.mail import ID, TEMPLATE, InvitationMail, is_mail_on
from .invitations.routes import InvitationRoutes
from .members import endpoints as members
from .members.members import Members
from .members.routes import MemberRoutes
from .options import DynamicAccessControlOptions, OrganizationOptions, TeamsOptions
from .organizations import endpoints as organizations
from .organizations.organizations import Organizations
from .organizations.routes import OrganizationRoutes
from .records import list_table_fields
from .roles import endpoints as roles
from .roles.roles import OrganizationRoles
from .roles.routes import RoleRoutes
from .tables import BASE, BRANCHES, ROLES, TEAMS
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
_PREFIX: Final = "BETTER_AUTH_ORGANIZATION_"


class OrganizationPlugin(Plugin[OrganizationOptions]):
    """The `organization` plugin."""

    id = "organization"
    options = OrganizationOptions
    branches = BRANCHES

    def list_session_fields(self, options: OrganizationOptions) -> tuple[AdditionalField, ...]:
        """Returns the columns for what is active in a session."""
        names = options.schema.session.fields or {}
        active = (ORGANIZATION, TEAM) if options.teams.enabled else (ORGANIZATION,)
        return tuple(
            AdditionalField(
                name=name,
                type="string",
                required=False,
                input=False,
                field_name=names.get(name),
            )
            for name in active
        )

    def list_table_fields(
        self, options: OrganizationOptions
    ) -> Mapping[str, tuple[AdditionalField, ...]]:
        """Returns the columns that only some options need."""
        return list_table_fields(options)

    def list_branches(self, options: OrganizationOptions) -> tuple[str, ...]:
        """Returns the branches of what the options switch on."""
        teams = (TEAMS.label,) if options.teams.enabled else ()
        roles = (ROLES.label,) if options.dynamic_access_control.enabled else ()
        return (BASE.label, *teams, *roles)

    def list_table_names(self, options: OrganizationOptions) -> Mapping[str, TableNames]:
        """Returns what the options say about the names of the tables."""
        schema = options.schema
        return {
            "organization": schema.organization,
            "member": schema.member,
            "invitation": schema.invitation,
            "team": schema.team,
            "teamMember": schema.team_member,
            "organizationRole": schema.organization_role,
        }

    def list_mails(self, options: OrganizationOptions) -> tuple[MailTemplate, ...]:
        """Returns the mail of an invitation."""
        return () if options.send_invitation_email is False else (TEMPLATE,)

    def make_complete_options(self) -> OrganizationOptions:
        """Returns options with teams and with roles that an organization makes."""
        return OrganizationOptions(
            ac=DEFAULT_STATEMENTS,
            teams=TeamsOptions(enabled=True),
            dynamic_access_control=DynamicAccessControlOptions(enabled=True),
        )

    def find_faults(self, settings: Settings) -> Iterable[str]:
        """Returns a line for each invalid option."""
        options = self.get_options(settings)
        if is_mail_on(settings, options) and not settings.sends_mail:
            yield (
                f"{_PREFIX}SEND_INVITATION_EMAIL needs a mail server: set SMTP_URL, or"
                " SMTP_URL=console: to print mails"
            )
        link = options.invitation_link
        if link is not None and (ID not in link or not _is_web_address(link)):
            yield (
                f"{_PREFIX}INVITATION_LINK must be the address of a page with {ID} for the id, such"
                f" as https://app.example.com/accept-invitation/{ID}"
            )
        yield from find_role_faults(options, _PREFIX)

    def build(self, services: Services) -> BuiltPlugin:
        """Returns the endpoints."""
        options = self.get_options(services.settings)
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


def _is_web_address(text: str) -> bool:
    try:
        address = urlsplit(text)
    except ValueError:
        return False
    return address.scheme in ("http", "https") and bool(address.netloc)


PLUGIN: Final = OrganizationPlugin()
