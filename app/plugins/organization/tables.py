"""The tables of the plugin, as Better Auth's own migration makes them."""

from pathlib import Path
from typing import Final

from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from ...models.tables import make_timestamp_column
from ...schema.branch import Branch, PersonalTable

_MIGRATIONS: Final = Path(__file__).parent / "migrations"


def _make_link(name: str, table: str) -> Column[str]:
    return Column(name, Text, ForeignKey(f"{table}.id"), nullable=False)


organizations = Table(
    "organization",
    MetaData(),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("logo", Text),
    make_timestamp_column("organization", "createdAt"),
    Column("metadata", Text),
    UniqueConstraint("slug"),
)

members = Table(
    "member",
    MetaData(),
    Column("id", Text, primary_key=True),
    _make_link("organizationId", "organization"),
    _make_link("userId", "user"),
    Column("role", Text, nullable=False),
    make_timestamp_column("member", "createdAt"),
)

invitations = Table(
    "invitation",
    MetaData(),
    Column("id", Text, primary_key=True),
    _make_link("organizationId", "organization"),
    Column("email", Text, nullable=False),
    Column("role", Text),
    Column("status", Text, nullable=False),
    make_timestamp_column("invitation", "expiresAt"),
    make_timestamp_column("invitation", "createdAt"),
    _make_link("inviterId", "user"),
)

teams = Table(
    "team",
    MetaData(),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("memberCount", Integer, nullable=False),
    _make_link("organizationId", "organization"),
    make_timestamp_column("team", "createdAt"),
    make_timestamp_column("team", "updatedAt", nullable=True),
)

team_members = Table(
    "teamMember",
    MetaData(),
    Column("id", Text, primary_key=True),
    _make_link("teamId", "team"),
    _make_link("userId", "user"),
    Column("membershipKey", Text),
    make_timestamp_column("teamMember", "createdAt", nullable=True),
    UniqueConstraint("membershipKey"),
)

roles = Table(
    "organizationRole",
    MetaData(),
    Column("id", Text, primary_key=True),
    _make_link("organizationId", "organization"),
    Column("role", Text, nullable=False),
    Column("permission", Text, nullable=False),
    make_timestamp_column("organizationRole", "createdAt"),
    make_timestamp_column("organizationRole", "updatedAt", nullable=True),
)

BASE: Final = Branch(
    "organization",
    _MIGRATIONS / "base",
    ("organization_0001",),
    (organizations, members, invitations),
    personal=(
        PersonalTable(members, "userId"),
        PersonalTable(invitations, "email"),
        PersonalTable(invitations, "inviterId"),
    ),
)
TEAMS: Final = Branch(
    "organization_teams",
    _MIGRATIONS / "teams",
    ("organization_teams_0001",),
    (teams, team_members),
    personal=(PersonalTable(team_members, "userId"),),
)
ROLES: Final = Branch(
    "organization_roles", _MIGRATIONS / "roles", ("organization_roles_0001",), (roles,)
)
BRANCHES: Final = (BASE, TEAMS, ROLES)
