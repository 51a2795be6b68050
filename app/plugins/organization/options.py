"""The options of the plugin, with the names and defaults of Better Auth 1.7.25."""

from typing import Annotated

from msgspec import Struct, field

from ...auth.access_control import RolesOption, StatementsOption
from ...settings.option_types import ColumnNames, Range, TableNames


class DefaultTeamOptions(Struct, frozen=True, kw_only=True):
    """Whether a new organization gets a team of its name."""

    enabled: bool = True


class TeamsOptions(Struct, frozen=True, kw_only=True):
    """Teams inside of organizations. None is no limit."""

    enabled: bool = False
    default_team: DefaultTeamOptions = field(default_factory=DefaultTeamOptions)
    maximum_teams: Annotated[int, Range(1)] | None = None
    maximum_members_per_team: int | None = None
    allow_removing_all_teams: bool = False


class DynamicAccessControlOptions(Struct, frozen=True, kw_only=True):
    """Roles that an organization makes for itself. They need `ac`."""

    enabled: bool = False
    maximum_roles_per_organization: int | None = None


class SessionColumnsOptions(Struct, frozen=True, kw_only=True):
    """The columns of `session` that the plugin adds."""

    fields: ColumnNames | None = None


class OrganizationSchemaOptions(Struct, frozen=True, kw_only=True):
    """The names of tables and columns."""

    session: SessionColumnsOptions = field(default_factory=SessionColumnsOptions)
    organization: TableNames = field(default_factory=TableNames)
    member: TableNames = field(default_factory=TableNames)
    invitation: TableNames = field(default_factory=TableNames)
    team: TableNames = field(default_factory=TableNames)
    team_member: TableNames = field(default_factory=TableNames)
    organization_role: TableNames = field(default_factory=TableNames)


class OrganizationOptions(Struct, frozen=True, kw_only=True):
    """`invitation_expires_in` is in seconds.

    `invitation_link` is the page of the application that a mail leads to, with `{id}` in it.
    """

    allow_user_to_create_organization: bool = True
    organization_limit: int | None = None
    creator_role: str = "owner"
    membership_limit: Annotated[int, Range(1)] = 100
    ac: StatementsOption | None = None
    roles: RolesOption | None = None
    dynamic_access_control: DynamicAccessControlOptions = field(
        default_factory=DynamicAccessControlOptions
    )
    teams: TeamsOptions = field(default_factory=TeamsOptions)
    invitation_expires_in: Annotated[int, Range(1)] = 48 * 3600
    invitation_limit: int = 100
    cancel_pending_invitations_on_re_invite: bool = False
    require_email_verification_on_invitation: bool = False
    send_invitation_email: bool | None = None
    invitation_link: str | None = None
    disable_organization_deletion: bool = False
    schema: OrganizationSchemaOptions = field(default_factory=OrganizationSchemaOptions)
