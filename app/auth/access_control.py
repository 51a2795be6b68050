"""Roles and what they may do: `plugins/access` of Better Auth 1.7.25.

A statement names a resource and actions on it, such as `user` and `create`. A role has statements.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Literal

from msgspec import Struct

from ..settings.option_types import JsonText

Connector = Literal["AND", "OR"]
Statements = Mapping[str, tuple[str, ...]]
Roles = Mapping[str, Statements]

# The options `ac` (its statements) and `roles` of a plugin.
StatementsOption = Annotated[Statements, JsonText('{"project": ["create", "share"]}')]
RolesOption = Annotated[Roles, JsonText('{"editor": {"project": ["create"]}}')]


class RequestedActions(Struct, frozen=True):
    """All of these actions on one resource are needed, or with `OR` one of them."""

    actions: Sequence[str]
    connector: Connector = "AND"


Permissions = Mapping[str, Sequence[str] | RequestedActions]


def is_authorized(
    statements: Statements, permissions: Permissions, connector: Connector = "AND"
) -> bool:
    """Whether a role with these statements has all permissions, or with `OR` those of a resource.

    Nothing is never granted: no resource, and no action on a resource. Source: `role().authorize`.
    """
    granted = (
        _has_actions(statements.get(resource, ()), requested)
        for resource, requested in permissions.items()
    )
    return any(granted) if connector == "OR" else bool(permissions) and all(granted)


def has_permission(roles: Roles, names: Iterable[str], permissions: Permissions) -> bool:
    """Whether one of the named roles alone has all permissions. Unknown roles have none."""
    return any(is_authorized(roles[name], permissions) for name in names if name in roles)


def list_undeclared(roles: Roles, declared: Statements) -> Iterator[tuple[str, str, str]]:
    """Yields role, resource and action of each grant that the statements of `ac` do not have.

    In TypeScript such a role does not compile.
    """
    for name, statements in roles.items():
        for resource, actions in statements.items():
            for action in actions:
                if action not in declared.get(resource, ()):
                    yield name, resource, action


def _has_actions(allowed: Sequence[str], requested: Sequence[str] | RequestedActions) -> bool:
    if not isinstance(requested, RequestedActions):
        requested = RequestedActions(requested)
    granted = [action in allowed for action in requested.actions]
    return any(granted) if requested.connector == "OR" else bool(granted) and all(granted)
