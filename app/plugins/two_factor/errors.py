"""The refusals of the plugin, with the codes of `TWO_FACTOR_ERROR_CODES` (Better Auth 1.7.25)."""

from ...models.errors import Refusal


class OtpNotOffered(Refusal):
    status, code, message = 400, "OTP_NOT_CONFIGURED", "OTP is not available"


class OtpNotConfigured(Refusal):
    """A code was asked for. The original has another message there."""

    status, code, message = 400, "OTP_NOT_CONFIGURED", "otp isn't configured"


class OtpHasExpired(Refusal):
    """No code was sent, or it was used, or its time is over."""

    status, code, message = 400, "OTP_HAS_EXPIRED", "OTP has expired"


class TotpNotOffered(Refusal):
    status, code, message = 400, "TOTP_NOT_CONFIGURED", "TOTP is not available"


class TotpNotConfigured(Refusal):
    """A code was to be checked. The original has another message there."""

    status, code, message = 400, "TOTP_NOT_CONFIGURED", "totp isn't configured"


class TotpNotEnabled(Refusal):
    status, code, message = 400, "TOTP_NOT_ENABLED", "TOTP not enabled"


class TotpAlreadyEnabled(Refusal):
    status, code, message = 400, "TOTP_ALREADY_ENABLED", "TOTP is already enabled"


class TwoFactorNotEnabled(Refusal):
    status, code, message = 400, "TWO_FACTOR_NOT_ENABLED", "Two factor isn't enabled"


class BackupCodesNotEnabled(Refusal):
    status, code, message = 400, "BACKUP_CODES_NOT_ENABLED", "Backup codes aren't enabled"


class InvalidBackupCode(Refusal):
    status, code, message = 401, "INVALID_BACKUP_CODE", "Invalid backup code"


class BackupCodesChanged(Refusal):
    """Another request used or replaced a code at the same time."""

    status, code = 409, "FAILED_TO_VERIFY_BACKUP_CODE_PLEASE_TRY_AGAIN"
    message = "Failed to verify backup code. Please try again."


class InvalidCode(Refusal):
    status, code, message = 401, "INVALID_CODE", "Invalid code"


class TooManyCodes(Refusal):
    status, code = 400, "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE"
    message = "Too many attempts. Please request a new code."
    response_headers = ("Set-Cookie",)


class AccountTemporarilyLocked(Refusal):
    status, code = 429, "ACCOUNT_TEMPORARILY_LOCKED"
    message = (
        "Too many failed verification attempts. Your account is temporarily locked. Please try"
        " again later."
    )


class InvalidTwoFactorCookie(Refusal):
    """There is no challenge, or it is over."""

    status, code, message = 401, "INVALID_TWO_FACTOR_COOKIE", "Invalid two factor cookie"
    response_headers = ("Set-Cookie",)


class SessionNotCreated(Refusal):
    """The second factor was disabled after the password."""

    status, code, message = 400, "FAILED_TO_CREATE_SESSION", "Failed to create session"


class SecondFactorUnreadable(Refusal):
    """It was encrypted with another secret. The log says how to repair it."""

    status, code = 500, "SECOND_FACTOR_UNREADABLE"
    message = "The second factor cannot be read"
