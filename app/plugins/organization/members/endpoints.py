"""The endpoints of members, as they are declared."""

from collections.abc import Iterable
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from ....models.additional_fields import Json
from ....web.endpoint import Caller, Endpoint
from ....web.input.validation import WireBody, WireQuery
from ..errors import (
    FailedToSave,
    MemberDeletionNotAllowed,
    MemberNotFound,
    MemberUpdateNotAllowed,
    NoActiveOrganization,
    NotMember,
    OnlyOwner,
    OrganizationNotFound,
    PermissionOfNoMember,
    RoleMissing,
    UnknownRoles,
    UnusableFilter,
    WithoutOwner,
)
from ..examples import ACME, ADA_AS_MEMBER, ADAS_MEMBERSHIP
from ..records import Member, MemberWithUser

TAG: Final = "Organization members"
_OPERATORS: Final = (
    *("eq", "ne", "lt", "lte", "gt", "gte", "in", "not_in"),
    *("contains", "starts_with", "ends_with"),
)
_OTHER_OPERATOR: Final = "Invalid option: expected one of " + "|".join(
    f'"{operator}"' for operator in _OPERATORS
)
# A Literal would lose the order, in which Zod lists them.
Operator = Annotated[
    str,
    Meta(
        pattern=f"^({'|'.join(_OPERATORS)})$",
        extra={"refusal": _OTHER_OPERATOR, "mismatch": _OTHER_OPERATOR},
    ),
]
RoleText = Annotated[
    str | list[str], Meta(description="Names of roles: a list, or a text with commas.")
]


Number = Annotated[str, Meta(extra={"mismatch": "Invalid input"})]


class RemoveMemberBody(WireBody, frozen=True):
    """The body of `/organization/remove-member`."""

    member_id_or_email: str
    organization_id: str | UnsetType = UNSET


class UpdateMemberRoleBody(WireBody, frozen=True):
    """The body of `/organization/update-member-role`."""

    role: RoleText
    member_id: str
    organization_id: str | UnsetType = UNSET


class LeaveBody(WireBody, frozen=True):
    """The body of `/organization/leave`."""

    organization_id: str


class HasPermissionBody(WireBody, frozen=True):
    """Either `permissions`, or `permission`, which is outdated and never granted."""

    organization_id: str | UnsetType = UNSET
    # Checked below: the original says of neither what is wrong with it.
    permissions: Annotated[object, Meta(extra_json_schema={"type": "object"})] = UNSET
    permission: Annotated[object, Meta(extra_json_schema={"type": "object"})] = UNSET

    @classmethod
    def find_more_failures(cls, received: Json | UnsetType) -> Iterable[str]:
        """Returns a line if there is not exactly one valid object of permissions."""
        fields = received if isinstance(received, dict) else {}
        valid = [name for name in ("permission", "permissions") if _is_valid(fields.get(name))]
        if len(valid) > 1:
            yield "[body] Invalid input: more than one option matched"
        elif not valid:
            yield "[body] Invalid input"


def _is_valid(value: Json) -> bool:
    return isinstance(value, dict) and all(
        isinstance(actions, list) and all(isinstance(action, str) for action in actions)
        for actions in value.values()
    )


class MembersQuery(WireQuery, frozen=True):
    """`filterField` and `sortBy` are fields of a member. A value may be repeated for `in`."""

    limit: Number | UnsetType = UNSET
    offset: Number | UnsetType = UNSET
    sort_by: str | UnsetType = UNSET
    sort_direction: Literal["asc", "desc"] | UnsetType = UNSET
    filter_field: str | UnsetType = UNSET
    filter_value: str | list[str] | UnsetType = UNSET
    filter_operator: Operator | UnsetType = UNSET
    organization_id: str | UnsetType = UNSET
    organization_slug: str | UnsetType = UNSET


