"""The endpoints of organizations, as they are declared."""

from typing import Final

from msgspec import UNSET, Struct, UnsetType

from ....auth.errors import FailedToGetSession, NobodySignedIn, NoFieldsToUpdate
from ....web.endpoint import Caller, Endpoint
from ....web.input.validation import WireBody, WireQuery
from ..errors import (
    CallerIsNotMember,
    FailedToSave,
    NotSignedInToUpdate,
    OrganizationAlreadyExists,
    OrganizationCreationNotAllowed,
    OrganizationDeletionDisabled,
    OrganizationDeletionNotAllowed,
    OrganizationNotFound,
    OrganizationUpdateNotAllowed,
    SlugAlreadyTaken,
    TooManyOrganizations,
    UserIsNotMember,
)
from ..examples import ACME, ADA_AS_MEMBER, ADAS_MEMBERSHIP, NotEmpty
from ..records import (
    CreatedOrganization,
    FullOrganization,
    Metadata,
    OrganizationDetails,
)

TAG: Final = "Organizations"
_DETAILS: Final = OrganizationDetails(
    name=ACME.name,
    slug=ACME.slug,
    logo=ACME.logo,
    created_at=ACME.created_at,
    metadata={"plan": "pro"},
    id=ACME.id,
)
_CREATED: Final = CreatedOrganization(
    name=ACME.name,
    slug=ACME.slug,
    logo=ACME.logo,
    created_at=ACME.created_at,
    metadata={"plan": "pro"},
    id=ACME.id,
    members=[ADAS_MEMBERSHIP],
)
_FULL: Final = FullOrganization(
    name=ACME.name,
    slug=ACME.slug,
    logo=ACME.logo,
    created_at=ACME.created_at,
    metadata=ACME.metadata,
    id=ACME.id,
    invitations=[],
    members=[ADA_AS_MEMBER],
)


class CreateOrganizationBody(WireBody, frozen=True):
    """The body of `/organization/create`."""

    name: NotEmpty
    slug: NotEmpty
    logo: str | UnsetType | None = UNSET
    metadata: Metadata | UnsetType = UNSET
    keep_current_active_organization: bool | UnsetType = UNSET


class OrganizationChanges(Struct, frozen=True, kw_only=True):
    """The fields of an organization that are to change."""

    name: NotEmpty | UnsetType = UNSET
    slug: NotEmpty | UnsetType = UNSET
    logo: str | UnsetType | None = UNSET
    metadata: Metadata | UnsetType = UNSET


class UpdateOrganizationBody(WireBody, frozen=True):
    """The body of `/organization/update`."""

    data: OrganizationChanges
    organization_id: str | UnsetType = UNSET


class DeleteOrganizationBody(WireBody, frozen=True):
    """The body of `/organization/delete`."""

    organization_id: str


class SetActiveBody(WireBody, frozen=True):
    """Null takes the active organization away."""

    organization_id: str | UnsetType | None = UNSET
    organization_slug: str | UnsetType = UNSET


class CheckSlugBody(WireBody, frozen=True):
    """The body of `/organization/check-slug`."""

    slug: str


class OrganizationQuery(WireQuery, frozen=True):
    """Which organization: without any the active one."""

    organization_id: str | UnsetType = UNSET
    organization_slug: str | UnsetType = UNSET


class FullOrganizationQuery(OrganizationQuery, frozen=True):
    """`membersLimit` is how many members are listed, by default 100."""

    members_limit: str | UnsetType = UNSET


class SlugStatus(Struct, frozen=True):
    """The slug is free."""

    status: bool


CREATE = Endpoint(
    "POST /organization/create",
    name="createOrganization",
    tag=TAG,
    summary="Create an organization",
    caller=Caller.SESSION,
    unauthorized=NobodySignedIn,
    body=CreateOrganizationBody,
    body_examples={"An organization": {"name": "Acme", "slug": "acme"}},
    responses={"Created": _CREATED},
    refuses=(
        OrganizationCreationNotAllowed,
        TooManyOrganizations,
        OrganizationAlreadyExists,
        FailedToSave,
    ),
)
UPDATE = Endpoint(
    "POST /organization/update",
    name="updateOrganization",
    tag=TAG,
    summary="Change an organization",
    caller=Caller.SESSION,
    unauthorized=NotSignedInToUpdate,
    body=UpdateOrganizationBody,
    body_examples={"A name": {"data": {"name": "Acme Inc."}}},
    accepts_nested=True,
    responses={"Changed": _DETAILS},
    refuses=(
        OrganizationNotFound,
        UserIsNotMember,
        OrganizationUpdateNotAllowed,
        SlugAlreadyTaken,
        NoFieldsToUpdate,
        FailedToSave,
    ),
)
DELETE = Endpoint(
    "POST /organization/delete",
    name="deleteOrganization",
    tag=TAG,
    summary="Delete an organization",
    caller=Caller.SESSION,
    unauthorized=NobodySignedIn,
    body=DeleteOrganizationBody,
    body_examples={"Acme": {"organizationId": ACME.id}},
    responses={"Deleted": ACME},
    refuses=(
        OrganizationDeletionDisabled,
        OrganizationNotFound,
        UserIsNotMember,
        OrganizationDeletionNotAllowed,
    ),
)
SET_ACTIVE = Endpoint(
    "POST /organization/set-active",
    name="setActiveOrganization",
    tag=TAG,
    summary="Choose my active organization",
    caller=Caller.SESSION,
    body=SetActiveBody,
    body_examples={"Acme": {"organizationSlug": "acme"}, "None": {"organizationId": None}},
    responses={"Active": ACME, "None is active": None},
    refuses=(OrganizationNotFound, CallerIsNotMember, FailedToGetSession),
)
GET = Endpoint(
    "GET /organization/get-organization",
    name="getOrganization",
    tag=TAG,
    summary="Get an organization",
    caller=Caller.SESSION,
    query=OrganizationQuery,
    responses={"The organization": ACME, "None is active": None},
    refuses=(OrganizationNotFound, CallerIsNotMember),
)
GET_FULL = Endpoint(
    "GET /organization/get-full-organization",
    name="getFullOrganization",
    tag=TAG,
    summary="Get an organization with members and invitations",
    caller=Caller.SESSION,
    query=FullOrganizationQuery,
    responses={"The organization": _FULL, "None is active": None},
    refuses=(OrganizationNotFound, CallerIsNotMember),
)
LIST = Endpoint(
    "GET /organization/list",
    name="listOrganizations",
    tag=TAG,
    summary="List my organizations",
    caller=Caller.SESSION,
    responses={"The organizations": [ACME]},
)
CHECK_SLUG = Endpoint(
    "POST /organization/check-slug",
    name="checkOrganizationSlug",
    tag=TAG,
    summary="Check whether a slug is free",
    caller=Caller.SESSION,
    body=CheckSlugBody,
    body_examples={"A slug": {"slug": "acme"}},
    responses={"It is free": SlugStatus(status=True)},
    refuses=(SlugAlreadyTaken,),
)
