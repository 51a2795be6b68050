"""Organizations in the tables of Drizzle: members and invitations of either hold at the other."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.system.parity.host import Host
from tests.system.parity.side import Caller, Side
from tests.system.shared_database.together import at

from .applications import BY_ID, Application
from .conftest import grouped, make_place, migrate, ours_on
from .host import serving

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize(
        "application",
        [
            pytest.param(each, id=each.id, marks=grouped(each))
            for each in BY_ID.values()
            if each.has_plugins
        ],
        indirect=True,
    ),
]

ON = {"BETTER_AUTH_PLUGINS": "organization"}


@pytest.fixture(scope="module")
def sides(
    application: Application,
    node_host: Host,
    postgres_server: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Side, Side]]:
    """The Node server, and this service with the plugin on, over a database of their own."""
    folder = tmp_path_factory.mktemp("organization")
    place = make_place(application, folder, postgres_server)
    with serving(node_host, application, place, makes_tables=True) as node:
        report = migrate(application, place, folder, **ON)
        for table in ("organization", "member", "invitation"):
            assert f"created the table {table}" not in report
        with ours_on(application, place, folder, **ON) as ours:
            yield node, ours


async def ask(caller: Caller, path: str, **body: object) -> Any:
    answer = await caller.post(f"/organization/{path}", body)
    assert answer.status == 200, answer.body
    return answer.json


@pytest.mark.parametrize("is_made_here", [False, True])
async def test_either_goes_on_with_what_the_other_made(
    sides: tuple[Side, Side], is_made_here: bool
) -> None:
    maker, other = reversed(sides) if is_made_here else sides
    word = f"made-{is_made_here}".lower()
    ada = await maker.signed_up(f"ada-{word}@example.com")
    await ask(ada, "create", name="Acme", slug=word, metadata={"a": 1})
    there = at(other, ada)
    for path in ("get-full-organization", "list", "get-active-member", "list-members"):
        here = await ada.get(f"/organization/{path}")
        seen = await there.get(f"/organization/{path}")
        assert (seen.status, seen.json) == (200, here.json)
    for n, (inviter, side) in enumerate(((ada, other), (there, maker))):
        email = f"m{n}-{word}@example.com"
        invitation = await ask(inviter, "invite-member", email=email, role="member")
        member = await side.signed_up(email)
        accepted = await ask(member, "accept-invitation", invitationId=invitation["id"])
        assert accepted["invitation"]["expiresAt"] == invitation["expiresAt"]
    listed = [(await caller.get("/organization/list-members")).json for caller in (ada, there)]
    assert listed[0]["total"] == 3
    assert {each["id"]: each for each in listed[0]["members"]} == {
        each["id"]: each for each in listed[1]["members"]
    }
