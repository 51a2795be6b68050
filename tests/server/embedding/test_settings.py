"""Settings of Python code are held to the rules of the environment."""

import os
from ipaddress import ip_network
from typing import Any

import pytest

from app import BetterAuth, Settings, SettingsError, enable_plugin
from app.plugins.jwt.options import JwtOptions
from app.plugins.two_factor.options import TwoFactorOptions
from app.settings.options import (
    AdvancedOptions,
    IpAddressOptions,
    SessionOptions,
    VersionedSecret,
)
from tests.support.secret import STRONG_SECRET

PROXIES: Any = ("10.0.0.0/8",)  # text instead of networks
OTHER_SECRET = "Zt8wR5yB1nC6dF0gH2sk3J9vQ2mX7pL4"


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"secret": ""}, "secret is empty: "),
        ({"secret": "short"}, "secret "),
        ({"url": "localhost:8000"}, "url must begin with http:// or https://"),
        ({"url": None}, "url has the wrong type: expected `str`, got `None`"),
        ({"workers": "4"}, "workers has the wrong type: expected `int`, got `str`"),
        ({"port": 0}, "port must be a whole number from 1 to 65535, not 0"),
        ({"base_path": "a b"}, "base_path must be a plain path such as /api/auth"),
        ({"log_format": "xml"}, "log_format has the wrong type: invalid enum value 'xml'"),
        ({"trusted_origins": ["https://a.example"]}, "trusted_origins must be a tuple"),
        ({"session": SessionOptions(expires_in=0)}, "session.expires_in must be a whole number"),
        (
            {"advanced": AdvancedOptions(ip_address=IpAddressOptions(trusted_proxies=PROXIES))},
            "advanced.ip_address.trusted_proxies must be a tuple of ipaddress.ip_network(…)",
        ),
        (
            {"plugins": (enable_plugin(JwtOptions(expiration_time=0)),)},
            "jwt.expiration_time must be a whole number from 1",
        ),
        ({"plugins": ("two-factor",)}, "plugins must be a tuple of what enable_plugin(…) returns"),
        ({"plugins": "two-factor"}, "plugins must be a tuple of what enable_plugin(…) returns"),
        ({"plugins": None}, "plugins must be a tuple of what enable_plugin(…) returns"),
    ],
)
def test_fault_is_one_line_that_names_the_option(options: dict[str, Any], line: str) -> None:
    with pytest.raises(SettingsError) as raised:
        BetterAuth(Settings(**{"secret": STRONG_SECRET, **options}))
    assert len(raised.value.lines) == 1
    assert str(raised.value).startswith(line)
    assert "short" not in str(raised.value).removeprefix("secret is only short")


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(SettingsError) as raised:
        BetterAuth(Settings(secret="short", url="nowhere"))
    assert [line.split()[0] for line in raised.value.lines] == ["secret", "url"]


def test_good_settings_are_completed_as_the_environment_does() -> None:
    proxies = (ip_network("10.0.0.0/8"),)
    auth = BetterAuth(
        Settings(
            secret=STRONG_SECRET,
            secrets=(VersionedSecret(2, OTHER_SECRET),),
            url="https://app.example.com/",
            advanced=AdvancedOptions(ip_address=IpAddressOptions(trusted_proxies=proxies)),
            plugins=(enable_plugin(TwoFactorOptions(issuer="Acme")),),
        )
    )
    settings = auth.settings
    assert settings.url == "https://app.example.com"
    assert [plugin.id for plugin in settings.plugins] == ["bearer", "jwt", "two-factor"]
    assert settings.secret == OTHER_SECRET
    assert settings.secrets[1] == VersionedSecret(None, STRONG_SECRET)


def test_options_of_no_plugin_are_refused() -> None:
    with pytest.raises(SettingsError, match="SessionOptions are not the options of a plugin"):
        enable_plugin(SessionOptions())


def test_settings_that_are_not_there_name_the_variable(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("BETTER_AUTH_")]:
        monkeypatch.delenv(name)
    with pytest.raises(SettingsError, match=r"^BETTER_AUTH_SECRET is missing: "):
        BetterAuth.from_env()
