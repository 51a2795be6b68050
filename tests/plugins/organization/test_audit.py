"""Who founded an organization, who joined and left it, and who decided that."""

import pytest

from app.plugins.organization.options import OrganizationOptions
from app.plugins.organization.plugin import PLUGIN
from tests.plugins.organization.people import found, join
from tests.support.audited import read_events
from tests.support.plugins import plugged
from tests.support.smtp import Outgoing

pytestmark = pytest.mark.anyio


async def test_members_are_told(sqlite_url: str) -> None:
    options = OrganizationOptions()
    async with plugged(sqlite_url, PLUGIN, options, mailer=Outgoing()) as service:
        owner, acme = await found(service)
        bob = await join(owner, "bob@example.com")
        named = {"memberId": await bob.member_id(), "organizationId": acme}
        await owner.post("update-member-role", **named, role="admin")
        await owner.post("remove-member", memberIdOrEmail=bob.email, organizationId=acme)
        await owner.post("delete", organizationId=acme)
        told = [each for each in await read_events(service.database) if each["details"]]
        told = [each for each in told if "organization" in each["details"]]
        assert [(each["event"], each["user_id"], each["actor_id"]) for each in told] == [
            ("organization_created", owner.user_id, owner.user_id),
            ("member_added", bob.user_id, bob.user_id),
            ("member_role_changed", bob.user_id, owner.user_id),
            ("member_removed", bob.user_id, owner.user_id),
            ("organization_deleted", owner.user_id, owner.user_id),
        ]
        assert told[2]["details"] == {"organization": acme, "role": "admin"}
