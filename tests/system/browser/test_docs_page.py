"""The docs page in a real browser: all of it from this server, and good for trying the API."""

import pytest

from .docs_page import DocsPage

ADA = {"name": "Ada", "email": "ada@example.com", "password": "correct horse"}
BOB = {"name": "Bob", "email": "bob@example.com", "password": "correct horse"}


@pytest.mark.parametrize("path", ["/docs", "/api/auth/reference"])
def test_page_shows_every_group_and_keeps_the_models_folded(docs: DocsPage, path: str) -> None:
    docs.open(path)
    assert docs.titles() == ["Users", "Accounts", "Sessions", "Tokens", "Tasks", "Status"]
    assert docs.open_models() == 0


def test_tasks_are_refused_without_a_token(docs: DocsPage) -> None:
    docs.open()
    refused = docs.run("Tasks-listTasks")
    assert (refused.status, refused.body["code"]) == ("401", "UNAUTHORIZED")


def test_whoever_signs_up_gets_a_token_and_tasks(docs: DocsPage) -> None:
    docs.open()
    user = docs.run("Users-signUpWithEmailAndPassword", ADA).body["user"]
    assert docs.run("Sessions-getSession").body["user"] == user
    assert not docs.has_token()
    assert docs.run("Tokens-getJSONWebToken").status == "200"
    assert docs.has_token()
    task = docs.run("Tasks-createTask", {"title": "Buy milk"})
    assert (task.status, task.body["user_id"]) == ("201", user["id"])
    assert docs.run("Tasks-listTasks").body == [task.body]


def test_token_is_dropped_at_sign_out(docs: DocsPage) -> None:
    docs.open()
    docs.run("Users-signUpWithEmailAndPassword", BOB)
    docs.run("Tokens-getJSONWebToken")
    assert docs.run("Sessions-signOut").body == {"success": True}
    assert not docs.has_token()
    assert docs.run("Sessions-getSession").body is None
    assert docs.run("Tasks-listTasks").status == "401"
