"""Creates the endpoints of codes by mail, what answers them, and the hooks."""

from ...auth.crypto.encryption import Cipher
from ...auth.hooks import Hooks
from ...web.rate_rule import Rule
from ..plugin import BuiltPlugin, Services
from .change_email import CodeEmailChange
from .codes import Codes
from .endpoints import TAG
from .options import EmailOtpOptions
from .requests import CodeRequests
from .reset import CodeReset
from .routes import CodeUses, EmailOtpRoutes
from .sign_in import CodeSignIn
from .verification import CodeVerification


def build_email_otp(services: Services, options: EmailOtpOptions) -> BuiltPlugin:
    """Returns the endpoints, and the hooks that mail codes."""
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
