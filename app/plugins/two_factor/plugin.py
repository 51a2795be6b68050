"""The `two-factor` plugin of Better Auth 1.7.25: a second factor after the password."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from ...auth.crypto.secret_uses import EncryptedColumn, SecretUses
from ...auth.hooks import Hooks
from ...models.additional_fields import AdditionalField
from ...settings.option_types import TableNames
from ...settings.plugin_settings import MailTemplate
from ...settings.settings import Settings
from ...settings.validation import NEEDS_SMTP
from ..plugin import BuiltPlugin, Plugin, Services
from .bodies import ChallengeView
from .challenges import TWO_FACTOR
from .endpoints import TAG
from .mailed_codes import MAIL
from .options import OtpOptions, TwoFactorOptions
from .routes import TwoFactorRoutes
from .second_factor import ENABLED, SecondFactor
from .tables import BRANCH, two_factors
from .trusted_devices import TRUST_DEVICE

_TEMPLATES: Final = Path(__file__).parent / "templates"
_PLACEHOLDERS: Final = frozenset({"name", "email", "site", "code", "lifetime"})
_ASKED: Final = {
    "A second factor is missing": ChallengeView(
        two_factor_redirect=True, two_factor_methods=["totp", "otp"]
    )
}
_SIGN_INS: Final = ("POST /sign-in/email", "POST /sign-in/username")
_VARIABLE: Final = "BETTER_AUTH_TWO_FACTOR"
_RESET: Final = (
    "set the secret that encrypted them (an old one belongs into BETTER_AUTH_SECRETS); without it"
    " these users cannot pass their second factor"
)


class TwoFactorPlugin(Plugin[TwoFactorOptions]):
    """The `two-factor` plugin."""

    id = "two-factor"
    options = TwoFactorOptions
    branches = (BRANCH,)
    cookies = (TWO_FACTOR, TRUST_DEVICE)
    lifts = frozenset({ENABLED})

    def list_user_fields(self, options: TwoFactorOptions) -> tuple[AdditionalField, ...]:
        """Returns the column that says who has a second factor."""
        names = options.schema.user.fields or {}
        column = AdditionalField(
            name=ENABLED,
            type="boolean",
            required=False,
            default_value=False,
            input=False,
            field_name=names.get(ENABLED),
        )
        return (column,)

    def list_table_names(self, options: TwoFactorOptions) -> dict[str, TableNames]:
        """Returns the names of `twoFactor`."""
        named = options.schema.two_factor
        name = options.two_factor_table or named.model_name
        return {"twoFactor": TableNames(model_name=name, fields=named.fields)}

    def list_mails(self, options: TwoFactorOptions) -> tuple[MailTemplate, ...]:
        """Returns the mail with a code."""
        return (MailTemplate(MAIL, _TEMPLATES, _PLACEHOLDERS, "code"),)

    def make_complete_options(self) -> TwoFactorOptions:
        """Returns options that offer codes by mail."""
        return TwoFactorOptions(otp_options=OtpOptions(send_otp=True))

    def find_faults(self, settings: Settings) -> Iterator[str]:
        """Checks that mails can be sent, and that there is a factor."""
        options = self.get_options(settings)
        if options.otp_options.send_otp and not settings.sends_mail:
            yield f"{_VARIABLE}_OTP_OPTIONS_SEND_OTP {NEEDS_SMTP}"
        if options.totp_options.disable and not _can_send_codes(settings, options):
            yield (
                f"{_VARIABLE}_TOTP_OPTIONS_DISABLE leaves no second factor: set SMTP_URL and"
                f" {_VARIABLE}_OTP_OPTIONS_SEND_OTP=true, or remove it"
            )
        for name in (options.schema.user.fields or {}).keys() - {ENABLED}:
            yield f"{_VARIABLE}_SCHEMA_USER_FIELDS: {name!r} is not {ENABLED}"
        named = options.schema.two_factor.model_name
        if options.two_factor_table is not None and named is not None:
            yield (
                f"{_VARIABLE}_TWO_FACTOR_TABLE and {_VARIABLE}_SCHEMA_TWO_FACTOR_MODEL_NAME name"
                " the same table: remove one of them"
            )

    def build(self, services: Services) -> BuiltPlugin:
        """Returns the endpoints, and the question after the password."""
        options, settings = self.get_options(services.settings), services.settings
        own = SecondFactor(services, options, sends_codes=_can_send_codes(settings, options))
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


def _can_send_codes(settings: Settings, options: TwoFactorOptions) -> bool:
    """Whether codes are mailed: unset, it follows from a mail server."""
    chosen = options.otp_options.send_otp
    return settings.sends_mail if chosen is None else chosen


PLUGIN: Final = TwoFactorPlugin()
