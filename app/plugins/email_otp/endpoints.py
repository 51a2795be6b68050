"""The endpoints of the plugin, and what they read and answer."""

from typing import Annotated, ClassVar, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from ...auth.errors import (
    BannedUser,
    EmailIsTheSame,
    FailedToCreateUser,
    FieldNotAllowed,
    HashingOverloaded,
    InvalidEmail,
    MissingField,
    PasswordTooLong,
    PasswordTooShort,
    TwoFactorRequired,
    UserDisabled,
    UserNotFound,
)
from ...models.records import ADA, ADAS_SESSION, User
from ...web.endpoint import COOKIES, Caller, Endpoint
from ...web.input.validation import WireBody
from .codes import REFUSALS
from .errors import CurrentEmailOtpRequired, EmailInUse, InvalidOtpType, OtpChangeEmailDisabled

TAG = "Email OTP"
Address = Annotated[str, Meta(examples=[ADA.email])]
Code = Annotated[str, Meta(description="The mailed code.", examples=["123456"])]
Type = Annotated[
    Literal["email-verification", "sign-in", "forget-password", "change-email"],
    Meta(description="What the code is for."),
]


class OtpSendBody(WireBody, frozen=True):
    """The body of `/email-otp/send-verification-otp`."""

    email: Address
    type: Type


class OtpCheckBody(WireBody, frozen=True):
    """The body of `/email-otp/check-verification-otp`."""

    email: Address
    type: Type
    otp: Code


class OtpVerifyBody(WireBody, frozen=True):
    """The body of `/email-otp/verify-email`."""

    email: Address
    otp: Code


class OtpSignInBody(WireBody, frozen=True):
    """The body of `/sign-in/email-otp`. It may also contain additional fields of a new user."""

    roots: ClassVar[tuple[str, ...]] = ("object", "record")

    email: Address
    otp: Code
    name: Annotated[str, Meta(description="The name of a new user.")] | UnsetType = UNSET
    image: Annotated[str, Meta(description="The picture of a new user.")] | UnsetType = UNSET


class OtpResetRequestBody(WireBody, frozen=True):
    """The body of a request for a code that resets the password."""

    email: Address


class OtpResetBody(WireBody, frozen=True):
    """The body of `/email-otp/reset-password`."""

    email: Address
    otp: Code
    password: Annotated[str, Meta(examples=["correct horse battery"])]


class OtpChangeRequestBody(WireBody, frozen=True):
    """The body of `/email-otp/request-email-change`."""

    new_email: Annotated[str, Meta(examples=["ada@example.org"])]
    otp: Annotated[str, Meta(description="The code of the current address.")] | UnsetType = UNSET


class OtpChangeBody(WireBody, frozen=True):
    """The body of `/email-otp/change-email`."""

    new_email: Annotated[str, Meta(examples=["ada@example.org"])]
    otp: Code


class OtpSuccess(Struct, frozen=True):
    """The same for every address."""

    success: Literal[True]


class OtpVerified(Struct, frozen=True):
    """The response of a verification. `token` is null without a new session."""

    status: Literal[True]
    token: str | None
    user: User


class OtpSignedIn(Struct, frozen=True):
    """The response of a sign-in."""

    token: str
    user: User


SUCCESS = OtpSuccess(success=True)
_EMAIL, _OTP = {"email": ADA.email}, {"otp": "123456"}
_NEW_EMAIL = {"newEmail": "ada@example.org"}

