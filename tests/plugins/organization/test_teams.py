import pytest
from sqlalchemy import text

from app.plugins.organization.options import OrganizationOptions, TeamsOptions
from app.plugins.organization.plugin import PLUGIN
from app.plugins.organization.team_membership import make_membership_key
from tests.support.asgi import Answer
from tests.support.plugins import plugged
from tests.support.statements import counting

from .people import Person, code_of, found, invite, join, sign_up

pytestmark = pytest.mark.anyio

ON = OrganizationOptions(teams=TeamsOptions(enabled=True))
LIMITED = OrganizationOptions(teams=TeamsOptions(enabled=True, maximum_members_per_team=2))


async def make_team(owner: Person, name: str = "Sales") -> str:
    """The id of a new team."""
    return str((await owner.post("create-team", name=name)).json()["id"])


def test_membership_key_is_that_of_the_original() -> None:
    team, user = "9IHykDWOvZJ4OVsm5Ap8tLAU7CIGVuRj", "s1HQXv5ZHt89DMFKnWuA6Sn2LQALirCg"
    assert len(make_membership_key(team, user)) == 43
    assert make_membership_key(team, user) != make_membership_key(user, team)


async def test_team_of_another_organization_is_out_of_reach(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, ON) as service:
        owner, _ = await found(service)
        team = await make_team(owner)
        eve, hers = await found(service, "eve@example.com", "evil")
        answers: list[Answer] = [
            await eve.post("set-active-team", teamId=team),
            await eve.post("update-team", teamId=team, data={"name": "x"}),
            await eve.post("update-team", teamId=team, data={"name": "x", "organizationId": hers}),
            await eve.post("remove-team", teamId=team),
            await eve.post("add-team-member", teamId=team, userId=eve.user_id),
            await eve.post("remove-team-member", teamId=team, userId=eve.user_id),
            await eve.get(f"list-team-members?teamId={team}"),
            await eve.post("invite-member", email="x@example.com", role="member", teamId=team),
        ]
        left = [each["name"] for each in (await owner.get("list-teams")).json()]
        invitations = (await eve.get("list-invitations")).json()
    known = {"TEAM_NOT_FOUND", "USER_IS_NOT_A_MEMBER_OF_THE_TEAM"}
    assert {code_of(answer) for answer in answers} == known
    assert (left, invitations) == (["Acme", "Sales"], [])


async def test_outsider_joins_no_team(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, ON) as service:
        owner, _ = await found(service)
        team = await make_team(owner)
        eve = await sign_up(service, "eve@example.com")
        answer = await owner.post("add-team-member", teamId=team, userId=eve.user_id)
    assert code_of(answer) == "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION"


async def test_full_team_leaves_the_invitation_as_it_was(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, LIMITED) as service:
        owner, acme = await found(service)
        team = await make_team(owner)
        await owner.post("add-team-member", teamId=team, userId=owner.user_id)
        invitation = await invite(owner, "late@example.com", teamId=team)
        await join(owner, "bob@example.com", teamId=team)
        late = await sign_up(service, "late@example.com")
        answer = await late.post("accept-invitation", invitationId=invitation)
        assert code_of(answer) == "TEAM_MEMBER_LIMIT_REACHED"
        assert (await late.get("list")).json() == []
        statuses = {
            each["email"]: each["status"] for each in (await owner.get("list-invitations")).json()
        }
        full = (await owner.get(f"get-full-organization?organizationId={acme}")).json()
    assert statuses["late@example.com"] == "pending"
    assert {each["name"]: each["memberCount"] for each in full["teams"]} == {"Acme": 1, "Sales": 2}


async def test_member_who_leaves_is_in_no_team(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, ON) as service:
        owner, acme = await found(service)
        team = await make_team(owner)
        bob = await join(owner, "bob@example.com", teamId=team)
        assert (await bob.session())["activeTeamId"] == team
        assert (await bob.post("leave", organizationId=acme)).status == 200
        assert (await bob.get("list-user-teams")).json() == []
        rows = await service.database.read_all(text('SELECT "memberCount" FROM team ORDER BY name'))
    assert [row[0] for row in rows] == [1, 0]


async def test_counter_that_an_older_release_did_not_keep_is_made_good(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, LIMITED) as service:
        owner, _ = await found(service)
        team = await make_team(owner)
        await owner.post("add-team-member", teamId=team, userId=owner.user_id)
        await join(owner, "bob@example.com", teamId=team)
        await service.execute('UPDATE team SET "memberCount" = 0')
        cy = await join(owner, "cy@example.com")
        answer = await owner.post("add-team-member", teamId=team, userId=cy.user_id)
    assert code_of(answer) == "TEAM_MEMBER_LIMIT_REACHED"


async def test_team_with_members_of_a_gone_team_is_no_team(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, ON) as service:
        owner, _ = await found(service)
        team = await make_team(owner)
        invitation = await invite(owner, "bob@example.com", teamId=team)
        assert (await owner.post("remove-team", teamId=team)).status == 200
        bob = await sign_up(service, "bob@example.com")
        accepted = (await bob.post("accept-invitation", invitationId=invitation)).json()
    assert accepted["invitation"]["teamId"] is None


async def test_team_named_many_times_is_checked_once(sqlite_url: str) -> None:
    """The lock of the organization, on SQLite of the whole database, must be short."""
    async with plugged(sqlite_url, PLUGIN, LIMITED) as service:
        owner, _ = await found(service)
        team = await make_team(owner)
        bob = await sign_up(service, "bob@example.com")
        with counting() as statements:
            invitation = await invite(owner, "bob@example.com", teamId=[team] * 200)
            accepted = await bob.post("accept-invitation", invitationId=invitation)
    assert accepted.status == 200
    assert 0 < len(statements) < 100
