"""Creates the mailer of the settings."""

import logging
import sys

from ..settings.settings import Settings
from ..settings.smtp_url import get_sender, parse_smtp_url
from .mailer import Mailer, Message
from .outbox import Outbox

_log = logging.getLogger("better_auth.mail")


def open_mailer(settings: Settings) -> Mailer | None:
    """Returns the mailer, or None without one. Does not connect. Raises `SmtpUrlError`."""
    if settings.smtp_url is None:
        return None
    server = parse_smtp_url(settings.smtp_url)
    if server is None:
        _log.warning("SMTP_URL is console: mails are printed here with their links, and not sent")
        return ConsoleMailer()
    from .smtp import SmtpDelivery  # noqa: PLC0415 - aiosmtplib, only with SMTP_URL

    return Outbox(SmtpDelivery(server, get_sender(settings.mail_from, settings.smtp_url)))


class ConsoleMailer:
    """Writes each message, with the link in it, to standard output."""

    def send(self, message: Message) -> None:
        sys.stdout.write(
            f"--- mail to {message.to!r}: {message.subject}\n{message.text.rstrip()}\n---\n"
        )
        sys.stdout.flush()

    async def close(self) -> None:
        """Does nothing: no mail is waiting."""
