"""HTTP for the endpoints below `/two-factor`."""

from dataclasses import replace

from msgspec import UNSET, UnsetType

from ...auth.sessions.guard import SignedInRequest
from ...web.endpoint import A, ApiRequest, B, Endpoint, Route
from ...web.http.response import JsonResponse
from .bodies import (
    EnabledView,
    FactorDone,
    FactorVerifiedView,
    NewCodesView,
    PasswordlessBody,
    PasswordlessEnableBody,
    SendCodeBody,
    TotpUriView,
    VerifyBackupCodeBody,
    VerifyCodeBody,
)
from .endpoints import (
    DISABLE,
    DONE,
    ENABLE,
    GENERATE_CODES,
    GET_URI,
    SEND_OTP,
    VERIFY_BACKUP_CODE,
    VERIFY_OTP,
    VERIFY_TOTP,
    AnyEnableBody,
    AnyPasswordBody,
)
from .enrollment import Enrollment
from .errors import OtpNotConfigured, TotpNotConfigured
from .second_factor import SecondFactor
from .verification import Verification


class TwoFactorRoutes:
    """HTTP for `Enrollment` and `Verification`."""

    def __init__(self, second_factor: SecondFactor) -> None:
        self._own = second_factor
        self._enrollment = Enrollment(second_factor)
        self._verification = Verification(second_factor)

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        guard, options = self._own.services.guard, self._own.options
        allowed = options.allow_passwordless
        of_totp = options.totp_options.allow_passwordless
        of_codes = options.backup_code_options.allow_passwordless
        enable = replace(ENABLE, body=PasswordlessEnableBody) if allowed else ENABLE
        get_uri = _allow_passwordless(GET_URI, allowed=allowed if of_totp is None else of_totp)
        generate = _allow_passwordless(
            GENERATE_CODES, allowed=allowed if of_codes is None else of_codes
        )
        return [
            enable.with_handler(self.enable, guard),
            _allow_passwordless(DISABLE, allowed=allowed).with_handler(self.disable, guard),
            get_uri.with_handler(self.get_uri, guard),
            generate.with_handler(self.generate_codes, guard),
            VERIFY_TOTP.with_handler(self.verify_totp, before=self._refuse_totp),
            SEND_OTP.with_handler(self.send_otp, before=self._refuse_otp),
            VERIFY_OTP.with_handler(self.verify_otp),
            VERIFY_BACKUP_CODE.with_handler(self.verify_backup_code),
        ]

    def _refuse_totp(self) -> None:
        if self._own.options.totp_options.disable:
            raise TotpNotConfigured

    def _refuse_otp(self) -> None:
        if not self._own.sends_codes:
            raise OtpNotConfigured

    async def enable(self, request: SignedInRequest[AnyEnableBody]) -> JsonResponse[EnabledView]:
        """Store a new secret for an app, or ask for codes by mail from now on.

        A secret counts as soon as `/two-factor/verify-totp` has seen a code of it.
        """
        body, caller = request.body, request.caller
        await self._check_password(request, body.password)
        if body.method == "otp":
            headers = await self._enrollment.enable_mailed_codes(request, caller)
            return JsonResponse(EnabledView("otp"), headers)
        issuer = None if body.issuer is UNSET else body.issuer
        uri, codes, headers = await self._enrollment.enable_app(request, caller, issuer)
        return JsonResponse(EnabledView("totp", uri, codes), headers)

    async def disable(self, request: SignedInRequest[AnyPasswordBody]) -> JsonResponse[FactorDone]:
        """Delete secret and backup codes; sign-in asks for the password alone."""
        await self._check_password(request, request.body.password)
        return JsonResponse(DONE, await self._enrollment.disable(request, request.caller))

    async def get_uri(self, request: SignedInRequest[AnyPasswordBody]) -> JsonResponse[TotpUriView]:
        """Show the QR code once more, for another app."""
        self._refuse_totp()
        password = _read_password(request.body.password)
        uri = await self._enrollment.make_uri(request, request.caller.user, password)
        return JsonResponse(TotpUriView(uri))

    async def generate_codes(
        self, request: SignedInRequest[AnyPasswordBody]
    ) -> JsonResponse[NewCodesView]:
        """Make new backup codes; the old ones are void."""
        password = _read_password(request.body.password)
        codes = await self._enrollment.replace_codes(request, request.caller.user, password)
        return JsonResponse(NewCodesView(status=True, backup_codes=codes))

    async def verify_totp(
        self, request: ApiRequest[VerifyCodeBody]
    ) -> JsonResponse[FactorVerifiedView]:
        """Complete a sign-in with a code of an app, or enable the app. No code is good twice."""
        done = await self._verification.verify_app_code(request, request.body)
        return JsonResponse(done.view, done.headers)

    async def send_otp(self, request: ApiRequest[SendCodeBody]) -> JsonResponse[FactorDone]:
        """Mail a code to the user who signs in, or is signed in."""
        await self._verification.send_code(request)
        return JsonResponse(DONE)

    async def verify_otp(
        self, request: ApiRequest[VerifyCodeBody]
    ) -> JsonResponse[FactorVerifiedView]:
        """Complete a sign-in with a mailed code, or enable codes by mail."""
        done = await self._verification.verify_mailed_code(request, request.body)
        return JsonResponse(done.view, done.headers)

    async def verify_backup_code(
        self, request: ApiRequest[VerifyBackupCodeBody]
    ) -> JsonResponse[FactorVerifiedView]:
        """Complete a sign-in with a backup code. It is used up then."""
        done = await self._verification.verify_backup_code(request, request.body)
        return JsonResponse(done.view, done.headers)

    async def _check_password(self, request: SignedInRequest[B], password: str | UnsetType) -> None:
        passwordless = self._own.options.allow_passwordless
        await self._enrollment.check_password(
            request, request.caller.user, _read_password(password), passwordless=passwordless
        )


def _allow_passwordless(
    endpoint: Endpoint[A, AnyPasswordBody], *, allowed: bool
) -> Endpoint[A, AnyPasswordBody]:
    """Returns the endpoint; where it is allowed, the body may be without a password."""
    return replace(endpoint, body=PasswordlessBody) if allowed else endpoint


def _read_password(password: str | UnsetType) -> str | None:
    return None if password is UNSET else password
