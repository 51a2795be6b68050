"""The options of the `email-otp` plugin, with the names and defaults of Better Auth 1.7.25."""

from typing import Annotated, Literal

from msgspec import Struct, field

from ...settings.option_types import Range


class EmailOtpRateLimitOptions(Struct, frozen=True, kw_only=True):
    """At most `max` requests in `window` seconds, for each endpoint and client IP."""

    window: Annotated[int, Range(1)] = 60
    max: Annotated[int, Range(1)] = 3


class OtpChangeEmailOptions(Struct, frozen=True, kw_only=True):
    """`verify_current_email`: a code for the current address is needed, too."""

    enabled: bool = False
    verify_current_email: bool = False


class EmailOtpOptions(Struct, frozen=True, kw_only=True):
    """`expires_in` is in seconds, `otp_length` in digits.

    `allowed_attempts`: how many wrong codes end a code.
    """

    otp_length: Annotated[int, Range(4, 32)] = 6
    expires_in: Annotated[int, Range(1)] = 5 * 60
    allowed_attempts: Annotated[int, Range(1, 100)] = 3
    disable_sign_up: bool = False
    send_verification_on_sign_up: bool = False
    override_default_email_verification: bool = False
    store_otp: Literal["plain", "hashed", "encrypted"] = "plain"
    resend_strategy: Literal["rotate", "reuse"] = "rotate"
    change_email: OtpChangeEmailOptions = field(default_factory=OtpChangeEmailOptions)
    rate_limit: EmailOtpRateLimitOptions = field(default_factory=EmailOtpRateLimitOptions)
