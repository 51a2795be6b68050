"""The mailer that the settings ask for."""

import logging

from app.mail.console import ConsoleMailer
from app.mail.mailer import Mailer
from app.mail.outbox import Outbox
from app.mail.smtp import SmtpDelivery
from app.settings import Settings
from app.smtp_url import parse_smtp_url, sender_of

_log = logging.getLogger(__name__)


def open_mailer(settings: Settings) -> Mailer | None:
    """None where no mail is sent; connects to nothing yet. Raises `SmtpUrlError`."""
    if settings.smtp_url is None:
        return None
    server = parse_smtp_url(settings.smtp_url)
    if server is None:
        _log.warning("SMTP_URL is console: mail is printed here with its links, and not sent")
        return ConsoleMailer()
    return Outbox(SmtpDelivery(server, sender_of(settings.mail_from, settings.smtp_url)))
