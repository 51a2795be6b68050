"""The `email-otp` plugin of Better Auth 1.7.25: codes by mail that sign in and verify addresses."""

from collections.abc import Iterator
from typing import Final

from ...settings.plugin_settings import MailTemplate
from ...settings.settings import Settings
from ...settings.validation import NEEDS_SMTP
from ..plugin import BuiltPlugin, Plugin, Services
from .options import EmailOtpOptions
from .requests import MAILS

_OVERRIDE: Final = "BETTER_AUTH_EMAIL_OTP_OVERRIDE_DEFAULT_EMAIL_VERIFICATION"


class EmailOtpPlugin(Plugin[EmailOtpOptions]):
    """The `email-otp` plugin."""

    id = "email-otp"
    options = EmailOtpOptions

    def list_mails(self, options: EmailOtpOptions) -> tuple[MailTemplate, ...]:
        """Returns a mail for each type of code."""
        return MAILS

    def get_longest_window(self, options: EmailOtpOptions) -> int:
        """Returns the window of its rate limit, in seconds."""
        return options.rate_limit.window

    def find_faults(self, settings: Settings) -> Iterator[str]:
        """Checks that mails can be sent."""
        if not settings.sends_mail:
            yield f"BETTER_AUTH_PLUGINS: email-otp {NEEDS_SMTP}"
        overrides = self.get_options(settings).override_default_email_verification
        if overrides and settings.email_verification.send_verification_email is False:
            yield (
                f"{_OVERRIDE} mails a code in place of the link: remove"
                " BETTER_AUTH_EMAIL_VERIFICATION_SEND_VERIFICATION_EMAIL=false"
            )

    def build(self, services: Services) -> BuiltPlugin:
        """Returns the endpoints, and the hooks that mail codes."""
        from .assembly import build_email_otp  # noqa: PLC0415 - only where it is on

        return build_email_otp(services, self.get_options(services.settings))


PLUGIN: Final = EmailOtpPlugin()
