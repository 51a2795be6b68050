"""HTTP for codes by mail."""

from collections.abc import Mapping
from dataclasses import replace

from msgspec import UNSET, Struct

from ...auth.additional_input import collect_new_values
from ...auth.errors import InvalidEmail
from ...auth.sessions.guard import SignedInRequest
from ...auth.users.emails import is_email
from ...web.endpoint import AnyApiRequest, ApiRequest, Route
from ...web.http.response import JsonResponse
from ...web.rate_rule import Rule
from ..plugin import Services
from .change_email import CodeEmailChange
from .codes import CodeType
from .endpoints import (
    CHANGE,
    CHECK,
    FORGET_PASSWORD,
    REQUEST_CHANGE,
    REQUEST_RESET,
    RESET,
    SEND,
    SIGN_IN_EMAIL_OTP,
    SUCCESS,
    VERIFY_EMAIL_OTP,
    OtpChangeBody,
    OtpChangeRequestBody,
    OtpCheckBody,
    OtpResetBody,
    OtpResetRequestBody,
    OtpSendBody,
    OtpSignedIn,
    OtpSignInBody,
    OtpSuccess,
    OtpVerified,
    OtpVerifyBody,
)
from .errors import InvalidOtpType
from .requests import CodeRequests
from .reset import CodeReset
from .sign_in import CodeSignIn
from .verification import CodeVerification


class CodeUses(Struct, frozen=True):
    """What codes are for."""

    requests: CodeRequests
    sign_in: CodeSignIn
    verification: CodeVerification
    reset: CodeReset
    change: CodeEmailChange


class EmailOtpRoutes:
    """HTTP for `CodeUses`."""

    def __init__(self, services: Services, uses: CodeUses, rule: Rule) -> None:
        self._guard = services.guard
        self._additional = services.user_creation.additional
        self._uses = uses
        self._rule = rule

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        rule, guard = self._rule, self._guard
        return [
            replace(SEND, rate_rule=rule).with_handler(self.send),
            replace(CHECK, rate_rule=rule).with_handler(self.check),
            replace(VERIFY_EMAIL_OTP, rate_rule=rule).with_handler(self.verify_email),
            replace(SIGN_IN_EMAIL_OTP, rate_rule=rule).with_handler(self.sign_in),
            replace(REQUEST_RESET, rate_rule=rule).with_handler(self.request_reset),
            replace(FORGET_PASSWORD, rate_rule=rule).with_handler(self.request_reset),
            replace(RESET, rate_rule=rule).with_handler(self.reset),
            replace(REQUEST_CHANGE, rate_rule=rule).with_handler(self.request_change, guard),
            replace(CHANGE, rate_rule=rule).with_handler(self.change, guard),
        ]

    async def send(self, request: ApiRequest[OtpSendBody]) -> JsonResponse[OtpSuccess]:
        """Mail a code; the answer, and its time, are the same for any address."""
        email = _read_address(request.body.email)
        kind = CodeType(request.body.type)
        if kind is CodeType.CHANGE:
            raise InvalidOtpType
        await self._uses.requests.send(kind, email, request.now)
        return JsonResponse(SUCCESS)

    async def check(self, request: ApiRequest[OtpCheckBody]) -> JsonResponse[OtpSuccess]:
        """Say whether a code is right. It stays valid; a wrong one counts."""
        body, email = request.body, _read_address(request.body.email)
        await self._uses.verification.check(CodeType(body.type), email, body.otp, request.now)
        return JsonResponse(SUCCESS)

    async def verify_email(self, request: ApiRequest[OtpVerifyBody]) -> JsonResponse[OtpVerified]:
        """Verify an address with a code, and sign in if the settings say so."""
        email = _read_address(request.body.email)
        verification = self._uses.verification
        user, session, headers = await verification.verify(email, request.body.otp, request)
        token = None if session is None else session.token
        return JsonResponse(OtpVerified(status=True, token=token, user=user), headers)

    async def sign_in(self, request: ApiRequest[OtpSignInBody]) -> JsonResponse[OtpSignedIn]:
        """Start a session with a code, for a new user if nobody has the address.

        The address counts as verified. Of an account whose address nobody had verified, passwords,
        linked accounts and sessions from before end.
        """
        email = request.body.email.lower()
        entered = await self._uses.sign_in.enter(
            email, request.body.otp, lambda: self._describe(request), request.context, request.now
        )
        headers = await self._guard.give(entered.session, entered.user, request)
        return JsonResponse(OtpSignedIn(entered.session.token, entered.user), headers)

    def _describe(self, request: AnyApiRequest) -> Mapping[str, object]:
        """Returns the fields of a new user. Raises FieldNotAllowed, MissingField."""
        body = request.body
        named = request.read_fields(field.name for field in self._additional)
        image = None if body.image is UNSET else body.image
        return {
            "name": body.name or "",
            "image": image,
            **collect_new_values(self._additional, named),
        }

    async def request_reset(
        self, request: ApiRequest[OtpResetRequestBody]
    ) -> JsonResponse[OtpSuccess]:
        """Mail a code to choose a new password with; the answer is the same for any address."""
        email = _read_address(request.body.email)
        await self._uses.requests.send(CodeType.RESET, email, request.now)
        return JsonResponse(SUCCESS)

    async def reset(self, request: ApiRequest[OtpResetBody]) -> JsonResponse[OtpSuccess]:
        """Set a new password with a code, which is then used up. The address counts as verified."""
        body, email = request.body, _read_address(request.body.email)
        await self._uses.reset.choose(
            email, body.otp, body.password, request.client.ip, request.now
        )
        return JsonResponse(SUCCESS)

    async def request_change(
        self, request: SignedInRequest[OtpChangeRequestBody]
    ) -> JsonResponse[OtpSuccess]:
        """Mail a code to a new address; the answer is the same whether somebody has it or not."""
        body, user = request.body, request.caller.user
        code = None if body.otp is UNSET else body.otp
        await self._uses.change.request(user, body.new_email, code, request.now)
        return JsonResponse(SUCCESS)

    async def change(self, request: SignedInRequest[OtpChangeBody]) -> JsonResponse[OtpSuccess]:
        """Change the address to the one that got the code."""
        caller, body, now = request.caller, request.body, request.now
        user = await self._uses.change.change(caller.user, body.new_email, body.otp, now)
        issued = await self._guard.reissue_cookies(caller.session, user, request.headers, now)
        return JsonResponse(SUCCESS, issued)


def _read_address(text: str) -> str:
    """Returns the address in lower case. Raises InvalidEmail."""
    email = text.lower()
    if not is_email(email):
        raise InvalidEmail
    return email
