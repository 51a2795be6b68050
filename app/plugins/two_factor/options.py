"""The options of the `two-factor` plugin, named after Better Auth's own."""

from typing import Annotated, Literal

from msgspec import Struct

from ...settings.option_types import ColumnNames, Range, TableNames


class TotpOptions(Struct, frozen=True, kw_only=True):
    """`twoFactor.totpOptions`: codes of authenticator apps. `period` is in seconds.

    `disable`: they are not offered.
    """

    digits: Annotated[int, Range(6, 8)] = 6
    period: Annotated[int, Range(1)] = 30
    allow_passwordless: bool | None = None
    disable: bool = False


class OtpOptions(Struct, frozen=True, kw_only=True):
    """`twoFactor.otpOptions`: codes by mail. `period` is in minutes.

    `send_otp` unset is on with a mail server.
    """

    send_otp: bool | None = None
    period: Annotated[int, Range(1, 24 * 60)] = 3
    digits: Annotated[int, Range(4, 20)] = 6
    allowed_attempts: Annotated[int, Range(1)] = 5
    store_otp: Literal["plain", "encrypted", "hashed"] = "plain"


class BackupCodeOptions(Struct, frozen=True, kw_only=True):
    """`twoFactor.backupCodeOptions`. `length` is in characters, without the hyphen."""

    amount: Annotated[int, Range(1, 100)] = 10
    length: Annotated[int, Range(8, 64)] = 10
    store_backup_codes: Literal["plain", "encrypted"] = "encrypted"
    allow_passwordless: bool | None = None


class AccountLockoutOptions(Struct, frozen=True, kw_only=True):
    """`twoFactor.accountLockout`: wrong codes in a row, of all sign-ins, until a pause."""

    enabled: bool = True
    max_failed_attempts: Annotated[int, Range(1)] = 10
    duration_seconds: Annotated[int, Range(1)] = 15 * 60


class FactorUserNames(Struct, frozen=True, kw_only=True):
    """`twoFactor.schema.user`: the name of the column `twoFactorEnabled`."""

    fields: ColumnNames | None = None


class FactorSchemaOptions(Struct, frozen=True, kw_only=True):
    """`twoFactor.schema`."""

    user: FactorUserNames = FactorUserNames()
    two_factor: TableNames = TableNames()


class TwoFactorOptions(Struct, frozen=True, kw_only=True):
    """The `two-factor` plugin. Ages of cookies are in seconds."""

    issuer: str | None = None
    two_factor_table: str | None = None
    skip_verification_on_enable: bool = False
    allow_passwordless: bool = False
    two_factor_cookie_max_age: Annotated[int, Range(1)] = 10 * 60
    trust_device_max_age: Annotated[int, Range(1)] = 30 * 24 * 3600
    totp_options: TotpOptions = TotpOptions()
    otp_options: OtpOptions = OtpOptions()
    backup_code_options: BackupCodeOptions = BackupCodeOptions()
    account_lockout: AccountLockoutOptions = AccountLockoutOptions()
    schema: FactorSchemaOptions = FactorSchemaOptions()
