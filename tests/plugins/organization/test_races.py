"""Two services over one database: what only one of two requests at the same time may do."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from app.plugins.organization.access import DEFAULT_STATEMENTS
from app.plugins.organization.options import (
    DynamicAccessControlOptions,
    OrganizationOptions,
    TeamsOptions,
)
from app.plugins.organization.plugin import PLUGIN
from tests.support.asgi import Answer
from tests.support.plugins import plugged
from tests.support.service import Service

from .people import code_of, found, invite, join, sign_up

pytestmark = pytest.mark.anyio

ROUNDS = 4


@asynccontextmanager
async def two(url: str, options: OrganizationOptions) -> AsyncIterator[tuple[Service, Service]]:
    async with plugged(url, PLUGIN, options) as one, plugged(url, PLUGIN, options) as other:
        yield one, other


async def race(*requests: Coroutine[None, None, Answer]) -> Counter[str | None]:
    return Counter(map(code_of, await asyncio.gather(*requests)))


async def count_owners(service: Service, organization: str) -> int:
    owners = text("SELECT count(*) FROM member WHERE role = 'owner' AND \"organizationId\" = :id")
    ((number,),) = await service.database.read_all(owners, {"id": organization})
    return int(number)


async def test_one_of_two_owners_stays(database_url: str) -> None:
    async with two(database_url, OrganizationOptions()) as (one, other):
        for n in range(ROUNDS):
            ada, acme = await found(one, f"ada{n}@example.com", f"acme{n}")
            bob = (await join(ada, f"bob{n}@example.com", "owner")).at(other)
            mine, his = await ada.member_id(), await bob.member_id()
            attempts = [
                (
                    ada.post("leave", organizationId=acme),
                    bob.post("leave", organizationId=acme),
                ),
                (
                    ada.post("remove-member", memberIdOrEmail=his),
                    bob.post("remove-member", memberIdOrEmail=mine),
                ),
                (
                    ada.post("update-member-role", memberId=mine, role="member"),
                    bob.post("update-member-role", memberId=his, role="member"),
                ),
                (
                    ada.post("update-member-role", memberId=his, role="member"),
                    bob.post("update-member-role", memberId=mine, role="member"),
                ),
            ]
            for at, pair in enumerate(attempts):
                if at == n:
                    seen = await race(*pair)
                    assert seen[None] == 1
                else:
                    for request in pair:
                        request.close()
            assert await count_owners(one, acme) == 1


async def test_slug_is_taken_once(database_url: str) -> None:
    async with two(database_url, OrganizationOptions()) as (one, other):
        ada, bob = await sign_up(one, "ada@example.com"), await sign_up(one, "bob@example.com")
        people = [ada, bob.at(other), ada.at(other), bob]
        seen = await race(*(each.post("create", name="A", slug="same") for each in people))
    assert seen == {None: 1, "ORGANIZATION_ALREADY_EXISTS": 3}


async def test_slug_is_given_once(database_url: str) -> None:
    async with two(database_url, OrganizationOptions()) as (one, other):
        ada, _ = await found(one, "ada@example.com", "a")
        bob, _ = await found(one, "bob@example.com", "b")
        data = {"slug": "wanted"}
        seen = await race(ada.post("update", data=data), bob.at(other).post("update", data=data))
    assert seen[None] == 1
    assert {*seen} <= {None, "ORGANIZATION_SLUG_ALREADY_TAKEN", "FAILED_TO_SAVE"}


async def test_invitation_is_accepted_once(database_url: str) -> None:
    async with two(database_url, OrganizationOptions()) as (one, other):
        ada, _ = await found(one)
        invitation = await invite(ada, "bob@example.com")
        bob = await sign_up(one, "bob@example.com")
        both = [bob, bob.at(other)] * 2
        seen = await race(
            *(each.post("accept-invitation", invitationId=invitation) for each in both)
        )
        total = (await ada.get("list-members")).json()["total"]
    assert (seen[None], total) == (1, 2)
    assert {*seen} <= {
        None,
        "INVITATION_NOT_FOUND",
        "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION",
    }


async def test_invitation_is_accepted_or_rejected(database_url: str) -> None:
    async with two(database_url, OrganizationOptions()) as (one, other):
        ada, _ = await found(one)
        for n in range(ROUNDS):
            invitation = await invite(ada, f"bob{n}@example.com")
            bob = await sign_up(one, f"bob{n}@example.com")
            seen = await race(
                bob.post("accept-invitation", invitationId=invitation),
                bob.at(other).post("reject-invitation", invitationId=invitation),
            )
            assert seen == {None: 1, "INVITATION_NOT_FOUND": 1}


async def test_limits_hold(database_url: str) -> None:
    options = OrganizationOptions(
        organization_limit=1,
        membership_limit=2,
        invitation_limit=3,
        teams=TeamsOptions(enabled=True, maximum_teams=2, maximum_members_per_team=1),
        ac=DEFAULT_STATEMENTS,
        dynamic_access_control=DynamicAccessControlOptions(
            enabled=True, maximum_roles_per_organization=1
        ),
    )
    async with two(database_url, options) as (one, other):
        ada = await sign_up(one, "ada@example.com")
        both = (ada, ada.at(other))
        seen = await race(
            *(each.post("create", name="A", slug=f"a{n}") for n, each in enumerate(both))
        )
        assert seen[None] == 1
        seen = await race(*(each.post("create-team", name="T") for each in both))
        assert seen == {None: 1, "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_TEAMS": 1}
        permission = {"ac": ["read"]}
        seen = await race(
            *(
                each.post("create-role", role=f"r{n}", permission=permission)
                for n, each in enumerate(both)
            )
        )
        assert seen == {None: 1, "TOO_MANY_ROLES": 1}
        teams = (await ada.get("list-teams")).json()
        team = next(each["id"] for each in teams if each["name"] == "T")
        first = [await invite(ada, f"m{n}@example.com", teamId=team) for n in range(2)]
        seen = await race(
            *(
                each.post("invite-member", email=f"n{n}@example.com", role="member")
                for n, each in enumerate(both)
            )
        )
        assert seen == {None: 1, "INVITATION_LIMIT_REACHED": 1}
        people = [await sign_up(one, f"m{n}@example.com") for n in range(2)]
        seen = await race(
            people[0].post("accept-invitation", invitationId=first[0]),
            people[1].at(other).post("accept-invitation", invitationId=first[1]),
        )
        assert seen == {None: 1, "ORGANIZATION_MEMBERSHIP_LIMIT_REACHED": 1}
        (members,) = await one.database.read_all(text("SELECT count(*) FROM member"))
    assert members[0] == 2


async def test_one_role_and_one_invitation_of_a_name(database_url: str) -> None:
    options = OrganizationOptions(
        ac=DEFAULT_STATEMENTS,
        dynamic_access_control=DynamicAccessControlOptions(enabled=True),
    )
    async with two(database_url, options) as (one, other):
        ada, _ = await found(one)
        both = (ada, ada.at(other))
        seen = await race(*(each.post("create-role", role="r", permission={}) for each in both))
        assert seen == {None: 1, "ROLE_NAME_IS_ALREADY_TAKEN": 1}
        seen = await race(
            *(each.post("invite-member", email="b@example.com", role="member") for each in both)
        )
    assert seen == {None: 1, "USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION": 1}
