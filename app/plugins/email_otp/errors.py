"""The refusals of the plugin, with the codes and messages of Better Auth 1.7.25."""

from ...models.errors import Refusal


class InvalidOtp(Refusal):
    status, code, message = 400, "INVALID_OTP", "Invalid OTP"


class OtpExpired(Refusal):
    status, code, message = 400, "OTP_EXPIRED", "OTP expired"


class TooManyAttempts(Refusal):
    """The code ends. The user must ask for another one."""

    status, code, message = 403, "TOO_MANY_ATTEMPTS", "Too many attempts"


class InvalidOtpType(Refusal):
    status, message = 400, "Invalid OTP type"


class OtpChangeEmailDisabled(Refusal):
    status, message = 400, "Change email with OTP is disabled"


class CurrentEmailOtpRequired(Refusal):
    status, message = 400, "OTP is required to verify current email"


class EmailInUse(Refusal):
    """Only for a client who has the code that was mailed to the address."""

    status, message = 400, "Email already in use"
