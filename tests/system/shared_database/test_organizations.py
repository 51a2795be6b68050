"""An organization that one server made goes on at the other, members and invitations with it."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest

from app.plugins.organization.plugin import PLUGIN
from app.schema.migrate import migrate
from tests.support.plugins import required_by
from tests.system.parity.http import Answer
from tests.system.parity.options import Setup
from tests.system.parity.servers import NewPlace, Pair
from tests.system.parity.side import Caller

from .together import NAMES, at, either, in_order, together

pytestmark = pytest.mark.anyio

STATEMENTS = {
    name: [*actions] for name, actions in (PLUGIN.make_complete_options().ac or {}).items()
}
SETUP = Setup(
    {
        "plugins": ["organization"],
        "organization.teams.enabled": True,
        "organization.teams.maximumMembersPerTeam": 2,
        "organization.dynamicAccessControl.enabled": True,
        "organization.ac": STATEMENTS,
    }
)


@pytest.fixture(scope="module", params=NAMES, ids=[f"{name}-made" for name in NAMES])
def pair(
    request: pytest.FixtureRequest, new_place: NewPlace, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("organizations")
    place = new_place(folder)
    if request.param == "ours":
        complete = PLUGIN.make_complete_options()
        asyncio.run(migrate(place.database_url, required_by(PLUGIN, complete)))
    with together(SETUP, place, folder, cheap_hashes=True) as started:
        yield started


@pytest.fixture
def word() -> str:
    return uuid4().hex


async def post(caller: Caller, path: str, **body: object) -> Answer:
    return await caller.post(f"/organization/{path}", body)


async def invite(caller: Caller, email: str, **fields: object) -> str:
    made = await post(caller, "invite-member", email=email, **{"role": "member", **fields})
    assert made.status == 200, made.body
    return str(made.json["id"])


@either
async def test_organization_of_one_is_that_of_the_other(pair: Pair, first: str, word: str) -> None:
    maker, other = in_order(pair, first)
    ada = await maker.signed_up(f"ada-{word}@example.com")
    acme = (await post(ada, "create", name="Acme", slug=word, metadata={"a": 1})).json["id"]
    there = at(other, ada)
    for path in ("list", "get-full-organization", "list-members", "list-teams"):
        here, seen = (
            await ada.get(f"/organization/{path}"),
            await there.get(f"/organization/{path}"),
        )
        assert seen.json == here.json
    assert (await there.get("/get-session")).json["session"]["activeOrganizationId"] == acme
    changed = await post(there, "update", data={"name": "Acme Inc."})
    assert (await ada.get("/organization/get-organization")).json["name"] == "Acme Inc."
    assert changed.json["metadata"] == {"a": 1}


@either
async def test_invitation_of_one_is_accepted_at_the_other(
    pair: Pair, first: str, word: str
) -> None:
    maker, other = in_order(pair, first)
    ada = await maker.signed_up(f"ada-{word}@example.com")
    await post(ada, "create", name="Acme", slug=word)
    team = (await post(ada, "create-team", name="Sales")).json["id"]
    invitation = await invite(ada, f"bob-{word}@example.com", teamId=team)
    bob = await other.signed_up(f"bob-{word}@example.com")
    accepted = await post(bob, "accept-invitation", invitationId=invitation)
    assert accepted.status == 200
    here = at(maker, bob)
    assert (await here.get("/get-session")).json["session"]["activeTeamId"] == team
    mine = (await here.get("/organization/list-user-teams")).json
    assert [each["id"] for each in mine] == [team]
    again = await post(here, "accept-invitation", invitationId=invitation)
    assert again.json["code"] == "INVITATION_NOT_FOUND"


@either
async def test_seats_of_a_team_are_counted_by_both(pair: Pair, first: str, word: str) -> None:
    maker, other = in_order(pair, first)
    ada = await maker.signed_up(f"ada-{word}@example.com")
    await post(ada, "create", name="Acme", slug=word)
    there = at(other, ada)
    team = (await post(ada, "create-team", name="Sales")).json["id"]
    statuses = []
    for n, (inviter, side) in enumerate(((ada, other), (there, maker), (ada, other))):
        email = f"m{n}-{word}@example.com"
        invitation = await invite(inviter, email)
        person = await side.signed_up(email)
        user = (await post(person, "accept-invitation", invitationId=invitation)).json["member"]
        added = await post(inviter, "add-team-member", teamId=team, userId=user["userId"])
        statuses.append(added.status)
    assert statuses == [200, 200, 403]


@either
async def test_role_of_one_grants_at_the_other(pair: Pair, first: str, word: str) -> None:
    maker, other = in_order(pair, first)
    ada = await maker.signed_up(f"ada-{word}@example.com")
    await post(ada, "create", name="Acme", slug=word)
    permission = {"invitation": ["create"]}
    assert (await post(ada, "create-role", role="clerk", permission=permission)).status == 200
    there = at(other, ada)
    invitation = await invite(there, f"bob-{word}@example.com", role="clerk")
    bob = await maker.signed_up(f"bob-{word}@example.com")
    await post(bob, "accept-invitation", invitationId=invitation)
    for caller in (bob, at(other, bob)):
        answer = await post(caller, "has-permission", permissions=permission)
        assert answer.json == {"error": None, "success": True}
