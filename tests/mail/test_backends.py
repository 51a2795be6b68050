import pytest

from app.mail.backends import open_mailer
from app.mail.outbox import Outbox
from app.settings.settings import Settings
from tests.support.smtp import link_in

from .test_outbox import LETTER, LINK

pytestmark = pytest.mark.anyio

SECRET = "x" * 32


async def test_without_a_server_there_is_no_mailer() -> None:
    assert open_mailer(Settings(secret=SECRET)) is None


async def test_mail_server_is_not_reached_before_it_is_needed() -> None:
    settings = Settings(secret=SECRET, smtp_url="smtp://nowhere.invalid", mail_from="a@b.co")
    assert isinstance(open_mailer(settings), Outbox)


async def test_console_prints_the_mail(capsys: pytest.CaptureFixture[str]) -> None:
    mailer = open_mailer(Settings(secret=SECRET, smtp_url="console:"))
    assert mailer is not None
    mailer.send(LETTER)
    await mailer.close()
    printed = capsys.readouterr().out
    assert LETTER.to in printed
    assert link_in(printed) == LINK
