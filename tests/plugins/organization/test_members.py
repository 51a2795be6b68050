from urllib.parse import quote

import pytest
from msgspec.structs import replace

from app.plugins.organization.options import OrganizationOptions
from app.plugins.organization.plugin import PLUGIN
from app.schema.migrate import migrate
from tests.support.plugins import plugged, required_by
from tests.support.service import Service

from .people import Person, code_of, found, join, sign_up

pytestmark = pytest.mark.anyio


async def staff(service: Service) -> tuple[Person, Person, Person]:
    """An owner, an admin and a member."""
    owner, _ = await found(service)
    admin = await join(owner, "admin@example.com", "admin")
    return owner, admin, await join(owner, "member@example.com")


async def test_nobody_rises_above_their_own_role(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, OrganizationOptions()) as service:
        owner, admin, member = await staff(service)
        ids = {person.email: await person.member_id() for person in (owner, admin, member)}
        for caller, target, role in (
            (member, member, "admin"),
            (member, member, "owner"),
            (admin, admin, "owner"),
            (admin, admin, "admin, owner"),
            (admin, member, ["member", "owner "]),
            (admin, owner, "member"),
        ):
            answer = await caller.post("update-member-role", memberId=ids[target.email], role=role)
            assert code_of(answer) == "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER"
        for caller in (admin, member):
            answer = await caller.post("remove-member", memberIdOrEmail=ids[owner.email])
            assert code_of(answer) == "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER"


async def test_role_that_a_node_server_keeps_apart_from_owner_is_not_owner(sqlite_url: str) -> None:
    """JavaScript trims less than Python: this name is one that an admin may make and give there."""
    async with plugged(sqlite_url, PLUGIN, OrganizationOptions()) as service:
        _, acme = await found(service)
        eve = await sign_up(service, "eve@example.com")
        for n, space in enumerate("\x1c\x1d\x1e\x1f\x85"):
            await service.execute(
                'INSERT INTO member (id, "organizationId", "userId", role, "createdAt")'
                " VALUES (:id, :acme, :eve, :role, '2026-01-01T00:00:00.000Z')",
                id=str(n),
                acme=acme,
                eve=eve.user_id,
                role=f"{space}owner",
            )
            assert (await eve.post("delete", organizationId=acme)).status == 403
            await service.execute("DELETE FROM member WHERE id = :id", id=str(n))


async def test_member_of_another_organization_is_out_of_reach(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, OrganizationOptions()) as service:
        owner, _, member = await staff(service)
        eve, hers = await found(service, "eve@example.com", "evil")
        target = await member.member_id()
        for path, body in (
            ("remove-member", {"memberIdOrEmail": target}),
            ("remove-member", {"memberIdOrEmail": "member@example.com"}),
            ("update-member-role", {"memberId": target, "role": "admin"}),
        ):
            answer = await eve.post(path, organizationId=hers, **body)
            assert answer.status in (400, 403)
        roles = [each["role"] for each in (await owner.get("list-members")).json()["members"]]
    assert sorted(roles) == ["admin", "member", "owner"]


async def test_last_owner_stays_one(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, OrganizationOptions()) as service:
        owner, acme = await found(service)
        mine = await owner.member_id()
        refused = [
            code_of(await owner.post("leave", organizationId=acme)),
            code_of(await owner.post("remove-member", memberIdOrEmail=mine)),
            code_of(await owner.post("update-member-role", memberId=mine, role="admin")),
        ]
        second = await join(owner, "second@example.com", "owner")
        assert (await owner.post("leave", organizationId=acme)).status == 200
        refused.append(code_of(await second.post("leave", organizationId=acme)))
    only = "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER"
    assert refused == [only, only, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER", only]


async def test_hundred_members_do_not_hide_the_last_owner(sqlite_url: str) -> None:
    """The original counts among the first hundred."""
    options = OrganizationOptions(membership_limit=200)
    async with plugged(sqlite_url, PLUGIN, options) as service:
        owner, acme = await found(service)
        for n in range(110):
            await service.execute(
                'INSERT INTO "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")'
                " VALUES (:id, 'x', :email, 0, :now, :now)",
                id=f"u{n}",
                email=f"u{n}@example.com",
                now="2026-01-01T00:00:00.000Z",
            )
            await service.execute(
                'INSERT INTO member (id, "organizationId", "userId", role, "createdAt")'
                " VALUES (:id, :acme, :user, 'member', :now)",
                id=f"m{n}",
                acme=acme,
                user=f"u{n}",
                now="2026-01-01T00:00:00.000Z",
            )
        last = await join(owner, "last@example.com", "owner")
        assert (await owner.post("leave", organizationId=acme)).status == 200
        assert (await last.post("leave", organizationId=acme)).status == 400
        listed = (await last.get("list-members?limit=5")).json()
    assert (len(listed["members"]), listed["total"]) == (5, 111)


async def test_removed_member_has_no_access_left(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, OrganizationOptions()) as service:
        owner, _, member = await staff(service)
        target = await member.member_id()
        assert (await owner.post("remove-member", memberIdOrEmail=target)).status == 200
        assert (await member.get("list-members")).status == 403
        assert (await member.get("get-full-organization")).status == 403
        assert (await member.session())["activeOrganizationId"] is None


async def test_filters_reach_only_fields_of_members(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, OrganizationOptions()) as service:
        owner, *_ = await staff(service)
        for query in (
            *("sortBy=password", "filterField=email&filterValue=a", "sortBy=user.email"),
            "filterField=createdAt&filterOperator=gt&filterValue=soon",
            "filterField=createdAt&filterOperator=contains&filterValue=2026",
            "filterField=role&filterValue=a&filterValue=b",
        ):
            answer = await owner.get(f"list-members?{query}")
            assert code_of(answer) == "UNUSABLE_FILTER"
        found_by_role = await owner.get("list-members?filterField=role&filterValue=' OR 1=1")
        assert found_by_role.json() == {"members": [], "total": 0}


async def test_value_that_the_database_cannot_compare_is_refused(empty_postgres_url: str) -> None:
    """A backslash at the end of a pattern escapes nothing, and uuid has no LIKE."""
    needed = required_by(PLUGIN, OrganizationOptions())
    await migrate(empty_postgres_url, replace(needed, uuid_ids=True))
    async with plugged(empty_postgres_url, PLUGIN, OrganizationOptions()) as service:
        owner, _ = await found(service)
        for query in (
            "filterField=role&filterOperator=ends_with&filterValue=%5C",
            "filterField=userId&filterOperator=contains&filterValue=a",
        ):
            assert code_of(await owner.get(f"list-members?{query}")) == "UNUSABLE_FILTER"


@pytest.mark.parametrize("limit", ["9" * 20, "1" * 5000, "-1", "0", "\u0663"])
async def test_limit_that_no_database_takes_lists_all(database_url: str, limit: str) -> None:
    async with plugged(database_url, PLUGIN, OrganizationOptions()) as service:
        owner, _ = await found(service)
        answer = await owner.get(f"get-full-organization?membersLimit={quote(limit)}")
        assert len(answer.json()["members"]) == 1
