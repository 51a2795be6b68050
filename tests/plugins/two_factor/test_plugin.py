"""The options of the plugin, what cannot be with them, and the sessions that it replaces."""

import pytest

from app.models.additional_fields import AdditionalField
from app.plugins.two_factor.options import TwoFactorOptions
from app.plugins.two_factor.plugin import PLUGIN
from app.server.plugins import read_settings
from app.settings.environment import SettingsError
from app.settings.options import SessionOptions
from app.settings.settings import Settings
from tests.plugins.two_factor.person import OPTIONS, Person
from tests.support.plugins import plugged
from tests.support.secret import STRONG_SECRET

pytestmark = pytest.mark.anyio

START = "BETTER_AUTH_TWO_FACTOR"


def read(**given: str) -> Settings:
    on = {"BETTER_AUTH_SECRET": STRONG_SECRET, "BETTER_AUTH_PLUGINS": "two-factor"}
    return read_settings({**on, **given}, None)


def fault(**given: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(**given)
    (line,) = caught.value.lines
    return line


def test_variables_set_the_options() -> None:
    given = {
        "ISSUER": "Example",
        "TOTP_OPTIONS_DIGITS": "8",
        "OTP_OPTIONS_STORE_OTP": "hashed",
        "BACKUP_CODE_OPTIONS_AMOUNT": "3",
        "ACCOUNT_LOCKOUT_DURATION_SECONDS": "60",
        "SCHEMA_TWO_FACTOR_FIELDS": '{"backupCodes": "rescue"}',
    }
    settings = read(**{f"{START}_{name}": value for name, value in given.items()})
    options = PLUGIN.get_options(settings)
    assert options.issuer == "Example"
    assert options.totp_options.digits == 8
    assert options.otp_options.store_otp == "hashed"
    assert options.backup_code_options.amount == 3
    assert options.account_lockout.duration_seconds == 60
    assert options.schema.two_factor.fields == {"backupCodes": "rescue"}
    assert PLUGIN.get_options(read()) == TwoFactorOptions()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"OTP_OPTIONS_SEND_OTP": "true"}, "_OTP_OPTIONS_SEND_OTP needs a mail server"),
        ({"TOTP_OPTIONS_DISABLE": "true"}, "_TOTP_OPTIONS_DISABLE leaves no second factor"),
        (
            {"SCHEMA_USER_FIELDS": '{"two_factor_enabled": "mfa"}'},  # nobody would be asked
            "_SCHEMA_USER_FIELDS: 'two_factor_enabled' is not twoFactorEnabled",
        ),
        ({"TOTP_OPTIONS_DIGITS": "9"}, "_TOTP_OPTIONS_DIGITS must be a whole number from 6 to 8"),
        ({"OTP_OPTIONS_STORE_OTP": "no"}, "_STORE_OTP must be plain or encrypted or hashed"),
        (
            {"TWO_FACTOR_TABLE": "a", "SCHEMA_TWO_FACTOR_MODEL_NAME": "b"},
            "name the same table: remove one of them",
        ),
        (
            {"SCHEMA_TWO_FACTOR_FIELDS": '{"code": "x"}'},
            "_SCHEMA_TWO_FACTOR_FIELDS: 'code' is not one of id, secret, backupCodes",
        ),
        (
            {"BACKUP_CODE_OPTIONS_CUSTOM_BACKUP_CODES_GENERATE": "x"},
            "is Better Auth's twoFactor.backupCodeOptions.customBackupCodesGenerate, which this",
        ),
    ],
)
def test_option_that_cannot_be_is_one_line(given: dict[str, str], said: str) -> None:
    assert said in fault(**{f"{START}_{name}": value for name, value in given.items()})


def test_codes_are_mailed_where_there_is_a_mail_server() -> None:
    fault_free = read(
        SMTP_URL="console:",
        BETTER_AUTH_TWO_FACTOR_TOTP_OPTIONS_DISABLE="true",
    )
    assert PLUGIN.get_options(fault_free).otp_options.send_otp is None


async def test_new_session_keeps_fields_without_a_default(sqlite_url: str) -> None:
    """Like `createSession` of the original, to which the old session is handed."""
    fields = (
        AdditionalField(name="device", type="string", required=False),
        AdditionalField(name="mood", type="string", required=False, default_value="calm"),
    )
    session = SessionOptions(additional_fields=fields)
    async with plugged(sqlite_url, PLUGIN, OPTIONS, session=session) as service:
        for field in fields:
            await service.execute(f'ALTER TABLE session ADD COLUMN "{field.name}" TEXT')
        ada = Person(service)
        await ada.sign_up()
        changed = await ada.post("/update-session", device="phone", mood="merry")
        assert changed.status == 200
        before = (await ada.get_session())["session"]
        await ada.enable()
        after = (await ada.get_session())["session"]
        assert (before["device"], before["mood"]) == ("phone", "merry")
        assert (after["device"], after["mood"]) == ("phone", "calm")
        assert after["token"] != before["token"]
        assert after["userAgent"] == before["userAgent"]
