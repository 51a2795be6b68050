"""The endpoints below `/two-factor`, as they are declared."""

from typing import Final

from ...auth.errors import HashingOverloaded, InvalidPassword, PasswordTooLong, UserDisabled
from ...models.records import ADA, ADAS_SESSION
from ...web.endpoint import COOKIES, Caller, Endpoint
from ...web.rate_rule import Rule
from .bodies import (
    EnableBody,
    EnabledView,
    FactorDone,
    FactorPasswordBody,
    FactorVerifiedView,
    NewCodesView,
    PasswordlessBody,
    PasswordlessEnableBody,
    SendCodeBody,
    TotpUriView,
    VerifyBackupCodeBody,
    VerifyCodeBody,
)
from .errors import (
    AccountTemporarilyLocked,
    BackupCodesChanged,
    BackupCodesNotEnabled,
    InvalidBackupCode,
    InvalidCode,
    InvalidTwoFactorCookie,
    OtpHasExpired,
    OtpNotConfigured,
    OtpNotOffered,
    SecondFactorUnreadable,
    SessionNotCreated,
    TooManyCodes,
    TotpAlreadyEnabled,
    TotpNotConfigured,
    TotpNotEnabled,
    TotpNotOffered,
    TwoFactorNotEnabled,
)

TAG: Final = "Second factor"
_RATE: Final = Rule(window=10, max=3)
_PASSWORD: Final = (InvalidPassword, PasswordTooLong, HashingOverloaded)
_SIGN_IN: Final = (
    InvalidTwoFactorCookie,
    TooManyCodes,
    AccountTemporarilyLocked,
    UserDisabled,
)
DONE: Final = FactorDone(status=True)
_URI: Final = (
    "otpauth://totp/Better%20Auth:ada%40example.com?secret=NBHXC5TZMI3TAMTWMRZHUTLZM5LWSQTG"
    "MFGVCRJUJZEDO6LDJFBA&issuer=Better+Auth&digits=6&period=30"
)
_CODES: Final = ["Ab3dE-fG7hJ", "k9LmN-0pQrS"]
_SESSION: Final = FactorVerifiedView(token=ADAS_SESSION.token, user=ADA)
_MINE: Final = {"Mine": {"password": "correct horse battery"}}
_CODE: Final = {"A code": {"code": "012345"}, "And trust": {"code": "012345", "trustDevice": True}}

AnyEnableBody = EnableBody | PasswordlessEnableBody
AnyPasswordBody = FactorPasswordBody | PasswordlessBody

ENABLE: Endpoint[EnabledView, AnyEnableBody] = Endpoint(
    "POST /two-factor/enable",
    name="enableTwoFactor",
    tag=TAG,
    summary="Enable a second factor",
    caller=Caller.STORED,
    body=EnableBody,
    body_examples={**_MINE, "Codes by mail": {**_MINE["Mine"], "method": "otp"}},
    responses={
        "An app: show the QR code, then verify a code": EnabledView("totp", _URI, _CODES),
        "Codes by mail": EnabledView("otp"),
    },
    refuses=(*_PASSWORD, OtpNotOffered, TotpNotOffered, TotpAlreadyEnabled),
    rate_rule=_RATE,
)
DISABLE: Endpoint[FactorDone, AnyPasswordBody] = Endpoint(
    "POST /two-factor/disable",
    name="disableTwoFactor",
    tag=TAG,
    summary="Disable the second factor",
    caller=Caller.STORED,
    body=FactorPasswordBody,
    body_examples=_MINE,
    responses={"Disabled": DONE},
    refuses=_PASSWORD,
    rate_rule=_RATE,
)
GET_URI: Endpoint[TotpUriView, AnyPasswordBody] = Endpoint(
    "POST /two-factor/get-totp-uri",
    name="getTOTPURI",
    tag=TAG,
    summary="Get the QR code's URI again",
    caller=Caller.SESSION,
    body=FactorPasswordBody,
    body_examples=_MINE,
    responses={"The URI": TotpUriView(_URI)},
    refuses=(*_PASSWORD, TotpNotConfigured, TotpNotEnabled, SecondFactorUnreadable),
    rate_rule=_RATE,
)
GENERATE_CODES: Endpoint[NewCodesView, AnyPasswordBody] = Endpoint(
    "POST /two-factor/generate-backup-codes",
    name="generateBackupCodes",
    tag=TAG,
    summary="Replace the backup codes",
    caller=Caller.SESSION,
    body=FactorPasswordBody,
    body_examples=_MINE,
    responses={"New codes": NewCodesView(status=True, backup_codes=_CODES)},
    refuses=(*_PASSWORD, TwoFactorNotEnabled),
    rate_rule=_RATE,
)
VERIFY_TOTP = Endpoint(
    "POST /two-factor/verify-totp",
    name="verifyTOTP",
    tag=TAG,
    summary="Verify a code of an app",
    caller=Caller.HANDLER,
    headers=COOKIES,
    body=VerifyCodeBody,
    body_examples=_CODE,
    responses={"Signed in, or confirmed": _SESSION},
    refuses=(*_SIGN_IN, TotpNotConfigured, TotpNotEnabled, InvalidCode, SecondFactorUnreadable),
    rate_rule=_RATE,
)
SEND_OTP = Endpoint(
    "POST /two-factor/send-otp",
    name="sendTwoFactorOTP",
    tag=TAG,
    summary="Mail a code",
    caller=Caller.HANDLER,
    headers=COOKIES,
    body=SendCodeBody,
    body_examples={"No fields": {}},
    is_body_optional=True,
    responses={"Sent": DONE},
    refuses=(OtpNotConfigured, InvalidTwoFactorCookie),
    rate_rule=_RATE,
)
VERIFY_OTP = Endpoint(
    "POST /two-factor/verify-otp",
    name="verifyTwoFactorOTP",
    tag=TAG,
    summary="Verify a mailed code",
    caller=Caller.HANDLER,
    headers=COOKIES,
    body=VerifyCodeBody,
    body_examples=_CODE,
    responses={"Signed in, or confirmed": _SESSION},
    refuses=(*_SIGN_IN, OtpHasExpired, InvalidCode, SessionNotCreated),
    rate_rule=_RATE,
)
VERIFY_BACKUP_CODE = Endpoint(
    "POST /two-factor/verify-backup-code",
    name="verifyBackupCode",
    tag=TAG,
    summary="Use a backup code",
    caller=Caller.HANDLER,
    headers=COOKIES,
    body=VerifyBackupCodeBody,
    body_examples={"A code": {"code": "Ab3dE-fG7hJ"}},
    responses={"Signed in, or confirmed": _SESSION, "No session": FactorVerifiedView(user=ADA)},
    refuses=(
        *_SIGN_IN,
        BackupCodesNotEnabled,
        InvalidBackupCode,
        BackupCodesChanged,
        SecondFactorUnreadable,
    ),
    rate_rule=_RATE,
)
