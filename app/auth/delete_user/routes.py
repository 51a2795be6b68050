"""/delete-user and /delete-user/callback."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from ...web.endpoint import Caller, Endpoint, Route
from ...web.http.response import JsonResponse, Redirect, Response
from ...web.input.validation import WireBody, WireQuery
from ..errors import (
    CredentialAccountNotFound,
    DeleteUserDisabled,
    DeletionDisabled,
    FailedToDeleteUser,
    FailedToGetUserInfo,
    HashingOverloaded,
    InvalidDeletionToken,
    InvalidPassword,
    PasswordTooLong,
    SessionExpired,
)
from ..sessions.guard import Guard, SignedInRequest
from .delete_user import Deletion, DeletionRequest, Outcome

_ANY_TOKEN = "3x1cqldhrgus9k61e2cxc1h6nte0nxev"  # noqa: S105 - of nobody


class DeleteUserBody(WireBody, frozen=True):
    """The body of `/delete-user`."""

    callback_url: Annotated[str, Meta(description="The page after the deletion.")] | UnsetType = (
        field(default=UNSET, name="callbackURL")
    )
    password: Annotated[str, Meta(examples=["correct horse battery"])] | UnsetType = UNSET
    token: Annotated[str, Meta(description="The token of the mailed link.")] | UnsetType = UNSET


class DeletionLinkQuery(WireQuery, frozen=True):
    """The query of a mailed deletion link."""

    token: Annotated[str, Meta(description="The token of the mailed link.", examples=[_ANY_TOKEN])]
    callback_url: (
        Annotated[str, Meta(description="Where to go next: a path, or a trusted URL.")] | UnsetType
    ) = field(default=UNSET, name="callbackURL")


class Deleted(Struct, frozen=True):
    success: Literal[True]
    message: Literal["User deleted", "Verification email sent"]


DELETED = Deleted(success=True, message="User deleted")
MAILED = Deleted(success=True, message="Verification email sent")

DELETE_USER = Endpoint(
    "POST /delete-user",
    name="deleteUser",
    tag="Users",
    summary="Delete the account",
    caller=Caller.STORED,
    body=DeleteUserBody,
    body_examples={"With the password": {"password": "correct horse battery"}},
    responses={"Deleted": DELETED, "A link was mailed": MAILED},
    refuses=(
        DeleteUserDisabled,
        PasswordTooLong,
        CredentialAccountNotFound,
        InvalidPassword,
        InvalidDeletionToken,
        SessionExpired,
        FailedToDeleteUser,
        HashingOverloaded,
    ),
)
OPEN_DELETION_LINK = Endpoint(
    "GET /delete-user/callback",
    name="openDeletionLink",
    tag="Users",
    summary="Open a mailed link",
    caller=Caller.STORED,
    unauthorized=FailedToGetUserInfo,
    query=DeletionLinkQuery,
    checks_callback_url=True,
    redirects=True,
    responses={"Deleted": DELETED},
    refuses=(DeletionDisabled, InvalidDeletionToken, FailedToDeleteUser),
)


class DeletionRoutes:
    """HTTP for `Deletion`, which is None where `user.deleteUser` is not enabled."""

    def __init__(self, deletion: Deletion | None, guard: Guard) -> None:
        self._deletion = deletion
        self._guard = guard

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        link = OPEN_DELETION_LINK.with_handler(
            self.open_deletion_link, self._guard, before=self._refuse_disabled
        )
        return [DELETE_USER.with_handler(self.delete_user, self._guard), link]

    async def delete_user(self, request: SignedInRequest[DeleteUserBody]) -> JsonResponse[Deleted]:
        """Delete the caller's account, or mail them the link that does.

        Without a mail it takes the password or a fresh session. The answer takes the
        session cookie back.
        """
        if self._deletion is None:
            raise DeleteUserDisabled
        body = request.body
        deletion = DeletionRequest(body.password or "", body.token or "", body.callback_url or "")
        outcome = await self._deletion.ask(request.caller, deletion, request.client, request.now)
        if outcome is Outcome.MAILED:
            return JsonResponse(MAILED)
        request.caller_headers = self._guard.expire_cookies(request.headers)
        return JsonResponse(DELETED)

    async def open_deletion_link(
        self, request: SignedInRequest[None, DeletionLinkQuery]
    ) -> Response[Deleted]:
        """Where the mailed link leads: deletes the account of the caller, who must be signed in.

        It then goes on to the `callbackURL`, if there is one.
        """
        assert self._deletion is not None
        await self._deletion.confirm(request.caller, request.query.token, request.now)
        request.caller_headers = self._guard.expire_cookies(request.headers)
        url = request.query.callback_url
        return Redirect(url) if url else JsonResponse(DELETED)

    def _refuse_disabled(self) -> None:
        if self._deletion is None:
            raise DeletionDisabled
