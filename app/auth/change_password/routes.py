"""/change-password and /verify-password."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from ...models.records import ADA, ADAS_SESSION, User
from ...web.endpoint import Caller, Endpoint, Route
from ...web.http.response import JsonResponse
from ...web.input.validation import WireBody
from ..errors import (
    CredentialAccountNotFound,
    HashingOverloaded,
    InvalidPassword,
    PasswordTooLong,
    PasswordTooShort,
    UserDisabled,
)
from ..sessions.guard import Guard, SignedInRequest
from .change_password import PasswordChange, PasswordChangeRequest


class ChangePasswordBody(WireBody, frozen=True):
    """The body of `/change-password`."""

    new_password: Annotated[str, Meta(examples=["a better horse battery"])]
    current_password: Annotated[str, Meta(examples=["correct horse battery"])]
    revoke_other_sessions: (
        Annotated[bool, Meta(description="End every session, and start a new one.")] | UnsetType
    ) = UNSET


class VerifyPasswordBody(WireBody, frozen=True):
    """The body of `/verify-password`."""

    password: Annotated[str, Meta(examples=["correct horse battery"])]


class ChangedView(Struct, frozen=True):
    """`token` is that of the new session; null where the old one goes on."""

    token: str | None
    user: User


class PasswordVerified(Struct, frozen=True):
    status: Literal[True]


VERIFIED = PasswordVerified(status=True)
_CHANGE = {"newPassword": "a better horse battery", "currentPassword": "correct horse battery"}

CHANGE_PASSWORD = Endpoint(
    "POST /change-password",
    name="changePassword",
    tag="Users",
    summary="Change my password",
    caller=Caller.STORED,
    body=ChangePasswordBody,
    body_examples={"A new one": _CHANGE},
    responses={
        "Changed": ChangedView(None, ADA),
        "Changed, and the sessions ended": ChangedView(ADAS_SESSION.token, ADA),
    },
    refuses=(
        PasswordTooShort,
        PasswordTooLong,
        CredentialAccountNotFound,
        InvalidPassword,
        HashingOverloaded,
        UserDisabled,
    ),
)
VERIFY_PASSWORD = Endpoint(
    "POST /verify-password",
    name="verifyPassword",
    tag="Users",
    summary="Check my password",
    caller=Caller.STORED,
    body=VerifyPasswordBody,
    body_examples={"Mine": {"password": "correct horse battery"}},
    responses={"It is": VERIFIED},
    refuses=(PasswordTooLong, InvalidPassword, HashingOverloaded),
)


class PasswordRoutes:
    """HTTP for `PasswordChange`."""

    def __init__(self, guard: Guard, password: PasswordChange) -> None:
        self._guard = guard
        self._password = password

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        return [
            CHANGE_PASSWORD.with_handler(self.change_password, self._guard),
            VERIFY_PASSWORD.with_handler(self.verify_password, self._guard),
        ]

    async def change_password(
        self, request: SignedInRequest[ChangePasswordBody]
    ) -> JsonResponse[ChangedView]:
        """Change the caller's password; the current one must be given.

        With `revokeOtherSessions` all sessions end and the answer sets the cookie of a new one.
        """
        body, user, now = request.body, request.caller.user, request.now
        revoke = body.revoke_other_sessions is True
        change = PasswordChangeRequest(body.new_password, body.current_password, revoke=revoke)
        session = await self._password.change(user, change, request.client, now)
        if session is None:
            return JsonResponse(ChangedView(None, user))
        issued = await self._guard.reissue_cookies(session, user, request.headers, now)
        return JsonResponse(ChangedView(session.token, user), issued)

    async def verify_password(
        self, request: SignedInRequest[VerifyPasswordBody]
    ) -> JsonResponse[PasswordVerified]:
        """Say whether this is the caller's password; a wrong one is a refusal."""
        user, password = request.caller.user, request.body.password
        await self._password.verify(user, password, request.client)
        return JsonResponse(VERIFIED)
