"""The bodies and responses of the endpoints."""

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from ...models.records import User
from ...web.input.validation import WireBody

_Password = Annotated[str, Meta(examples=["correct horse battery"])]
_Method = Annotated[
    Literal["otp", "totp"], Meta(description="An authenticator app, or codes by mail.")
]
_Issuer = Annotated[str, Meta(description="The name of the site in the app.")]
_Code = Annotated[str, Meta(examples=["012345"])]
_Trust = Annotated[bool, Meta(description="Ask this browser for no code for some time.")]

_NAMES: Final = {"totp_uri": "totpURI", "backup_codes": "backupCodes"}


class EnableBody(WireBody, frozen=True):
    """The body of `/two-factor/enable`."""

    password: _Password
    method: _Method = "totp"
    issuer: _Issuer | UnsetType = UNSET


class PasswordlessEnableBody(WireBody, frozen=True):
    """The same where users without a password may call (`allowPasswordless`)."""

    password: _Password | UnsetType = UNSET
    method: _Method = "totp"
    issuer: _Issuer | UnsetType = UNSET


class FactorPasswordBody(WireBody, frozen=True):
    """The body of endpoints that ask for the password."""

    password: _Password


class PasswordlessBody(WireBody, frozen=True):
    """The same where users without a password may call (`allowPasswordless`)."""

    password: _Password | UnsetType = UNSET


class VerifyCodeBody(WireBody, frozen=True):
    """The body of `/two-factor/verify-totp` and `/two-factor/verify-otp`."""

    code: _Code
    trust_device: _Trust | UnsetType = UNSET


class SendCodeBody(WireBody, frozen=True):
    """The body of `/two-factor/send-otp`."""

    trust_device: Annotated[bool, Meta(description="Not used.")] | UnsetType = UNSET


class VerifyBackupCodeBody(WireBody, frozen=True):
    """The body of `/two-factor/verify-backup-code`."""

    code: Annotated[str, Meta(examples=["Ab3dE-fG7hJ"])]
    disable_session: Annotated[bool, Meta(description="Start no session.")] | UnsetType = UNSET
    trust_device: _Trust | UnsetType = UNSET


class EnabledView(Struct, frozen=True, rename=_NAMES):
    """What `/two-factor/enable` responds. The URI and the codes are shown this once."""

    method: Literal["otp", "totp"]
    totp_uri: str | UnsetType = UNSET
    backup_codes: list[str] | UnsetType = UNSET


class TotpUriView(Struct, frozen=True, rename=_NAMES):
    """The URI for the QR code."""

    totp_uri: str


class FactorDone(Struct, frozen=True):
    """It is done."""

    status: Literal[True]


class NewCodesView(Struct, frozen=True, rename="camel"):
    """The new backup codes; the old ones are void."""

    status: Literal[True]
    backup_codes: list[str]


class FactorVerifiedView(Struct, frozen=True, kw_only=True):
    """The session that the code completed, or that the caller has. No `token` without one."""

    token: str | UnsetType = UNSET
    user: User


class ChallengeView(Struct, frozen=True, rename="camel"):
    """What sign-in responds in place of a session. The methods are those that this user has."""

    two_factor_redirect: Literal[True]
    two_factor_methods: list[str]
