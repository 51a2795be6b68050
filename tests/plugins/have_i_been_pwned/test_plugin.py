import logging
from hashlib import sha1

import pytest

from app.models.tables import users
from app.plugins.have_i_been_pwned.plugin import PLUGIN, HaveIBeenPwnedOptions
from app.server.plugins import read_settings
from app.settings.environment import SettingsError
from tests.support import pwned_passwords
from tests.support.plugins import plugged
from tests.support.pwned_passwords import BREACHED, DOWN
from tests.support.secret import STRONG_SECRET
from tests.support.service import browser

pytestmark = pytest.mark.anyio


def options(**changed: object) -> HaveIBeenPwnedOptions:
    return HaveIBeenPwnedOptions(**{"range_url": pwned_passwords.serve(), **changed})  # type: ignore[arg-type]


async def test_breached_password_is_refused_and_makes_no_user(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, options()) as service:
        refused = await service.sign_up(password=BREACHED)
        assert (refused.status, refused.json()["code"]) == (400, "PASSWORD_COMPROMISED")
        assert await service.rows(users) == []
        assert (await service.sign_up()).status == 200


async def test_only_five_characters_of_the_hash_are_sent(sqlite_url: str) -> None:
    pwned_passwords.asked.clear()
    async with plugged(sqlite_url, PLUGIN, options()) as service:
        await service.sign_up(password="a password that nobody else has")
    digest = sha1(b"a password that nobody else has", usedforsecurity=False).hexdigest().upper()
    [(path, headers)] = pwned_passwords.asked
    assert path == f"/range/{digest[:5]}"
    assert headers["Add-Padding"] == "true"
    assert not any(digest[5:] in value for value in headers.values())


async def test_sign_in_never_asks(sqlite_url: str) -> None:
    off = options(enabled=False)
    async with plugged(sqlite_url, PLUGIN, off) as service:
        await service.sign_up(password=BREACHED)
    pwned_passwords.asked.clear()
    async with plugged(sqlite_url, PLUGIN, options()) as service:
        assert (await service.sign_in(password=BREACHED)).status == 200
    assert pwned_passwords.asked == []


async def test_refused_change_leaves_the_old_password(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, options()) as service:
        ada = browser(await service.sign_up(password="correct horse battery"))
        body = {"currentPassword": "correct horse battery", "newPassword": BREACHED}
        assert (await service.post("/change-password", body, ada)).status == 400
        assert (await service.sign_in(password="correct horse battery")).status == 200


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/range/", None])
async def test_password_that_cannot_be_checked_is_refused(
    sqlite_url: str, caplog: pytest.LogCaptureFixture, url: str | None
) -> None:
    changed = {} if url is None else {"range_url": url}
    with caplog.at_level(logging.ERROR, logger="better_auth.have_i_been_pwned"):
        async with plugged(sqlite_url, PLUGIN, options(**changed)) as service:
            refused = await service.sign_up(password=DOWN)
    assert refused.status == 500
    assert refused.json()["message"].startswith("Failed to check password. ")
    assert [each.getMessage() for each in caplog.records] == ["password not checked for breaches"]


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "https:///range/", "example.com"),
        *("https://[::1/range/", "http://h:x/range/", "https://example.com/range/#x"),
    ],
)
def test_url_that_is_no_api_stops_the_start(url: str) -> None:
    environ = {
        "BETTER_AUTH_SECRET": STRONG_SECRET,
        "BETTER_AUTH_PLUGINS": "have-i-been-pwned",
        "BETTER_AUTH_HAVE_I_BEEN_PWNED_RANGE_URL": url,
    }
    with pytest.raises(SettingsError) as stopped:
        read_settings(environ, dotenv=None)
    [line] = stopped.value.lines
    assert line.startswith("BETTER_AUTH_HAVE_I_BEEN_PWNED_RANGE_URL must be like https://")
