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
from .invitations.mail import ID, TEMPLATE, is_mail_on
from .options import DynamicAccessControlOptions, OrganizationOptions, TeamsOptions
from .records import list_table_fields
from .tables import BASE, BRANCHES, ROLES, TEAMS

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
        from .assembly import build_organization  # noqa: PLC0415 - only where it is on

        return build_organization(services, self.get_options(services.settings))


def _is_web_address(text: str) -> bool:
    try:
        address = urlsplit(text)
    except ValueError:
        return False
    return address.scheme in ("http", "https") and bool(address.netloc)


PLUGIN: Final = OrganizationPlugin()
