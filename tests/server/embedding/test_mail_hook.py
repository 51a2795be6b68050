"""A hook of the application sends the mails that the settings ask for."""

import pytest

from app import BetterAuth, Message, Settings, SettingsError
from app.settings.options import EmailAndPasswordOptions
from tests.support.secret import STRONG_SECRET

pytestmark = pytest.mark.anyio


@pytest.fixture
def auth(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> BetterAuth:
    """With a plugin that cannot be without mail, and without a mail server."""
    monkeypatch.delenv("BETTER_AUTH_TEST_POSTGRES", raising=False)
    monkeypatch.setenv("BETTER_AUTH_SECRET", STRONG_SECRET)
    monkeypatch.setenv("BETTER_AUTH_PLUGINS", "magic-link")
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    return BetterAuth.from_env()


async def test_plugin_that_needs_mail_takes_a_hook_that_is_registered_later(
    auth: BetterAuth,
) -> None:
    @auth.hooks.send_mail
    async def send(message: Message) -> None:
        pass

    async with auth.lifespan():
        assert auth.container.settings.sends_reset_password
        assert auth.container.auth_emails is not None


async def test_without_hook_and_mail_server_it_does_not_open(auth: BetterAuth) -> None:
    with pytest.raises(SettingsError, match="mail server"):
        async with auth.lifespan():
            pass


async def test_mails_are_off_without_hook_and_mail_server(sqlite_url: str) -> None:
    auth = BetterAuth(Settings(secret=STRONG_SECRET, database_url=sqlite_url))
    async with auth.lifespan():
        assert not auth.container.settings.sends_reset_password


async def test_mail_that_nothing_sends_is_named_as_an_option(sqlite_url: str) -> None:
    options = EmailAndPasswordOptions(send_reset_password=True)
    settings = Settings(secret=STRONG_SECRET, database_url=sqlite_url, email_and_password=options)
    auth = BetterAuth(settings)
    line = "email_and_password.send_reset_password needs a mail server: set smtp_url"
    with pytest.raises(SettingsError, match=line):
        async with auth.lifespan():
            pass