class MemberRoleQuery(WireQuery, frozen=True):
    """Whose role: without `userId` that of the caller."""

    user_id: str | UnsetType = UNSET
    organization_id: str | UnsetType = UNSET
    organization_slug: str | UnsetType = UNSET


class RemovedMember(Struct, frozen=True):
    """The response of `/organization/remove-member`. A member named by address has its user."""

    member: Member


class MemberRole(Struct, frozen=True):
    """The names of roles, with commas."""

    role: str


class MemberList(Struct, frozen=True):
    """`total` counts the members that fit the filter, also those that are not listed."""

    members: list[MemberWithUser]
    total: int


class PermissionResult(Struct, frozen=True):
    """Whether the caller has the permissions."""

    error: None
    success: bool


REMOVE = Endpoint(
    "POST /organization/remove-member",
    name="removeMember",
    tag=TAG,
    summary="Remove a member",
    caller=Caller.SESSION,
    body=RemoveMemberBody,
    body_examples={"By address": {"memberIdOrEmail": "ada@example.com"}},
    responses={"Removed": RemovedMember(ADAS_MEMBERSHIP)},
    refuses=(
        NoActiveOrganization,
        MemberNotFound,
        OnlyOwner,
        MemberDeletionNotAllowed,
        OrganizationNotFound,
    ),
)
UPDATE_ROLE = Endpoint(
    "POST /organization/update-member-role",
    name="updateMemberRole",
    tag=TAG,
    summary="Change the role of a member",
    caller=Caller.SESSION,
    accepts_nested=True,
    body=UpdateMemberRoleBody,
    body_examples={"An admin": {"memberId": ADAS_MEMBERSHIP.id, "role": "admin"}},
    responses={"Changed": ADAS_MEMBERSHIP},
    refuses=(
        RoleMissing,
        NoActiveOrganization,
        MemberNotFound,
        MemberUpdateNotAllowed,
        WithoutOwner,
        UnknownRoles,
        OrganizationNotFound,
        FailedToSave,
    ),
)
LEAVE = Endpoint(
    "POST /organization/leave",
    name="leaveOrganization",
    tag=TAG,
    summary="Leave an organization",
    caller=Caller.SESSION,
    body=LeaveBody,
    body_examples={"Acme": {"organizationId": ACME.id}},
    responses={"Left": ADA_AS_MEMBER},
    refuses=(MemberNotFound, OnlyOwner),
)
ACTIVE_MEMBER = Endpoint(
    "GET /organization/get-active-member",
    name="getActiveMember",
    tag=TAG,
    summary="Get my membership in the active organization",
    caller=Caller.SESSION,
    responses={"The membership": ADA_AS_MEMBER},
    refuses=(NoActiveOrganization, MemberNotFound),
)
ACTIVE_MEMBER_ROLE = Endpoint(
    "GET /organization/get-active-member-role",
    name="getActiveMemberRole",
    tag=TAG,
    summary="Get the role of a member",
    caller=Caller.SESSION,
    query=MemberRoleQuery,
    responses={"The role": MemberRole("owner")},
    refuses=(OrganizationNotFound, NoActiveOrganization, NotMember),
)
LIST_MEMBERS = Endpoint(
    "GET /organization/list-members",
    name="listMembers",
    tag=TAG,
    summary="List the members of an organization",
    caller=Caller.SESSION,
    query=MembersQuery,
    responses={"The members": MemberList([ADA_AS_MEMBER], 1)},
    refuses=(OrganizationNotFound, NoActiveOrganization, NotMember, UnusableFilter),
)
HAS_PERMISSION = Endpoint(
    "POST /organization/has-permission",
    name="hasPermission",
    tag=TAG,
    summary="Check what I may do",
    caller=Caller.SESSION,
    accepts_nested=True,
    body=HasPermissionBody,
    body_examples={"To invite": {"permissions": {"invitation": ["create"]}}},
    responses={"Whether": PermissionResult(error=None, success=True)},
    refuses=(NoActiveOrganization, PermissionOfNoMember),
)
