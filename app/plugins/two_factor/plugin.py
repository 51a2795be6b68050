"""The `two-factor` plugin of Better Auth 1.7.25: a second factor after the password."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ...models.additional_fields import AdditionalField
from ...settings.option_types import TableNames
from ...settings.plugin_settings import MailTemplate
from ...settings.settings import Settings
from ...settings.validation import NEEDS_SMTP
from ..plugin import BuiltPlugin, Plugin, Services
from .challenges import TWO_FACTOR
from .mailed_codes import MAIL
from .options import OtpOptions, TwoFactorOptions
from .tables import BRANCH, ENABLED
from .trusted_devices import TRUST_DEVICE

_TEMPLATES: Final = Path(__file__).parent / "templates"
_PLACEHOLDERS: Final = frozenset({"name", "email", "site", "code", "lifetime"})
_VARIABLE: Final = "BETTER_AUTH_TWO_FACTOR"


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
        from .assembly import build_two_factor  # noqa: PLC0415 - only where it is on

        options = self.get_options(services.settings)
        sends_codes = _can_send_codes(services.settings, options)
        return build_two_factor(services, options, sends_codes=sends_codes)


def _can_send_codes(settings: Settings, options: TwoFactorOptions) -> bool:
    """Whether codes are mailed: unset, it follows from a mail server."""
    chosen = options.otp_options.send_otp
    return settings.sends_mail if chosen is None else chosen


PLUGIN: Final = TwoFactorPlugin()
