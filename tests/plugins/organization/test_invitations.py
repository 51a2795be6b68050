from datetime import timedelta

import pytest
from sqlalchemy import text

from app.models.clock import now, to_iso
from app.plugins.organization.options import OrganizationOptions
from app.plugins.organization.plugin import PLUGIN
from tests.support.plugins import plugged
from tests.support.service import ORIGIN
from tests.support.smtp import Outgoing

from .people import code_of, found, invite, join, sign_up

pytestmark = pytest.mark.anyio


async def test_only_the_recipient_decides(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, OrganizationOptions()) as service:
        owner, _ = await found(service)
        invitation = await invite(owner, "bob@example.com")
        eve = await sign_up(service, "eve@example.com")
        for path in ("accept-invitation", "reject-invitation"):
            answer = await eve.post(path, invitationId=invitation)
            assert code_of(answer) == "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION"
        answer = await eve.get(f"get-invitation?id={invitation}")
        assert code_of(answer) == "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION"
        bob = await sign_up(service, "bob@example.com")
        assert (await bob.post("accept-invitation", invitationId=invitation)).status == 200
        again = await bob.post("accept-invitation", invitationId=invitation)
        assert code_of(again) == "INVITATION_NOT_FOUND"


async def test_address_must_be_verified_if_options_say_so(sqlite_url: str) -> None:
    options = OrganizationOptions(require_email_verification_on_invitation=True)
    async with plugged(sqlite_url, PLUGIN, options) as service:
        owner, _ = await found(service)
        invitation = await invite(owner, "bob@example.com")
        bob = await sign_up(service, "bob@example.com")
        refused = [
            (await bob.post("accept-invitation", invitationId=invitation)).status,
            (await bob.post("reject-invitation", invitationId=invitation)).status,
            (await bob.get(f"get-invitation?id={invitation}")).status,
        ]
        await service.execute('UPDATE "user" SET "emailVerified" = 1')
        accepted = await bob.post("accept-invitation", invitationId=invitation)
    assert refused == [403, 403, 403]
    assert accepted.status == 200


async def test_unverified_user_lists_no_invitations(sqlite_url: str) -> None:
    """Anyone can sign up with an address of others, and the ids are secrets."""
    async with plugged(sqlite_url, PLUGIN, OrganizationOptions()) as service:
        owner, _ = await found(service)
        await invite(owner, "bob@example.com")
        bob = await sign_up(service, "bob@example.com")
        assert (await bob.get("list-user-invitations")).status == 403


async def test_expired_invitation_is_gone(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, OrganizationOptions(invitation_expires_in=1)) as s:
        owner, _ = await found(s)
        invitation = await invite(owner, "bob@example.com")
        (row,) = await s.database.read_all(text('SELECT "expiresAt" FROM invitation'))
        assert str(row[0])[:10] <= to_iso(now() + timedelta(seconds=2))[:10]
        past = "2020-01-01T00:00:00.000Z"
        await s.execute(f"UPDATE invitation SET \"expiresAt\" = '{past}'")
        bob = await sign_up(s, "bob@example.com")
        assert code_of(await bob.post("accept-invitation", invitationId=invitation)) == (
            "INVITATION_NOT_FOUND"
        )


async def test_invitation_to_a_member_makes_no_second_membership(sqlite_url: str) -> None:
    options = OrganizationOptions()
    async with plugged(sqlite_url, PLUGIN, options) as service:
        owner, acme = await found(service)
        bob = await join(owner, "bob@example.com")
        await service.execute("UPDATE invitation SET status = 'pending'")
        (invitation,) = (await owner.get("list-invitations")).json()
        answer = await bob.post("accept-invitation", invitationId=invitation["id"])
        assert code_of(answer) == "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION"
        total = (await owner.get(f"list-members?organizationId={acme}")).json()["total"]
        (left,) = (await owner.get("list-invitations")).json()
    assert (total, left["status"]) == (2, "pending")


async def test_mail_leads_to_the_page_of_the_application(
    sqlite_url: str,
) -> None:
    outgoing = Outgoing()
    options = OrganizationOptions(invitation_link="https://app.example.com/join?code={id}")
    async with plugged(sqlite_url, PLUGIN, options, mailer=outgoing) as service:
        owner = await sign_up(service, "owner@example.com", name="Ada <Owner>")
        await owner.post("create", name="Go to evil.example.com", slug="acme")
        invitation = await invite(owner, "BOB@example.com")
    (message,) = [each for each in outgoing.messages if each.kind == "organization-invitation"]
    assert message.to == "bob@example.com"
    assert f"https://app.example.com/join?code={invitation}" in message.text
    assert "evil" not in message.text + message.subject + message.html
    assert "Ada &lt;Owner&gt;" in message.html


async def test_mail_leads_to_the_first_trusted_page_by_default(
    sqlite_url: str,
) -> None:
    outgoing = Outgoing()
    origins = ("https://*.example.com", "myapp://", "https://app.example.com", ORIGIN)
    async with plugged(
        sqlite_url, PLUGIN, OrganizationOptions(), mailer=outgoing, trusted_origins=origins
    ) as service:
        owner, _ = await found(service)
        invitation = await invite(owner, "bob@example.com")
    (message,) = [each for each in outgoing.messages if each.kind == "organization-invitation"]
    assert f"https://app.example.com/accept-invitation/{invitation}\n" in message.text


async def test_no_mail_where_options_say_so(sqlite_url: str) -> None:
    outgoing = Outgoing()
    options = OrganizationOptions(send_invitation_email=False)
    async with plugged(sqlite_url, PLUGIN, options, mailer=outgoing) as service:
        owner, _ = await found(service)
        await invite(owner, "bob@example.com")
    assert [each for each in outgoing.messages if "bob" in each.to] == []
