import pytest

from app.plugins.organization.access import DEFAULT_STATEMENTS
from app.plugins.organization.options import DynamicAccessControlOptions, OrganizationOptions
from app.plugins.organization.plugin import PLUGIN
from tests.support.plugins import plugged

from .people import code_of, found, join

pytestmark = pytest.mark.anyio

ON = OrganizationOptions(
    ac={**DEFAULT_STATEMENTS, "project": ("create", "share")},
    dynamic_access_control=DynamicAccessControlOptions(enabled=True),
)
NOT_ALLOWED = "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE"


async def test_role_grants_what_it_says(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, ON) as service:
        owner, _ = await found(service)
        body = {"role": "Clerk", "permission": {"invitation": ["create"]}}
        assert (await owner.post("create-role", **body)).status == 200
        bob = await join(owner, "bob@example.com", "clerk")
        invited = await bob.post("invite-member", email="cy@example.com", role="member")
        removed = await bob.post("cancel-invitation", invitationId=invited.json()["id"])
    assert (invited.status, removed.status) == (200, 403)


async def test_nobody_grants_more_than_they_have(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, ON) as service:
        owner, _ = await found(service)
        admin = await join(owner, "admin@example.com", "admin")
        for permission in ({"organization": ["delete"]}, {"project": ["share"]}):
            answer = await admin.post("create-role", role="x", permission=permission)
            assert code_of(answer) == NOT_ALLOWED
            assert answer.json()["missingPermissions"] == [
                f"{resource}:{action}"
                for resource, actions in permission.items()
                for action in actions
            ]
        await admin.post("create-role", role="mine", permission={"ac": ["read"]})
        change = {"permission": {"organization": ["delete"]}}
        answer = await admin.post("update-role", roleName="mine", data=change)
        assert code_of(answer) == "YOU_ARE_NOT_ALLOWED_TO_UPDATE_A_ROLE"
        member = await join(owner, "member@example.com")
        answer = await member.post("create-role", role="y", permission={})
        assert code_of(answer) == NOT_ALLOWED


async def test_role_of_another_organization_is_out_of_reach(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, ON) as service:
        owner, _ = await found(service)
        made = await owner.post("create-role", role="clerk", permission={})
        role = made.json()["roleData"]["id"]
        eve, hers = await found(service, "eve@example.com", "evil")
        answers = [
            await eve.get(f"get-role?roleId={role}"),
            await eve.post("delete-role", roleId=role),
            await eve.post("update-role", roleId=role, data={"roleName": "x"}),
            await eve.post("invite-member", email="x@example.com", role="clerk"),
        ]
        assert [answer.status for answer in answers] == [400] * 4
        assert (await eve.get(f"list-roles?organizationId={hers}")).json() == []
        assert len((await owner.get("list-roles")).json()) == 1


async def test_unreadable_role_grants_nothing(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, ON) as service:
        owner, _ = await found(service)
        await owner.post("create-role", role="clerk", permission={"ac": ["read"]})
        for stored in ("{", '{"ac": "read"}', "null"):
            await service.execute('UPDATE "organizationRole" SET permission = :it', it=stored)
            answer = await owner.get("list-roles")
            assert answer.status == 500
            assert answer.json() == {"message": "Invalid permissions for role clerk"}
