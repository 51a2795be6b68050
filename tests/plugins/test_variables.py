"""The variables of a plugin's options follow from its id and their types."""

from typing import Annotated

import pytest
from msgspec import Struct

from app.auth.access_control import RolesOption
from app.plugins.plugin import AnyPlugin, Plugin
from app.server import plugins as server_plugins
from app.settings.environment import SettingsError, read_settings
from app.settings.option_types import Duration, Range, SecretText
from app.settings.settings import Settings
from app.settings.variables import Variables
from tests.support.secret import STRONG_SECRET

SECRET = {"BETTER_AUTH_SECRET": STRONG_SECRET}
DIGITS = "BETTER_AUTH_TWO_FACTOR_TOTP_OPTIONS_DIGITS"


class TotpOptions(Struct, frozen=True, kw_only=True):
    digits: Annotated[int, Range(6, 8)] = 6


class TwoFactorOptions(Struct, frozen=True, kw_only=True):
    totp_options: TotpOptions = TotpOptions()
    trust_device_max_age: Duration = 60
    key: SecretText | None = None
    roles: RolesOption | None = None


class TwoFactor(Plugin[TwoFactorOptions]):
    id = "two-factor"
    options = TwoFactorOptions


class ApiKeyOptions(Struct, frozen=True, kw_only=True):
    pass


class ApiKey(Plugin[ApiKeyOptions]):
    id = "api-key"
    options = ApiKeyOptions
    always_on = True


PLUGIN = TwoFactor()
INSTALLED: tuple[AnyPlugin, ...] = (PLUGIN, ApiKey())
VARIABLES = Variables(INSTALLED)


def read(**given: str) -> Settings:
    return read_settings(
        {**SECRET, "BETTER_AUTH_PLUGINS": "two-factor", **given}, None, variables=VARIABLES
    )


def fault(**given: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(**given)
    (line,) = caught.value.lines
    return line


def test_names_are_those_of_better_auth() -> None:
    of_plugin = [name for name in VARIABLES.options if "TWO_FACTOR" in name]
    assert of_plugin == [
        DIGITS,
        "BETTER_AUTH_TWO_FACTOR_TRUST_DEVICE_MAX_AGE",
        "BETTER_AUTH_TWO_FACTOR_KEY",
        "BETTER_AUTH_TWO_FACTOR_ROLES",
    ]


def test_types_say_what_a_value_may_be() -> None:
    given = {DIGITS: "8", "BETTER_AUTH_TWO_FACTOR_TRUST_DEVICE_MAX_AGE": "30d"}
    found = PLUGIN.get_options(read(**given))
    assert found == TwoFactorOptions(
        totp_options=TotpOptions(digits=8), trust_device_max_age=30 * 24 * 3600
    )
    assert fault(**{DIGITS: "9"}) == f"{DIGITS} must be a whole number from 6 to 8, not '9'"


def test_secret_is_never_shown_and_may_come_as_a_file(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    file = tmp_path_factory.mktemp("secrets") / "key"
    file.write_text("hunter2\n")
    found = PLUGIN.get_options(read(BETTER_AUTH_TWO_FACTOR_KEY_FILE=str(file)))
    assert found.key == "hunter2"
    assert "hunter\x01" not in fault(BETTER_AUTH_TWO_FACTOR_KEY="hunter\x01")


def test_misspelt_option_is_told_the_nearest() -> None:
    line = fault(BETTER_AUTH_TWO_FACTOR_TOTP_OPTIONS_DIGIT="8")
    assert line.endswith(f"did you mean {DIGITS}?")


def test_plugin_that_is_always_on_is_not_chosen() -> None:
    line = fault(BETTER_AUTH_PLUGINS="two-factor,api-key")
    assert line == "BETTER_AUTH_PLUGINS: 'api-key' is always on: remove it from the list"


@pytest.mark.parametrize("name", ["api-key", "two-factor", "nonsense"])
@pytest.mark.parametrize("installed", [(), (ApiKey(),)])
def test_without_an_optional_plugin_there_is_nothing_to_choose(
    installed: tuple[AnyPlugin, ...], name: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({**SECRET, "BETTER_AUTH_PLUGINS": name}, None, variables=Variables(installed))
    (line,) = caught.value.lines
    what = "names optional plugins, but no optional plugin is installed here: remove it"
    assert line == f"BETTER_AUTH_PLUGINS {what}"


def test_an_option_may_be_json_of_its_type() -> None:
    text = '{"admin": {"user": ["create", "list"]}, "user": {}}'
    options = PLUGIN.get_options(read(BETTER_AUTH_TWO_FACTOR_ROLES=text))
    assert options.roles == {"admin": {"user": ("create", "list")}, "user": {}}


@pytest.mark.parametrize("text", ["admin", "[]", '{"admin": ["create"]}', '{"a": {"b": [1]}}'])
def test_other_json_is_refused_with_an_example(text: str) -> None:
    line = fault(BETTER_AUTH_TWO_FACTOR_ROLES=text)
    example = 'must be JSON such as {"editor": {"project": ["create"]}} ('
    assert line.startswith(f"BETTER_AUTH_TWO_FACTOR_ROLES {example}")


def test_plugins_are_in_the_order_of_the_variable() -> None:
    def list_ids(chosen: str) -> list[str]:
        settings = server_plugins.read_settings({**SECRET, "BETTER_AUTH_PLUGINS": chosen}, None)
        return [plugin.id for plugin in settings.plugins]

    assert list_ids("username,last-login-method")[2:] == ["username", "last-login-method"]
    assert list_ids("last-login-method,username")[2:] == ["last-login-method", "username"]
    assert list_ids("username,username") == ["bearer", "jwt", "username"]
