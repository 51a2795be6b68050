"""The records of the plugin, which are their JSON, and how they are stored."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType, structs
from sqlalchemy import Table

from ...models.additional_columns import with_columns
from ...models.additional_fields import AdditionalField
from ...models.mappers import Mapper
from ...models.records import Record, Timestamp
from ..plugin import Services
from . import tables
from .options import OrganizationOptions

R = TypeVar("R", bound=Record)
Metadata = dict[str, Annotated[object, Meta(extra_json_schema={"description": "Any JSON."})]]
S = TypeVar("S", bound=Struct)


class Organization(Record, frozen=True, rename="camel"):
    """An organization. `metadata` is JSON as text."""

    name: str
    slug: str
    logo: str | None
    created_at: Timestamp
    metadata: str | None


class Member(Record, frozen=True, rename="camel"):
    """A user in an organization. `role` has the names of roles, with commas."""

    organization_id: str
    user_id: str
    role: str
    created_at: Timestamp


class UserSummary(Struct, frozen=True):
    """What members see of the user of another member."""

    id: str
    name: str
    email: str
    image: str | None


class MemberWithUser(Member, frozen=True, kw_only=True):
    """A member, and who it is."""

    user: UserSummary


class Invitation(Struct, frozen=True, kw_only=True, rename="camel"):
    """An invitation by mail. Its id is the secret of its link.

    `team_id` has the ids of teams, with commas; it is left out where teams are off.
    """

    organization_id: str
    email: str
    role: str | None
    team_id: str | UnsetType | None = UNSET
    status: str
    expires_at: Timestamp
    created_at: Timestamp
    inviter_id: str
    id: str


class Team(Record, frozen=True, rename="camel"):
    """A team in an organization."""

    name: str
    organization_id: str
    created_at: Timestamp
    updated_at: Timestamp | None


class CountedTeam(Record, frozen=True, rename="camel"):
    """A team with its number of members, as `/organization/get-full-organization` shows it."""

    name: str
    member_count: int
    organization_id: str
    created_at: Timestamp
    updated_at: Timestamp | None


class TeamMember(Record, frozen=True, rename="camel"):
    """A user in a team."""

    team_id: str
    user_id: str
    created_at: Timestamp | None


class OrganizationRole(Record, frozen=True, rename="camel"):
    """A role that an organization made. In the database `permission` is text."""

    organization_id: str
    role: str
    permission: Mapping[str, tuple[str, ...]]
    created_at: Timestamp
    updated_at: Timestamp | None


class OrganizationDetails(Record, frozen=True, rename="camel"):
    """An organization whose `metadata` is an object, and left out without any."""

    name: str
    slug: str
    logo: str | None
    created_at: Timestamp
    metadata: Metadata | UnsetType = UNSET


class CreatedOrganization(OrganizationDetails, frozen=True, kw_only=True):
    """The response of `/organization/create`."""

    members: list[Member]


class FullOrganization(Organization, frozen=True, kw_only=True):
    """The response of `/organization/get-full-organization`."""

    invitations: list[Invitation]
    members: list[MemberWithUser]
    teams: list[CountedTeam] | UnsetType = UNSET


class InvitationDetails(Invitation, frozen=True, kw_only=True):
    """The response of `/organization/get-invitation`."""

    organization_name: str
    organization_slug: str
    inviter_email: str


class ReceivedInvitation(Invitation, frozen=True, kw_only=True):
    """An invitation as `/organization/list-user-invitations` shows it."""

    organization_name: str


class InvitationMapper:
    """Maps invitations to rows, like `Mapper`. `team_key` is the column `teamId`, if any."""

    def __init__(
        self, table: Table, generate_id: Callable[[], str], fields: Sequence[AdditionalField]
    ) -> None:
        self.table = table
        self.generate_id = generate_id
        self.team_key = next((field.column for field in fields), "")
        keys = {field.name: field.encode_name for field in structs.fields(Invitation)}
        keys["team_id"] = self.team_key
        self._keys = {name: key for name, key in keys.items() if key}
        self.columns = tuple(table.c[key] for key in self._keys.values())

    def to_record(self, row: Sequence[object]) -> Invitation:
        """Returns the invitation of a row of `columns`."""
        fields: dict[str, Any] = dict(zip(self._keys, row, strict=True))
        return Invitation(**{**fields, "id": str(fields["id"])})

    def to_row(self, invitation: Invitation) -> dict[str, object]:
        """Returns the row of a new invitation, by column."""
        return {key: getattr(invitation, name) for name, key in self._keys.items()}


class Records:
    """The mappers of the records, with the tables as this database has them."""

    def __init__(self, services: Services, options: OrganizationOptions) -> None:
        self._services = services
        self.has_teams = options.teams.enabled
        self.has_roles = options.dynamic_access_control.enabled
        self._fields = list_table_fields(options)
        self.organizations = self._map(Organization, tables.organizations)
        self.members = self._map(Member, tables.members)
        invitations, generate_id = self._make(tables.invitations), services.tables.generate_id
        fields = self._fields.get("invitation", ())
        self.invitations = InvitationMapper(invitations, generate_id, fields)
        self.teams = self._map(Team, tables.teams)
        self.counted_teams = self._map(CountedTeam, tables.teams)
        self.team_members = self._map(TeamMember, tables.team_members)
        self.roles = self._map(OrganizationRole, tables.roles)

    @property
    def users(self) -> Table:
        """The table of users."""
        return self._services.tables.users

    def _map(self, kind: type[R], declared: Table) -> Mapper[R]:
        return Mapper(kind, self._make(declared), (), self._services.tables.generate_id)

    def _make(self, declared: Table) -> Table:
        """Returns the table as this database has it, with the columns that options add."""
        here, name = self._services.tables, str(declared.name)
        dialect, layout = self._services.database.dialect, here.layout.describe_table(name)
        return with_columns(here.make(declared), self._fields.get(name, ()), dialect, layout)


def extend(kind: type[S], record: Struct, **more: object) -> S:
    """Returns a record of another kind, with the fields of this one and more."""
    fields: dict[str, Any] = {**structs.asdict(record), **more}
    return kind(**fields)


def list_table_fields(
    options: OrganizationOptions,
) -> Mapping[str, tuple[AdditionalField, ...]]:
    """Returns the columns that only some options need, by Better Auth's names of the tables."""
    if not options.teams.enabled:
        return {}
    names = options.schema.invitation.fields or {}
    team = AdditionalField(
        name="teamId", type="string", required=False, field_name=names.get("teamId")
    )
    return {"invitation": (team,)}
