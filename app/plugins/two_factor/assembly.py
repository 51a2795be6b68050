"""Creates the endpoints of second factors, what answers them, and the question after a password."""

from functools import partial
from typing import Final

from ...auth.crypto.secret_uses import EncryptedColumn, SecretUses
from ...auth.hooks import Hooks
from ..plugin import BuiltPlugin, Services
from .bodies import ChallengeView
from .endpoints import TAG
from .options import TwoFactorOptions
from .routes import TwoFactorRoutes
from .second_factor import SecondFactor
from .tables import two_factors

_ASKED: Final = {
    "A second factor is missing": ChallengeView(
        two_factor_redirect=True, two_factor_methods=["totp", "otp"]
    )
}
_SIGN_INS: Final = ("POST /sign-in/email", "POST /sign-in/username")
_RESET: Final = (
    "set the secret that encrypted them (an old one belongs into BETTER_AUTH_SECRETS); without it"
    " these users cannot pass their second factor"
)


def build_two_factor(
    services: Services, options: TwoFactorOptions, *, sends_codes: bool
) -> BuiltPlugin:
    """Returns the endpoints, and the question after the password."""
    own = SecondFactor(services, options, sends_codes=sends_codes)
    return BuiltPlugin(
        routes=TwoFactorRoutes(own).list_routes(),
        tags={TAG: "A code after the password: of an app, by mail, or a backup code."},
        more_responses=dict.fromkeys(_SIGN_INS, _ASKED),
        hooks=Hooks(second_factors=[own.ask]),
        make_secret_uses=partial(_make_secret_uses, services, options),
    )


def _make_secret_uses(services: Services, options: TwoFactorOptions) -> SecretUses:
    table = services.tables.make(two_factors)
    secrets = EncryptedColumn("secrets of authenticator apps", table, table.c.secret, _RESET)
    codes = EncryptedColumn("lists of backup codes", table, table.c.backupCodes, _RESET)
    is_encrypted = options.backup_code_options.store_backup_codes == "encrypted"
    return SecretUses(
        (secrets, codes) if is_encrypted else (secrets,),
        {"cookies of trusted devices": options.trust_device_max_age},
    )
