from ipaddress import ip_network
from typing import Any

import pytest

from app.server.doctor.finding import Result
from app.server.doctor.settings_checks import (
    inspect_address,
    inspect_origins,
    inspect_proxies,
    inspect_secrets,
)
from app.settings.cookie_options import CookieAttributes
from app.settings.options import AdvancedOptions, IpAddressOptions, VersionedSecret
from app.settings.secrets import generate_secret
from app.settings.settings import Settings
from tests.server.doctor.findings import by_result, only, worst
from tests.support.secret import STRONG_SECRET

HTTPS = "https://auth.example.com"
TRUSTED = AdvancedOptions(ip_address=IpAddressOptions(trusted_proxies=(ip_network("10.0.0.0/8"),)))


def settings(url: str = HTTPS, **options: Any) -> Settings:
    return Settings(**{"secret": STRONG_SECRET, "url": url, "advanced": TRUSTED, **options})


def test_generated_secret_is_good_and_one_of_few_letters_is_not() -> None:
    for _ in range(50):
        assert only(inspect_secrets(settings(secret=generate_secret()))).result == Result.OK
    weak = only(inspect_secrets(settings(secret="abcdefgh" * 4 + "x")))
    assert weak.result == Result.WARNING
    assert "abcdefgh" not in weak.line
    assert "docs/secrets.md" in str(weak.remedy)


def test_weak_one_of_several_secrets_is_named_by_its_version() -> None:
    secrets = (VersionedSecret(2, generate_secret()), VersionedSecret(1, "abcdefgh" * 4 + "x"))
    found = only(inspect_secrets(settings(secret=secrets[0].value, secrets=secrets)))
    assert found.line.startswith("version 1 of BETTER_AUTH_SECRETS ")


@pytest.mark.parametrize(
    ("url", "secure", "expected"),
    [
        (HTTPS, None, Result.OK),
        ("http://localhost:8000", None, Result.OK),
        ("http://127.0.0.1:8000", True, Result.OK),
        ("http://app.localhost", None, Result.OK),
        ("http://[::1]:8000", None, Result.OK),
        ("http://auth.example.com", None, Result.WRONG),
        ("http://10.0.0.5", None, Result.WRONG),
        ("http://auth.example.com", True, Result.WRONG),
        (HTTPS, False, Result.WARNING),
    ],
)
def test_address_and_cookies(url: str, secure: bool | None, expected: Result) -> None:
    advanced = AdvancedOptions(use_secure_cookies=secure)
    assert worst(inspect_address(settings(url, advanced=advanced))) == expected


def test_secure_cookies_over_http_are_told() -> None:
    advanced = AdvancedOptions(use_secure_cookies=True)
    found = by_result(inspect_address(settings("http://auth.example.com", advanced=advanced)))
    assert any("browsers drop them" in line for line in found[Result.WRONG])


@pytest.mark.parametrize("switch", ["disable_csrf_check", "disable_origin_check"])
def test_checks_that_are_off_are_told(switch: str) -> None:
    advanced = AdvancedOptions(**{switch: True})  # type: ignore[arg-type]  # a table of options
    assert worst(inspect_address(settings(advanced=advanced))) == Result.WARNING


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        ("https://app.example.com", None),
        ("https://*.example.com", None),
        ("myapp://", None),
        ("http://localhost:3000", "any program on a user's machine"),
        ("http://app.example.com", "anybody on the way"),
        ("https://app.example.org", "another site"),
        ("https://*.vercel.app", "vercel.app"),
    ],
)
def test_trusted_origins_of_a_public_service(origin: str, told: str | None) -> None:
    found = only(inspect_origins(settings(trusted_origins=(origin,))))
    assert found.result == (Result.OK if told is None else Result.WARNING)
    assert told is None or told in found.line


def test_other_site_is_fine_with_cookies_that_are_sent_there() -> None:
    attributes = CookieAttributes(same_site="none")
    advanced = AdvancedOptions(default_cookie_attributes=attributes)
    origins = ("https://app.example.org",)
    assert only(inspect_origins(settings(advanced=advanced, trusted_origins=origins))).result == (
        Result.OK
    )


def test_origins_of_a_developer_are_fine() -> None:
    local = settings("http://localhost:8000", trusted_origins=("http://localhost:3000",))
    assert only(inspect_origins(local)).result == Result.OK


@pytest.mark.parametrize(
    ("url", "networks", "tracking", "expected"),
    [
        (HTTPS, ["10.0.0.0/8"], True, Result.OK),
        (HTTPS, [], False, Result.OK),
        (HTTPS, [], True, Result.WRONG),
        (HTTPS, ["10.0.0.0/8", "0.0.0.0/0"], True, Result.WRONG),
        (HTTPS, ["::/0"], True, Result.WRONG),
        ("http://localhost:8000", [], True, Result.OK),
    ],
)
def test_proxies_fit_the_address(
    url: str, networks: list[str], tracking: bool, expected: Result
) -> None:
    options = IpAddressOptions(
        trusted_proxies=tuple(map(ip_network, networks)), disable_ip_tracking=not tracking
    )
    chosen = settings(url, advanced=AdvancedOptions(ip_address=options))
    assert only(inspect_proxies(chosen)).result == expected


@pytest.mark.parametrize(
    ("url", "host", "expected"),
    [
        ("http://localhost:8000", "0.0.0.0", Result.WARNING),  # noqa: S104  # what is tested
        ("http://localhost:8000", "localhost", Result.OK),
        (HTTPS, "0.0.0.0", Result.OK),  # noqa: S104  # the same
    ],
)
def test_address_that_offers_http_to_the_network(url: str, host: str, expected: Result) -> None:
    assert only(inspect_proxies(settings(url, host=host))).result == expected
