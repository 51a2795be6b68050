"""The endpoints of roles that an organization makes, as they are declared."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from ....models.additional_fields import Json
from ....web.endpoint import Caller, Endpoint
from ....web.input.validation import WireBody, WireQuery
from ..errors import (
    FailedToSave,
    NoActiveOrganization,
    NotMember,
    RoleNotFound,
    UnreadableRole,
)
from ..examples import ACME
from ..records import OrganizationRole
from .errors import (
    InvalidResource,
    NoOrganizationForRole,
    PredefinedRole,
    RoleCreationNotAllowed,
    RoleDeletionNotAllowed,
    RoleIsAssigned,
    RoleListingNotAllowed,
    RoleNameTaken,
    RoleReadingNotAllowed,
    RoleUpdateNotAllowed,
    TooManyRoles,
)

TAG: Final = "Organization roles"
_PERMISSION: Final = {"invitation": ("create",)}
_ROLE: Final = OrganizationRole(
    organization_id=ACME.id,
    role="editor",
    permission=_PERMISSION,
    created_at=ACME.created_at,
    updated_at=None,
    id="rQ1mZ6kT0yR5wJ2pL9sD4gH7fAoQ3xN8v",
)
Granted = Annotated[dict[str, list[str]], Meta(description="Actions by resources.")]
_TOO_SMALL: Final = "Too small: expected string to have >=1 characters"


def find_choice_failures(place: str, received: Json | UnsetType) -> Iterable[str]:
    """Returns what Zod says if neither `roleName` nor `roleId` is a text that is not empty."""
    fields = received if isinstance(received, dict) else {}
    texts = {name: fields.get(name) for name in ("roleName", "roleId")}
    if any(isinstance(text, str) and text for text in texts.values()):
        return
    empty = [name for name, text in texts.items() if text == ""]
    if len(empty) == 1:
        yield f"[{place}.{empty[0]}] {_TOO_SMALL}"
    else:
        yield f"[{place}] Invalid input"


class RoleChoice(WireBody, frozen=True):
    """Which role: by its name or by its id."""

    organization_id: str | UnsetType = UNSET
    # Checked below: one of the two may be anything.
    role_name: Annotated[object, Meta(extra_json_schema={"type": "string"})] = UNSET
    role_id: Annotated[object, Meta(extra_json_schema={"type": "string"})] = UNSET

    @classmethod
    def find_more_failures(cls, received: Json | UnsetType) -> Iterable[str]:
        """Returns a line if no role is named."""
        return find_choice_failures("body", received)


class RoleFields(Struct, frozen=True):
    """Nothing: the plugin has no additional fields of roles."""


class CreateRoleBody(WireBody, frozen=True, kw_only=True):
    """The body of `/organization/create-role`."""

    organization_id: str | UnsetType = UNSET
    role: str
    permission: Granted
    additional_fields: RoleFields | UnsetType = UNSET


class DeleteRoleBody(RoleChoice, frozen=True):
    """The body of `/organization/delete-role`."""


class RoleChanges(Struct, frozen=True, kw_only=True, rename="camel"):
    """The fields of a role that are to change."""

    permission: Granted | UnsetType = UNSET
    role_name: str | UnsetType = UNSET


class UpdateRoleBody(RoleChoice, frozen=True, kw_only=True):
    """The body of `/organization/update-role`."""

    data: RoleChanges


class RolesQuery(WireQuery, frozen=True):
    """Which organization: without any the active one."""

    organization_id: str | UnsetType = UNSET


class RoleQuery(WireQuery, frozen=True):
    """Which role: by its name or by its id."""

    organization_id: str | UnsetType = UNSET
    role_name: Annotated[object, Meta(extra_json_schema={"type": "string"})] = UNSET
    role_id: Annotated[object, Meta(extra_json_schema={"type": "string"})] = UNSET

    @classmethod
    def find_more_failures(cls, received: Json | UnsetType) -> Iterable[str]:
        """Returns a line if no role is named."""
        return find_choice_failures("query", received)


class CreatedRole(Struct, frozen=True, rename="camel"):
    """The response of `/organization/create-role`."""

    success: Literal[True]
    role_data: OrganizationRole
    statements: Mapping[str, tuple[str, ...]]


class UpdatedRole(Struct, frozen=True, rename="camel"):
    """The response of `/organization/update-role`."""

    success: Literal[True]
    role_data: OrganizationRole


class DeletedRole(Struct, frozen=True):
    """The response of `/organization/delete-role`."""

    success: Literal[True]


CREATE_ROLE = Endpoint(
    "POST /organization/create-role",
    name="createOrgRole",
    tag=TAG,
    summary="Create a role",
    caller=Caller.SESSION,
    accepts_nested=True,
    body=CreateRoleBody,
    body_examples={"A role": {"role": "editor", "permission": {"invitation": ["create"]}}},
    responses={"Created": CreatedRole(success=True, role_data=_ROLE, statements=_PERMISSION)},
    refuses=(
        *(NoOrganizationForRole, RoleNameTaken, NotMember),
        *(RoleCreationNotAllowed, TooManyRoles, InvalidResource, UnreadableRole, FailedToSave),
    ),
)
DELETE_ROLE = Endpoint(
    "POST /organization/delete-role",
    name="deleteOrgRole",
    tag=TAG,
    summary="Delete a role",
    caller=Caller.SESSION,
    body=DeleteRoleBody,
    body_examples={"A role": {"roleName": "editor"}},
    responses={"Deleted": DeletedRole(success=True)},
    refuses=(
        *(NoActiveOrganization, NotMember, RoleDeletionNotAllowed, PredefinedRole),
        *(RoleNotFound, RoleIsAssigned, UnreadableRole),
    ),
)
LIST_ROLES = Endpoint(
    "GET /organization/list-roles",
    name="listOrgRoles",
    tag=TAG,
    summary="List the roles of an organization",
    caller=Caller.SESSION,
    query=RolesQuery,
    responses={"The roles": [_ROLE]},
    refuses=(NoActiveOrganization, NotMember, RoleListingNotAllowed, UnreadableRole),
)
GET_ROLE = Endpoint(
    "GET /organization/get-role",
    name="getOrgRole",
    tag=TAG,
    summary="Get a role",
    caller=Caller.SESSION,
    query=RoleQuery,
    responses={"The role": _ROLE},
    refuses=(NoActiveOrganization, NotMember, RoleReadingNotAllowed, RoleNotFound, UnreadableRole),
)
UPDATE_ROLE = Endpoint(
    "POST /organization/update-role",
    name="updateOrgRole",
    tag=TAG,
    summary="Change a role",
    caller=Caller.SESSION,
    accepts_nested=True,
    body=UpdateRoleBody,
    body_examples={
        "What it may do": {"roleName": "editor", "data": {"permission": {"team": ["create"]}}}
    },
    responses={"Changed": UpdatedRole(success=True, role_data=_ROLE)},
    refuses=(
        *(NoActiveOrganization, NotMember, RoleUpdateNotAllowed),
        *(RoleNotFound, InvalidResource, RoleNameTaken, UnreadableRole, FailedToSave),
    ),
)