SEND = Endpoint(
    "POST /email-otp/send-verification-otp",
    name="sendEmailVerificationOTP",
    tag=TAG,
    summary="Mail a code",
    body=OtpSendBody,
    body_examples={"To sign in": {**_EMAIL, "type": "sign-in"}},
    refuses_foreign_logins=True,
    responses={"Sent, or not": SUCCESS},
    refuses=(InvalidEmail, InvalidOtpType),
)
CHECK = Endpoint(
    "POST /email-otp/check-verification-otp",
    name="checkVerificationOTP",
    tag=TAG,
    summary="Check a code",
    body=OtpCheckBody,
    body_examples={"To sign in": {**_EMAIL, "type": "sign-in", **_OTP}},
    responses={"Right": SUCCESS},
    refuses=(InvalidEmail, *REFUSALS, UserNotFound),
)
VERIFY_EMAIL_OTP = Endpoint(
    "POST /email-otp/verify-email",
    name="verifyEmailWithOTP",
    tag=TAG,
    summary="Verify an address with a code",
    caller=Caller.HANDLER,
    body=OtpVerifyBody,
    body_examples={"Ada": {**_EMAIL, **_OTP}},
    responses={
        "Verified": OtpVerified(status=True, token=None, user=ADA),
        "Verified and signed in": OtpVerified(status=True, token=ADAS_SESSION.token, user=ADA),
    },
    headers=COOKIES,
    refuses=(InvalidEmail, *REFUSALS, UserNotFound, BannedUser, TwoFactorRequired, UserDisabled),
)
SIGN_IN_EMAIL_OTP = Endpoint(
    "POST /sign-in/email-otp",
    name="signInWithEmailOTP",
    tag=TAG,
    summary="Sign in with a code",
    body=OtpSignInBody,
    body_examples={"Ada": {**_EMAIL, **_OTP, "name": "Ada"}},
    responses={"Signed in": OtpSignedIn(ADAS_SESSION.token, ADA)},
    headers=COOKIES,
    refuses=(
        *REFUSALS,
        FieldNotAllowed,
        MissingField,
        FailedToCreateUser,
        BannedUser,
        TwoFactorRequired,
        UserDisabled,
    ),
)
REQUEST_RESET = Endpoint(
    "POST /email-otp/request-password-reset",
    name="requestPasswordResetWithEmailOTP",
    tag=TAG,
    summary="Mail a code to choose a new password",
    body=OtpResetRequestBody,
    body_examples={"Ada": _EMAIL},
    responses={"Sent, or not": SUCCESS},
    refuses=(InvalidEmail,),
)
FORGET_PASSWORD = Endpoint(
    "POST /forget-password/email-otp",
    name="forgetPasswordWithEmailOTP",
    tag=TAG,
    summary="The old name of /email-otp/request-password-reset",
    body=OtpResetRequestBody,
    body_examples={"Ada": _EMAIL},
    responses={"Sent, or not": SUCCESS},
    refuses=(InvalidEmail,),
)
RESET = Endpoint(
    "POST /email-otp/reset-password",
    name="resetPasswordWithEmailOTP",
    tag=TAG,
    summary="Choose a new password with a code",
    body=OtpResetBody,
    body_examples={"Ada": {**_EMAIL, **_OTP, "password": "correct horse battery"}},
    responses={"Set": SUCCESS},
    refuses=(
        InvalidEmail,
        PasswordTooShort,
        PasswordTooLong,
        *REFUSALS,
        UserNotFound,
        HashingOverloaded,
    ),
)
REQUEST_CHANGE = Endpoint(
    "POST /email-otp/request-email-change",
    name="requestEmailChangeWithEmailOTP",
    tag=TAG,
    summary="Mail a code to a new address",
    caller=Caller.STORED,
    body=OtpChangeRequestBody,
    body_examples={"Another": _NEW_EMAIL},
    responses={"Sent, or not": SUCCESS},
    refuses=(
        OtpChangeEmailDisabled,
        InvalidEmail,
        EmailIsTheSame,
        CurrentEmailOtpRequired,
        *REFUSALS,
    ),
)
CHANGE = Endpoint(
    "POST /email-otp/change-email",
    name="changeEmailWithEmailOTP",
    tag=TAG,
    summary="Change my address with a code",
    caller=Caller.STORED,
    body=OtpChangeBody,
    body_examples={"Another": {**_NEW_EMAIL, **_OTP}},
    responses={"Changed": SUCCESS},
    headers=COOKIES,
    refuses=(
        OtpChangeEmailDisabled,
        InvalidEmail,
        EmailIsTheSame,
        *REFUSALS,
        UserNotFound,
        EmailInUse,
    ),
)
