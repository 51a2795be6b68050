"""Calls mail the links that the endpoints mail."""

from collections.abc import AsyncIterator

import pytest

from app import BetterAuth, Refusal, User
from tests.server.embedding.api.opened import opened
from tests.support.asgi import call
from tests.support.audited import list_names
from tests.support.service import ORIGIN
from tests.support.smtp import Sink, link_in

pytestmark = pytest.mark.anyio


@pytest.fixture
async def auth(database_url: str, smtp_sink: Sink) -> AsyncIterator[BetterAuth]:
    url = f"smtp://127.0.0.1:{smtp_sink.port}"
    async with opened(
        database_url, smtp_url=url, mail_from="auth@example.com", trusted_origins=(ORIGIN,)
    ) as made:
        yield made


async def create(auth: BetterAuth) -> User:
    return await auth.api.create_user(email="ada@example.com", name="Ada")


async def read_link(sink: Sink, count: int = 1) -> str:
    mail = (await sink.arrived(count))[-1].get_body(("plain",))
    assert mail is not None
    return link_in(str(mail.get_content()))


async def test_a_verification_mail_verifies_the_address(auth: BetterAuth, smtp_sink: Sink) -> None:
    user = await create(auth)
    await auth.api.send_verification_email(user.id, callback_url="/welcome")
    path = (await read_link(smtp_sink)).removeprefix(auth.settings.origin)
    assert path.endswith("callbackURL=%2Fwelcome")
    assert (await call(auth, "GET", path)).status == 302
    assert (await auth.api.get_user(user.id)).email_verified
    with pytest.raises(Refusal) as raised:
        await auth.api.send_verification_email(user.id)
    assert raised.value.code == "EMAIL_ALREADY_VERIFIED"


async def test_a_reset_mail_leads_to_the_page(auth: BetterAuth, smtp_sink: Sink) -> None:
    user = await create(auth)
    await auth.api.request_password_reset(user.id, redirect_to=f"{ORIGIN}/reset")
    assert "/reset-password/" in await read_link(smtp_sink)
    await auth.container.background.finish()
    assert "reset_requested" in await list_names(auth.container.database)


async def test_a_link_to_another_site_is_refused(auth: BetterAuth) -> None:
    user, evil = await create(auth), "https://evil.example"
    with pytest.raises(Refusal) as raised:
        await auth.api.send_verification_email(user.id, callback_url=evil)
    assert raised.value.code == "INVALID_CALLBACK_URL"
    with pytest.raises(Refusal) as raised:
        await auth.api.request_password_reset(user.id, redirect_to=evil)
    assert raised.value.code == "INVALID_REDIRECT_URL"


async def test_without_a_mail_server_no_mail_can_be_sent(sqlite_url: str) -> None:
    async with opened(sqlite_url) as auth:
        user = await create(auth)
        with pytest.raises(Refusal) as raised:
            await auth.api.send_verification_email(user.id)
        assert raised.value.code == "VERIFICATION_EMAIL_NOT_ENABLED"
        with pytest.raises(Refusal) as raised:
            await auth.api.request_password_reset(user.id)
        assert raised.value.code == "RESET_PASSWORD_DISABLED"
