"""What a role may do is decided as `plugins/access` of Better Auth 1.7.25 does."""

import pytest

from app.auth.access_control import (
    Connector,
    Permissions,
    RequestedActions,
    Roles,
    has_permission,
    is_authorized,
    list_undeclared,
)

EDITOR = {"project": ("create", "share"), "user": ("list",), "nothing": ()}
ROLES: Roles = {"editor": EDITOR, "auditor": {"user": ("list", "get")}, "guest": {}}


@pytest.mark.parametrize(
    ("permissions", "connector", "expected"),
    [
        ({"project": ["create"]}, "AND", True),
        ({"project": ["create", "share"]}, "AND", True),
        ({"project": ["create", "delete"]}, "AND", False),
        ({"project": ["create"], "user": ["list"]}, "AND", True),
        ({"project": ["create"], "user": ["ban"]}, "AND", False),
        ({"project": ["create"], "invoice": ["list"]}, "AND", False),
        ({"project": ["delete"], "user": ["list"]}, "OR", True),
        ({"invoice": ["list"], "user": ["list"]}, "OR", True),
        ({"invoice": ["list"], "user": ["ban"]}, "OR", False),
        ({"project": RequestedActions(["delete", "share"], "OR")}, "AND", True),
        ({"project": RequestedActions(["delete", "share"], "AND")}, "AND", False),
        ({"project": RequestedActions(["delete"], "OR")}, "AND", False),
    ],
)
def test_all_is_needed_or_one_thing(
    permissions: Permissions, connector: Connector, expected: bool
) -> None:
    assert is_authorized(EDITOR, permissions, connector) is expected


@pytest.mark.parametrize("connector", ["AND", "OR"])
@pytest.mark.parametrize(
    "permissions",
    [{}, {"project": []}, {"nothing": []}, {"project": RequestedActions([], "OR")}],
)
def test_nothing_is_never_granted(permissions: Permissions, connector: Connector) -> None:
    assert not is_authorized(EDITOR, permissions, connector)


def test_one_role_must_have_all() -> None:
    both: Permissions = {"project": ["create"], "user": ["get"]}
    assert not has_permission(ROLES, ["editor", "auditor"], both)
    assert has_permission(ROLES, ["guest", "auditor"], {"user": ["get"]})


@pytest.mark.parametrize("names", [[], ["owner"], ["guest"], ["Editor"], [" editor"]])
def test_an_unknown_role_has_no_permission(names: list[str]) -> None:
    assert not has_permission(ROLES, names, {"user": ["list"]})


def test_grants_that_no_statement_declares_are_listed() -> None:
    declared = {"project": ("create",), "user": ("list", "get")}
    assert list(list_undeclared(ROLES, declared)) == [("editor", "project", "share")]
