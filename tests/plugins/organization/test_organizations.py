import pytest

from app.plugins.organization.options import OrganizationOptions
from app.plugins.organization.plugin import PLUGIN
from tests.support.plugins import plugged

from .people import code_of, found, join, sign_up

pytestmark = pytest.mark.anyio


async def test_creator_is_the_owner_and_works_in_it(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, OrganizationOptions()) as service:
        owner, acme = await found(service)
        assert (await owner.session())["activeOrganizationId"] == acme
        assert (await owner.get("get-active-member-role")).json() == {"role": "owner"}


async def test_nobody_sets_the_active_organization_by_hand(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, OrganizationOptions()) as service:
        _, acme = await found(service)
        eve = await sign_up(service, "eve@example.com", activeOrganizationId=acme)
        answer = await service.post("/update-session", {"activeOrganizationId": acme}, eve.headers)
        assert answer.status == 400
        assert (await eve.session())["activeOrganizationId"] is None


async def test_organization_of_others_cannot_become_active(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, OrganizationOptions()) as service:
        _, acme = await found(service)
        eve = await sign_up(service, "eve@example.com")
        for choice in ({"organizationId": acme}, {"organizationSlug": "acme"}):
            answer = await eve.post("set-active", **choice)
            assert code_of(answer) == "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION"
        assert (await eve.session())["activeOrganizationId"] is None


async def test_large_metadata_and_logo_are_kept_whole(sqlite_url: str) -> None:
    metadata = {"deep": {"list": ["x" * 1000] * 40}}
    async with plugged(sqlite_url, PLUGIN, OrganizationOptions()) as service:
        owner = await sign_up(service, "owner@example.com")
        made = await owner.post("create", name="A", slug="a", metadata=metadata)
        assert made.json()["metadata"] == metadata
        data = {"metadata": {"more": metadata}, "logo": "y" * 30_000}
        changed = (await owner.post("update", data=data)).json()
    assert (changed["metadata"], changed["logo"]) == (data["metadata"], data["logo"])


async def test_fault_in_a_large_body_is_named(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, OrganizationOptions()) as service:
        owner, _ = await found(service)
        answer = await owner.post("update", data={"name": 3, "logo": "y" * 30_000})
    assert answer.json()["message"] == (
        "[body.data.name] Invalid input: expected string, received number"
    )


async def test_value_that_the_database_refuses_is_a_refusal(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, OrganizationOptions()) as service:
        owner, acme = await found(service)
        codes = [
            code_of(await owner.post("create", name="a\0b", slug="nul")),
            code_of(await owner.post("update", data={"name": "a\0b"})),
        ]
        assert code_of(await owner.post("set-active", organizationId=f"{acme}\0")) is not None
    expected = None if database_url.startswith("sqlite") else "FAILED_TO_SAVE"
    assert codes == [expected, expected]


async def test_deletion_takes_all_that_belongs_to_it(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, OrganizationOptions()) as service:
        owner, acme = await found(service)
        bob = await join(owner, "bob@example.com")
        await owner.post("invite-member", email="cy@example.com", role="member")
        assert (await owner.post("delete", organizationId=acme)).status == 200
        assert (await bob.get("list")).json() == []
        assert (await owner.session())["activeOrganizationId"] is None
        again = await owner.post("create", name="Acme", slug="acme")
        assert again.status == 200


async def test_deleted_user_leaves_no_membership(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, OrganizationOptions()) as service:
        owner, _ = await found(service)
        bob = await join(owner, "bob@example.com")
        await service.execute('DELETE FROM "user" WHERE id = :id', id=bob.user_id)
        assert (await owner.get("list-members")).json()["total"] == 1


async def test_members_see_only_what_is_for_them(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, OrganizationOptions()) as service:
        owner, acme = await found(service)
        bob = await join(owner, "bob@example.com")
        await owner.post("invite-member", email="cy@example.com", role="member")
        seen = (await bob.get(f"get-full-organization?organizationId={acme}")).json()
    assert seen["invitations"] == []
    assert {*seen["members"][0]["user"]} == {"id", "name", "email", "image"}
