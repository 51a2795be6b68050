"""The docs page in a real browser: all of it from this server, and good for trying the API.

Each operation that is run costs the page more than a second of CPU: one visit runs them once.
"""

import pytest
from msgspec import Struct

from .docs_page import DocsPage, Shown

pytestmark = pytest.mark.xdist_group("browser")

ADA = {"name": "Ada", "email": "ada@example.com", "password": "correct horse"}


class Opened(Struct, frozen=True):
    groups: list[str]
    open_models: int


class Visit(Struct, frozen=True):
    """What the page showed to Ada, in this order; `*_token` is whether it had hers."""

    opened: Opened
    stranger: Shown
    signed_up: Shown
    session: Shown
    early_token: bool
    got_token: Shown
    token: bool
    made: Shown
    tasks: Shown
    signed_out: Shown
    late_token: bool
    late_session: Shown
    late_tasks: Shown


@pytest.fixture(scope="module")
def visit(docs: DocsPage) -> Visit:
    return Visit(
        opened=look(docs, "/docs"),
        stranger=docs.run("Tasks-listTasks"),
        signed_up=docs.run("Users-signUpWithEmailAndPassword", ADA),
        session=docs.run("Sessions-getSession"),
        early_token=docs.has_token(),
        got_token=docs.run("Tokens-getJSONWebToken"),
        token=docs.has_token(),
        made=docs.run("Tasks-createTask", {"title": "Buy milk"}),
        tasks=docs.run("Tasks-listTasks"),
        signed_out=docs.run("Sessions-signOut"),
        late_token=docs.has_token(),
        late_session=docs.run("Sessions-getSession"),
        late_tasks=docs.run("Tasks-listTasks"),
    )


def test_page_shows_every_group_and_keeps_the_models_folded(visit: Visit) -> None:
    assert visit.opened.groups == ["Users", "Accounts", "Sessions", "Tokens", "Tasks", "Status"]
    assert visit.opened.open_models == 0


def test_better_auths_own_address_shows_the_same(docs: DocsPage, visit: Visit) -> None:
    assert look(docs, "/api/auth/reference") == visit.opened


def test_tasks_are_refused_without_a_token(visit: Visit) -> None:
    assert (visit.stranger.status, visit.stranger.body["code"]) == ("401", "UNAUTHORIZED")


def test_whoever_signs_up_gets_a_token_and_tasks(visit: Visit) -> None:
    user = visit.signed_up.body["user"]
    assert visit.session.body["user"] == user
    assert not visit.early_token
    assert visit.got_token.status == "200"
    assert visit.token
    assert (visit.made.status, visit.made.body["user_id"]) == ("201", user["id"])
    assert visit.tasks.body == [visit.made.body]


def test_token_is_dropped_at_sign_out(visit: Visit) -> None:
    assert visit.token
    assert visit.signed_out.body == {"success": True}
    assert not visit.late_token
    assert visit.late_session.body is None
    assert visit.late_tasks.status == "401"


def look(docs: DocsPage, path: str) -> Opened:
    docs.open(path)
    return Opened(docs.titles(), docs.open_models())
