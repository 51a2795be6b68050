import pytest
from msgspec.structs import replace
from sqlalchemy import text

from app.bridge.catalog import Catalog, read_catalog
from app.models.layout import ColumnLayout, TableLayout
from app.plugins.organization.options import (
    DynamicAccessControlOptions,
    OrganizationOptions,
    OrganizationSchemaOptions,
    TeamsOptions,
)
from app.plugins.organization.plugin import PLUGIN
from app.plugins.organization.tables import organizations
from app.schema.layouts import make_table_layout
from app.schema.migrate import check_schema, migrate
from app.schema.state import SchemaError
from app.settings.option_types import TableNames
from tests.support.plugins import plugged, required_by
from tests.support.service import Service

from .people import found, join

pytestmark = pytest.mark.anyio

PLAIN = OrganizationOptions()
COMPLETE = PLUGIN.make_complete_options()


async def columns(service: Service, table: str) -> set[str]:
    result = await service.database.read_all(text(f'SELECT * FROM "{table}"'))
    return {*result[0]._mapping} if result else set()


async def test_teams_come_to_a_database_that_has_organizations(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, PLAIN) as service:
        owner, _ = await found(service)
        await owner.post("invite-member", email="bob@example.com", role="member")
        assert "teamId" not in await columns(service, "invitation")
    async with plugged(database_url, PLUGIN, COMPLETE) as service:
        assert "teamId" in await columns(service, "invitation")
        team = (await owner.at(service).post("create-team", name="T")).json()["id"]
        await join(owner.at(service), "cy@example.com", teamId=team)
    async with plugged(database_url, PLUGIN, PLAIN) as service:
        await join(owner.at(service), "dora@example.com")


async def test_nothing_is_left_to_migrate(database_url: str) -> None:
    requirements = required_by(PLUGIN, COMPLETE)
    await migrate(database_url, requirements)
    assert await check_schema(database_url, requirements) == []


async def test_new_tables_have_the_names_of_the_options(database_url: str) -> None:
    schema = OrganizationSchemaOptions(
        organization=TableNames(model_name="companies", fields={"slug": "short_name"}),
        member=TableNames(model_name="staff", fields={"userId": "person"}),
        invitation=TableNames(fields={"teamId": "groups"}),
        team=TableNames(model_name="crews"),
        organization_role=TableNames(model_name="jobs", fields={"permission": "grants"}),
    )
    options = OrganizationOptions(
        schema=schema,
        teams=TeamsOptions(enabled=True),
        dynamic_access_control=DynamicAccessControlOptions(enabled=True),
    )
    async with plugged(database_url, PLUGIN, options) as service:
        owner, _ = await found(service)
        await join(owner, "bob@example.com")
        assert "short_name" in await columns(service, "companies")
        assert "person" in await columns(service, "staff")
        assert "groups" in await columns(service, "invitation")
        assert len(await service.database.read_all(text("SELECT * FROM crews"))) == 1


async def test_ids_may_be_uuids(empty_postgres_url: str) -> None:
    """A Node server with `generateId: "uuid"` leaves ids to the database."""
    await migrate(empty_postgres_url, replace(required_by(PLUGIN, COMPLETE), uuid_ids=True))
    async with plugged(empty_postgres_url, PLUGIN, COMPLETE) as service:
        owner, acme = await found(service)
        team = (await owner.post("create-team", name="T")).json()["id"]
        await join(owner, "bob@example.com", teamId=team)
        await owner.post("create-role", role="r", permission={"ac": ["read"]})
        assert len(acme) == 36
        await service.execute(
            'INSERT INTO team (name, "memberCount", "organizationId", "createdAt")'
            " VALUES ('by another', 0, :acme, now())",
            acme=acme,
        )
        assert len((await owner.get("list-teams")).json()) == 3


async def test_table_of_another_program_is_refused(sqlite_url: str) -> None:
    await migrate(sqlite_url)
    async with plugged(sqlite_url, PLUGIN, PLAIN) as service:
        await service.execute('CREATE TABLE team (id text, "league" text not null)')
    with pytest.raises(SchemaError, match='"team" has no column'):
        await migrate(sqlite_url, required_by(PLUGIN, COMPLETE))


async def test_tables_of_drizzle_keep_times_as_it_does(sqlite_url: str) -> None:
    """Integers, as `mode: "timestamp_ms"` of Drizzle has them."""
    async with plugged(sqlite_url, PLUGIN, PLAIN) as service:
        for table in ("member", "invitation", "organization"):
            await service.execute(f"DROP TABLE {table}")
        await service.execute(
            "CREATE TABLE organizations (id text PRIMARY KEY, name text NOT NULL,"
            " slug text NOT NULL UNIQUE, logo text, created_at integer NOT NULL, metadata text)"
        )
        (found_here,) = [
            table for table in (await read_catalog_of(service)).tables if table.name[:5] == "organ"
        ]
        catalog = await read_catalog_of(service)
    user = TableLayout("user", columns={"createdAt": ColumnLayout("created_at", "milliseconds")})
    laid = make_table_layout(organizations, found_here, catalog, None, user)
    assert laid.name == "organizations"
    assert laid.describe_column("createdAt") == ColumnLayout("created_at", "milliseconds")


async def read_catalog_of(service: Service) -> Catalog:
    return await read_catalog(service.database.read_all, service.database.dialect)
