"""The `email-otp` plugin of Better Auth 1.7.25: codes by mail that sign in and verify addresses."""

from collections.abc import Iterator
from typing import Final

from ...auth.crypto.encryption import Cipher
from ...auth.hooks import Hooks
from ...settings.plugin_settings import MailTemplate
from ...settings.settings import Settings
from ...settings.validation import NEEDS_SMTP
from ...web.rate_rule import Rule
from ..plugin import BuiltPlugin, Plugin, Services
from .change_email import CodeEmailChange
from .codes import Codes
from .endpoints import TAG
from .options import EmailOtpOptions
from .requests import MAILS, CodeRequests
from .reset import CodeReset
from .routes import CodeUses, EmailOtpRoutes
from .sign_in import CodeSignIn
from .verification import CodeVerification

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
        options = self.get_options(services.settings)
        cipher = Cipher(services.settings)
        codes = Codes(services.verifications, services.users, cipher, options)
        requests = CodeRequests(services, codes, options)
        uses = CodeUses(
            requests,
            CodeSignIn(services, codes, options),
            CodeVerification(services, codes),
            CodeReset(services, codes),
            CodeEmailChange(services, codes, requests, options.change_email),
        )
        rule = Rule(options.rate_limit.window, options.rate_limit.max)
        overrides = options.override_default_email_verification
        more = options.send_verification_on_sign_up and not overrides
        return BuiltPlugin(
            routes=EmailOtpRoutes(services, uses, rule).list_routes(),
            tags={TAG: "Codes by mail: the plugin `email-otp`."},
            hooks=Hooks(
                send_verification=[requests.verify_address] if overrides else [],
                send_on_sign_up=[requests.verify_new_address] if more else [],
            ),
        )


PLUGIN: Final = EmailOtpPlugin()
